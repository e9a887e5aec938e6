import type { IDataObject } from 'n8n-workflow';

/**
 * What can become of an item that did not succeed, whatever is done with it; users branch on these words.
 * What can only become of one kind of thing has a code that is told where that is looked for.
 */
export type GeneralCode =
	| 'invalid_input'
	| 'rejected_by_api'
	| 'not_authenticated'
	| 'not_permitted'
	| 'lookup_failed'
	| 'refused'
	| 'rate_limited'
	| 'not_reached'
	| 'not_sent'
	| 'outcome_unknown';

export interface FailureFacts {
	/** One of the general codes, or one that an operation has of its own. */
	code: GeneralCode | (string & {});
	/** What happened, in one clause without a full stop; shown as the headline. */
	message: string;
	/** What it means for the item, and what to do next. */
	description: string;
	/** The HTTP status of the answer, when there was one. */
	httpCode?: string;
	/** LoyaltyLion's own words, by field. */
	details?: Record<string, string>;
	/** What else the item says, by field. */
	more?: IDataObject;
}

/** Why one item did not succeed, in the words that its user reads. */
export class ItemFailure extends Error {
	/** @param facts what is said of it */
	constructor(readonly facts: FailureFacts) {
		super(facts.message);
	}

	/** An outcome nobody knows is the only one after which something may have changed all the same. */
	get isUnclear(): boolean {
		return this.facts.code === 'outcome_unknown';
	}
}
