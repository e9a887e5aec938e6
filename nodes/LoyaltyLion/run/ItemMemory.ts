import type { IContextObject } from 'n8n-workflow';
import { isLooseToolCall } from '../shared/tools';
import type { Run } from './Run';

/**
 * Remembers, over the tries of one run of the node, what became of each item. Retry On Fail and the retry of a
 * failed execution run all items again, also those that succeeded (n8n-core, `workflow-execute.ts`); the node's
 * context is what n8n keeps between the tries.
 *
 * An item is known by its place only: it is the same row in every try, though what its fields come to can change.
 */
export class ItemMemory<Remembered extends object> {
	private readonly items: Record<string, Remembered>;

	/**
	 * @param run the run
	 * @param place where the execution keeps it. No two operations keep it in the same place, as a node may have been
	 *   set from one to another before its execution is retried
	 */
	constructor(run: Run, place: string) {
		const { context } = run;
		// What one such call did says nothing of another, and n8n tries none again unless it throws.
		const node: IContextObject = isLooseToolCall(context) ? {} : context.getContext('node');
		const index = String(context.evaluateExpression('{{ $runIndex }}', 0) as number);
		const runs = node[place] as Record<string, Record<string, Remembered>> | undefined;
		this.items = runs?.[index] ?? {};
		// Once the next run has begun, as in a loop, n8n tries none of those before it again.
		node[place] = { [index]: this.items };
		run.whenAllDone(() => {
			node[place] = {};
		});
	}

	/**
	 * @param itemIndex the input item, counted from 0
	 * @returns what became of it in an earlier try, if anything that counts
	 */
	recall(itemIndex: number): Remembered | undefined {
		return this.items[itemIndex];
	}

	/**
	 * @param itemIndex the input item, counted from 0
	 * @param remembered what became of it; must be JSON
	 */
	remember(itemIndex: number, remembered: Remembered): void {
		this.items[itemIndex] = remembered;
	}

	/** @param itemIndex an item that can be sent again, counted from 0 */
	forget(itemIndex: number): void {
		delete this.items[itemIndex];
	}
}
