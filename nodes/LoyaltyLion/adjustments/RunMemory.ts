import type { IContextObject, IExecuteFunctions } from 'n8n-workflow';
import type { FailureFacts } from '../errors/ItemFailure';
import { isLooseToolCall } from '../shared/tools';
import type { Adjustment, KnownAdjustment, SecondSend, SentAdjustment } from './Adjustment';
import type { ClockMark } from './ClockMark';
import type { Kind } from './Kind';

/** What became of an item that must not be sent blindly again. */
export interface Remembered<Of extends Adjustment> {
	sent: SentAdjustment<Of>;
	/** What became of its second sending, if there was one. */
	secondSend?: SecondSend;
	/** Why nobody knows whether it arrived; nothing when it did. */
	unclear?: FailureFacts;
	/** When it was sent, where that is unclear. */
	clock?: ClockMark;
}

/**
 * Remembers, over the tries of one run of the node, what became of each item. Retry On Fail and the
 * retry of a failed execution run all items again, also those that succeeded (n8n-core,
 * `workflow-execute.ts`); the node's context is what n8n keeps between the tries.
 *
 * An item is known by its place only. It is the same row in every try, though what its fields come to
 * can change from one to the next, e.g. a reason with the time in it. Items of which nothing is
 * remembered are tried again.
 */
export class RunMemory<Of extends Adjustment> {
	private readonly node: IContextObject;

	private readonly items: Items<Of>;

	/** The places of the items that are alike under one key; made when it is first asked for. */
	private places: Map<string, Set<string>> | undefined;

	/**
	 * @param context the running node
	 * @param kind that of all its adjustments
	 */
	constructor(
		context: IExecuteFunctions,
		private readonly kind: Kind<Of>,
	) {
		// What one such call did says nothing of another, and n8n tries none again unless it throws.
		this.node = isLooseToolCall(context) ? {} : context.getContext('node');
		const run = String(context.evaluateExpression('{{ $runIndex }}', 0) as number);
		const runs = this.node[kind.memory] as Record<string, Items<Of>> | undefined;
		this.items = runs?.[run] ?? {};
		// Once the next run has begun, as in a loop, n8n tries none of those before it again.
		this.node[kind.memory] = { [run]: this.items };
	}

	/**
	 * Looks an item up.
	 *
	 * @param itemIndex the input item, counted from 0
	 * @returns what became of it, if anything that counts
	 */
	recall(itemIndex: number): Remembered<Of> | undefined {
		return this.items[itemIndex];
	}

	/**
	 * Keeps what became of an item.
	 *
	 * @param itemIndex the input item, counted from 0
	 * @param item what became of it; must be JSON
	 */
	remember(itemIndex: number, item: Remembered<Of>): void {
		this.items[itemIndex] = item;
		if (this.places) this.addPlace(this.places, String(itemIndex), item);
	}

	/** @param itemIndex an item that can be sent again, counted from 0 */
	forget(itemIndex: number): void {
		delete this.items[itemIndex];
	}

	/**
	 * @param adjustment any adjustment
	 * @returns those like it that have arrived, or may have
	 */
	alike(adjustment: Of): KnownAdjustment<Of>[] {
		this.places ??= this.groupPlaces();
		const places = [...(this.places.get(this.kind.alikeKey(adjustment)) ?? [])];
		return places.flatMap((place) => {
			const item = this.items[place];
			if (!item) return [];
			const { sent, unclear, secondSend } = item;
			return [{ ...sent, hasArrived: !unclear, secondSend }];
		});
	}

	/** Forgets the run, once every item of it has succeeded and n8n will not try it again. */
	forgetAll(): void {
		this.node[this.kind.memory] = {};
	}

	private groupPlaces(): Map<string, Set<string>> {
		const places = new Map<string, Set<string>>();
		for (const [place, item] of Object.entries(this.items)) this.addPlace(places, place, item);
		return places;
	}

	private addPlace(
		places: Map<string, Set<string>>,
		place: string,
		{ sent }: Remembered<Of>,
	): void {
		const key = this.kind.alikeKey(sent);
		const alike = places.get(key) ?? new Set<string>();
		places.set(key, alike.add(place));
	}
}

type Items<Of extends Adjustment> = Record<string, Remembered<Of>>;
