import type { IDataObject } from 'n8n-workflow';

/** What can become of an item that did not succeed; users branch on these words. */
export type FailureCode =
	| 'invalid_input'
	| 'rejected_by_api'
	| 'not_authenticated'
	| 'not_permitted'
	| 'customer_not_found'
	| 'customer_ambiguous'
	| 'lookup_failed'
	| 'refused'
	| 'rate_limited'
	| 'not_reached'
	| 'not_sent'
	| 'outcome_unknown';

export interface FailureFacts {
	code: FailureCode;
	/** What happened, in one clause without a full stop; shown as the headline. */
	message: string;
	/** What it means for the customer's points, and what to do next. */
	description: string;
	/** The HTTP status of the answer, when there was one. */
	httpCode?: string;
	/** LoyaltyLion's own words, by field. */
	details?: Record<string, string>;
	/** What else the item says, by field. */
	more?: IDataObject;
}

/** Whose item it is; `null` stands for what could not be read or found out. */
export interface ItemSubject {
	/** Only where the customer is chosen by email. */
	email?: string;
	merchantId: string | null;
	points: number | null;
}

/** Why one item did not succeed, in the words that its user reads. */
export class ItemFailure extends Error {
	/**
	 * @param facts what is said of it
	 * @param subject whose item it is, as far as that could be read
	 * @param reason the item's reason, as far as there is one that could be read
	 */
	constructor(
		readonly facts: FailureFacts,
		readonly subject: ItemSubject = { merchantId: null, points: null },
		readonly reason: string | null = null,
	) {
		super(facts.message);
	}

	/** An outcome nobody knows is the only one after which points may be there all the same. */
	get pointsMayHaveBeenAdded(): boolean {
		return this.facts.code === 'outcome_unknown';
	}
}
