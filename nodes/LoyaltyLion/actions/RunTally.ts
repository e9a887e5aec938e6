import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { ItemFailure, type FailureCode } from '../errors/ItemFailure';

/** How many items are named in a message. */
const MAX_NAMED = 10;

/** Says in words what has become of the items of one run. */
export class RunTally {
	private doneCount = 0;

	private readonly codes = new Map<number, FailureCode>();

	/** The first item that did not succeed, and why; one that was merely not sent any more comes last. */
	first: [ItemFailure, number] | undefined;

	/**
	 * @param itemCount how many items the run has
	 * @param done what happens to an item that succeeds, e.g. "got their points"
	 */
	constructor(
		private readonly itemCount: number,
		private readonly done: string,
	) {}

	/**
	 * Counts an item.
	 *
	 * @param itemIndex the input item, counted from 0
	 * @param result what it came to
	 */
	count(itemIndex: number, result: IDataObject | ItemFailure): void {
		if (!(result instanceof ItemFailure)) {
			this.doneCount++;
			return;
		}
		this.codes.set(itemIndex, result.facts.code);
		if (!this.first || rank(result, itemIndex) < rank(...this.first)) {
			this.first = [result, itemIndex];
		}
	}

	/** Whether every item has succeeded. */
	get allDone(): boolean {
		return this.doneCount === this.itemCount;
	}

	/**
	 * @returns what had become of all items when one failed and stopped the run, a few sentences; nothing when
	 *   there is no other item
	 */
	progress(): string {
		if (this.itemCount === 1) return '';
		const unclear = this.itemsWith((code) => code === 'outcome_unknown');
		const failed = this.itemsWith((code) => !['outcome_unknown', 'not_sent'].includes(code));
		const notSent = this.itemCount - this.doneCount - unclear.length - failed.length;
		return [
			`Items that ${this.done}: ${this.doneCount}.`,
			...(failed.length > 1 ? [`Failed: ${listed(failed)}.`] : []),
			...(unclear.length > 0 ? [`Unclear: ${listed(unclear)}.`] : []),
			`Not sent any more: ${notSent}.`,
		].join(' ');
	}

	/**
	 * Leaves one hint on the node when items failed, on hosts that show such hints.
	 *
	 * @param context the running node
	 */
	leaveHint(context: IExecuteFunctions): void {
		if (this.allDone || typeof context.addExecutionHints !== 'function') return;
		context.addExecutionHints({
			message: this.summary(),
			type: 'warning',
			location: 'outputPane',
		});
	}

	private summary(): string {
		const unclear = this.countOf('outcome_unknown');
		const failed = this.codes.size - unclear;
		const outcome = [
			`${this.doneCount} of ${items(this.itemCount)} ${this.done}`,
			...(failed > 0 ? [`${failed} did not`] : []),
			...(unclear > 0 ? [`for ${unclear} it is unclear`] : []),
		].join(', ');
		const advice =
			unclear > 0
				? ' Look at the points history in LoyaltyLion before you send the unclear ones again.'
				: '';
		return `${outcome}. ${this.commonestReason()}${advice}`;
	}

	private commonestReason(): string {
		const codes = [...new Set(this.codes.values())];
		const counts = codes.map((code) => ({ code, count: this.countOf(code) }));
		const [commonest] = counts.sort((a, b) => b.count - a.count);
		if (!commonest) return '';
		return `Most common reason: ${REASONS[commonest.code]} (${items(commonest.count)}).`;
	}

	private countOf(code: FailureCode): number {
		return [...this.codes.values()].filter((each) => each === code).length;
	}

	private itemsWith(has: (code: FailureCode) => boolean): number[] {
		const found = [...this.codes].filter(([, code]) => has(code));
		return found.map(([itemIndex]) => itemIndex).sort((a, b) => a - b);
	}
}

function rank({ facts }: ItemFailure, itemIndex: number): number {
	return facts.code === 'not_sent' ? Infinity : itemIndex;
}

const REASONS: Record<FailureCode, string> = {
	invalid_input: 'a field, or the Base URL, holds a value that cannot be used',
	rejected_by_api: 'LoyaltyLion did not accept the values',
	not_authenticated: 'the credential is missing, incomplete or not accepted',
	not_permitted: 'the API key lacks the write_customers scope',
	customer_not_found: 'LoyaltyLion has no such customer',
	customer_ambiguous: 'several LoyaltyLion customers have the same email',
	lookup_failed: 'LoyaltyLion could not be asked who the customer is',
	refused: 'LoyaltyLion refused, or the customer is blocked',
	rate_limited: 'LoyaltyLion took no more requests for a while',
	not_reached: 'LoyaltyLion could not be reached',
	not_sent: 'the execution was canceled',
	outcome_unknown: 'no clear answer from LoyaltyLion',
};

function items(count: number): string {
	return count === 1 ? '1 item' : `${count} items`;
}

function listed(itemIndexes: number[]): string {
	const named = itemIndexes.slice(0, MAX_NAMED).join(', ');
	const more = itemIndexes.length - MAX_NAMED;
	return `${itemIndexes.length === 1 ? 'item' : 'items'} ${named}${more > 0 ? ` and ${more} more` : ''}`;
}
