import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import type { FailureFacts, ItemSubject } from '../errors/ItemFailure';

/** What became of an item that must not be sent again: it was done, or nobody knows. */
export type Remembered =
	| { done: IDataObject }
	| { unclear: { facts: FailureFacts; subject: ItemSubject } };

/**
 * Remembers, over the tries of one run of the node, what became of each item. Retry On Fail and the
 * retry of a failed execution run all items again, also those that succeeded (n8n-core,
 * `workflow-execute.ts`); the node's context is what n8n keeps between the tries.
 *
 * An item is known by its place only. It is the same row in every try, though what its fields come to
 * can change from one to the next, e.g. a reason with the time in it.
 */
export class RunMemory {
	private readonly runs: Record<string, Record<string, Remembered>>;

	private readonly run: string;

	/** @param context the running node */
	constructor(context: IExecuteFunctions) {
		const node = context.getContext('node');
		this.runs = node.loyaltyLionRuns ??= {};
		this.run = String(context.evaluateExpression('{{ $runIndex }}', 0));
	}

	/**
	 * Looks an item up.
	 *
	 * @param itemIndex the input item, counted from 0
	 * @returns what became of it in an earlier try, if anything that counts
	 */
	recall(itemIndex: number): Remembered | undefined {
		return this.runs[this.run]?.[itemIndex];
	}

	/**
	 * Keeps what became of an item.
	 *
	 * @param itemIndex the input item, counted from 0
	 * @param item what became of it; must be JSON
	 */
	remember(itemIndex: number, item: Remembered): void {
		const items = (this.runs[this.run] ??= {});
		items[itemIndex] = item;
	}

	/** Forgets the run, once every item of it has succeeded and n8n will not try it again. */
	forget(): void {
		delete this.runs[this.run];
	}
}
