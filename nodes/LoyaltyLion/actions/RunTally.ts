import type { IExecuteFunctions } from 'n8n-workflow';
import type { FailureCode, ItemFailure } from '../errors/ItemFailure';

/** Counts what has become of the items of one run, and says it in words. */
export class RunTally {
	private doneCount = 0;

	private readonly failureCounts = new Map<FailureCode, number>();

	/**
	 * @param itemCount how many items the run has
	 * @param done what happens to an item that succeeds, e.g. "got their points"
	 */
	constructor(
		private readonly itemCount: number,
		private readonly done: string,
	) {}

	/** Counts an item that succeeded. */
	countDone(): void {
		this.doneCount++;
	}

	/** @param failure why another item did not succeed */
	countFailure({ facts: { code } }: ItemFailure): void {
		this.failureCounts.set(code, (this.failureCounts.get(code) ?? 0) + 1);
	}

	/** @returns whether every item has succeeded */
	allDone(): boolean {
		return this.doneCount === this.itemCount;
	}

	/** @returns what had become of the other items when one fails and stops the run, two sentences */
	progress(): string {
		const left = this.itemCount - this.doneCount - 1;
		return `Items before it that ${this.done}: ${this.doneCount}. Items after it, not sent: ${left}.`;
	}

	/**
	 * Leaves one hint on the node when items failed, on hosts that show such hints.
	 *
	 * @param context the running node
	 */
	leaveHint(context: IExecuteFunctions): void {
		const failed = this.itemCount - this.doneCount;
		if (this.allDone() || typeof context.addExecutionHints !== 'function') return;
		context.addExecutionHints({
			message: this.summary(failed),
			type: 'warning',
			location: 'outputPane',
		});
	}

	private summary(failed: number): string {
		const unclear = this.failureCounts.get('outcome_unknown') ?? 0;
		const outcome = [
			`${this.doneCount} of ${items(this.itemCount)} ${this.done}`,
			...(failed > unclear ? [`${failed - unclear} did not`] : []),
			...(unclear > 0 ? [`for ${unclear} it is unclear`] : []),
		].join(', ');
		const advice =
			unclear > 0
				? ' Look at the points history in LoyaltyLion before you send the unclear ones again.'
				: '';
		return `${outcome}. ${this.commonestReason()}${advice}`;
	}

	private commonestReason(): string {
		const [commonest] = [...this.failureCounts].sort(([, a], [, b]) => b - a);
		if (!commonest) return '';
		const [code, count] = commonest;
		return `Most common reason: ${REASONS[code]} (${items(count)}).`;
	}
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
	rate_limited: "LoyaltyLion's limit of 20 requests a second",
	not_reached: 'LoyaltyLion could not be reached',
	not_sent: 'the execution was canceled',
	outcome_unknown: 'no clear answer from LoyaltyLion',
};

function items(count: number): string {
	return count === 1 ? '1 item' : `${count} items`;
}
