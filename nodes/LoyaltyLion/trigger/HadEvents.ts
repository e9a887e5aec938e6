import { untilAborted } from '../shared/time';

/** As much of the answer to a delivery as is needed here. */
export interface DeliveryAnswer {
	statusCode: number;
	/** Whether it has been given, even if to nobody. */
	writableEnded: boolean;
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
 * n8n has answered its delivery with a success, be it that nobody waits for the answer any more: n8n starts the
 * workflow before it answers, and that takes its time where executions have to wait for each other (n8n,
 * `webhook-helpers.ts`, `active-executions.ts`).
 */
export class HadEvents {
	/** By the event's ID, its delivery that was taken. */
	private readonly events = new Map<string, Taken>();

	/**
	 * Takes an event, unless it was had.
	 *
	 * @param id the event's
	 * @param answer the answer to this delivery, which is still to be given
	 * @returns `new` when it is to be taken now; `underWay` when n8n has not answered another delivery of it yet, or
	 *   nobody waits for this answer any more
	 */
	async take(id: string, answer: DeliveryAnswer): Promise<'new' | 'had' | 'underWay'> {
		const patience = AbortSignal.timeout(MAX_WAIT_MS);
		for (;;) {
			const earlier = this.events.get(id);
			if (!earlier || earlier.outcome() === 'failure') {
				// It comes again, as it was not answered; so it is not to be taken for nobody.
				if (answer.destroyed) return 'underWay';
				this.begin(id, answer);
				return 'new';
			}
			await untilAborted(earlier.closed, patience).catch(() => {});
			const outcome = earlier.outcome();
			if (outcome === 'success') return 'had';
			if (outcome === undefined) return 'underWay';
		}
	}

	private begin(id: string, answer: DeliveryAnswer): void {
		// What came last is remembered longest.
		this.events.delete(id);
		this.events.set(id, new Taken(answer));
		forgetFirst(this.events, MAX_EVENTS);
	}
}

/** A delivery that was taken, to start the workflow. */
class Taken {
	/** When nobody waits for its answer any more, whether it was given or not. */
	readonly closed: Promise<void>;

	/** Let go of once it has been given. */
	private answer: DeliveryAnswer | undefined;

	private known: 'success' | 'failure' | undefined;

	/** @param answer its answer */
	constructor(answer: DeliveryAnswer) {
		this.answer = answer;
		const closing = new Promise<void>((resolve) => answer.once('close', resolve));
		this.closed = closing.then(() => this.look());
	}

	/** @returns whether n8n has started the workflow; nothing as long as it has not answered */
	outcome(): 'success' | 'failure' | undefined {
		this.look();
		return this.known;
	}

	/** What is given to nobody is not told of. */
	private look(): void {
		if (!this.answer?.writableEnded) return;
		const { statusCode } = this.answer;
		this.known = statusCode >= 200 && statusCode < 300 ? 'success' : 'failure';
		this.answer = undefined;
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

/** A map keeps its order: what was put in first comes first. */
function forgetFirst(map: Map<string, unknown>, max: number): void {
	for (const key of map.keys()) {
		if (map.size <= max) return;
		map.delete(key);
	}
}
