import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { alikeKey, type Alike } from '../account/alike';
import type { SentAward } from '../account/SentAward';
import type { FailureFacts, ItemSubject } from '../errors/ItemFailure';

/** What was sent for an item, and when. */
export type ItemAward = SentAward & Pick<ItemSubject, 'email'>;

/** What became of an item that must not be sent blindly again. */
export interface Remembered {
	sent: ItemAward;
	/** Why nobody knows whether it arrived; nothing when it did. */
	unclear?: FailureFacts;
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
export class RunMemory {
	private readonly node: IDataObject & { loyaltyLionRuns?: Record<string, Items> };

	private readonly items: Items;

	/** The awards that have arrived, those alike under one key; made when it is first asked for. */
	private arrived: Map<string, ItemAward[]> | undefined;

	/** @param context the running node */
	constructor(context: IExecuteFunctions) {
		this.node = context.getContext('node');
		const run = String(context.evaluateExpression('{{ $runIndex }}', 0));
		this.items = this.node.loyaltyLionRuns?.[run] ?? {};
		// Once the next run has begun, as in a loop, n8n tries none of those before it again.
		this.node.loyaltyLionRuns = { [run]: this.items };
	}

	/**
	 * Looks an item up.
	 *
	 * @param itemIndex the input item, counted from 0
	 * @returns what became of it, if anything that counts
	 */
	recall(itemIndex: number): Remembered | undefined {
		return this.items[itemIndex];
	}

	/**
	 * Keeps what became of an item.
	 *
	 * @param itemIndex the input item, counted from 0
	 * @param item what became of it; must be JSON
	 */
	remember(itemIndex: number, item: Remembered): void {
		this.items[itemIndex] = item;
		if (this.arrived && !item.unclear) add(this.arrived, item.sent);
	}

	/** @param itemIndex an item that can be sent again, counted from 0 */
	forget(itemIndex: number): void {
		delete this.items[itemIndex];
	}

	/**
	 * @param award any award
	 * @returns the awards by the same points to the same customer that are known to have arrived
	 */
	alike(award: Alike): ItemAward[] {
		this.arrived ??= group(this.items);
		return this.arrived.get(alikeKey(award)) ?? [];
	}

	/** Forgets the run, once every item of it has succeeded and n8n will not try it again. */
	forgetAll(): void {
		this.node.loyaltyLionRuns = {};
	}
}

type Items = Record<string, Remembered>;

function group(items: Items): Map<string, ItemAward[]> {
	const groups = new Map<string, ItemAward[]>();
	for (const { sent, unclear } of Object.values(items)) {
		if (!unclear) add(groups, sent);
	}
	return groups;
}

function add(groups: Map<string, ItemAward[]>, sent: ItemAward): void {
	const key = alikeKey(sent);
	const alike = groups.get(key);
	if (alike) alike.push(sent);
	else groups.set(key, [sent]);
}
