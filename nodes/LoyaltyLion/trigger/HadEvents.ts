import { untilAborted } from '../shared/time';

/** As much of the answer to a delivery as is needed here. */
export interface DeliveryAnswer {
	statusCode: number;
	writableFinished: boolean;
	/** Whether nobody can be given it any more. */
	destroyed: boolean;
	once(event: 'close', listener: () => void): unknown;
}

/** So many events are remembered, the newest. */
const MAX_EVENTS = 10_000;

/** So many triggers have their events remembered, those that were used last. */
const MAX_TRIGGERS = 1000;

/** LoyaltyLion waits 5 seconds for an answer (Admin API, Webhooks). */
const MAX_WAIT_MS = 3000;

/**
 * Remembers which events a trigger has had, as LoyaltyLion may deliver one several times. An event counts as had once
 * its delivery was answered with a success: before, LoyaltyLion delivers it again, and it has to be taken then.
 */
export class HadEvents {
	/** By the event's ID, whether its delivery ended so. */
	private readonly events = new Map<string, Promise<boolean>>();

	/**
	 * Takes an event, unless it was had.
	 *
	 * @param id the event's
	 * @param answer the answer to this delivery, which is still to be given
	 * @returns `new` when it is to be taken now; `underWay` when another delivery of it is not answered yet, or nobody
	 *   waits for this answer any more
	 */
	async take(id: string, answer: DeliveryAnswer): Promise<'new' | 'had' | 'underWay'> {
		const patience = AbortSignal.timeout(MAX_WAIT_MS);
		for (;;) {
			const earlier = this.events.get(id);
			if (!earlier) {
				// It comes again, as it was not answered; so it is not to be taken for nobody.
				if (answer.destroyed) return 'underWay';
				this.begin(id, answer);
				return 'new';
			}
			const wasHad = await untilAborted(earlier, patience).catch(() => undefined);
			if (wasHad === undefined) return 'underWay';
			if (wasHad) return 'had';
		}
	}

	private begin(id: string, answer: DeliveryAnswer): void {
		const wasHad = endsWithSuccess(answer);
		this.events.set(id, wasHad);
		forgetFirst(this.events, MAX_EVENTS);
		void wasHad.then((isSuccess) => {
			// It may have been forgotten, and a later delivery taken.
			if (!isSuccess && this.events.get(id) === wasHad) this.events.delete(id);
		});
	}
}

/**
 * @param trigger stands for one trigger of one workflow
 * @returns what this process remembers of it
 */
export function hadEventsOf(trigger: string): HadEvents {
	const had = TRIGGERS.get(trigger) ?? new HadEvents();
	TRIGGERS.delete(trigger);
	TRIGGERS.set(trigger, had);
	forgetFirst(TRIGGERS, MAX_TRIGGERS);
	return had;
}

const TRIGGERS = new Map<string, HadEvents>();

async function endsWithSuccess(answer: DeliveryAnswer): Promise<boolean> {
	await new Promise<void>((resolve) => answer.once('close', resolve));
	return answer.writableFinished && answer.statusCode >= 200 && answer.statusCode < 300;
}

/** A map keeps its order: what was put in first comes first. */
function forgetFirst(map: Map<string, unknown>, max: number): void {
	for (const key of map.keys()) {
		if (map.size <= max) return;
		map.delete(key);
	}
}
