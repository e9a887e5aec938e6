/** How a customer is kept; one by whom nothing is said is a member without email. */
export interface Customer {
	email?: string | null;
	name?: string;
	/** True if not said. */
	enrolled?: boolean;
	guest?: boolean;
	blocked?: boolean;
	/** Whether the list gives no merchant ID for it. */
	withoutMerchantId?: boolean;
}

export interface Award {
	merchantId: string;
	points: number;
	reason: string | null;
}

export type Transaction = Record<string, unknown> & { created_at: string; points_approved: number };

/** A row of a history, as far as it can be shown otherwise. */
export interface HistoryRow {
	points_approved: number;
	points_pending: number;
	created_at: string;
}

/** What an operation may know of the shop, and do to it. */
export interface Shop {
	/** By merchant ID. */
	readonly customers: Record<string, Customer>;
	/** Those awards that balances show. */
	readonly shownInBalances: readonly Award[];
	/** Whether the filter by email minds the case; LoyaltyLion does not say. */
	readonly filterIgnoresCase: boolean;
	/** Whether it says which program a credential belongs to. */
	readonly tellsProgram: boolean;
	/** What the history says of an award; LoyaltyLion does not promise anything. */
	readonly describeAdjustment: (award: Award) => Record<string, unknown>;
	/** How the history shows a row; LoyaltyLion does not promise everything. */
	readonly showRow: <Shown extends HistoryRow>(row: Shown) => Shown;
	/** What else the head of a history says. */
	readonly historyHeaders: Record<string, string>;
	/** How a customer's transactions are shown; undefined for as they are. */
	readonly showTransactions: ((rows: Transaction[]) => unknown[]) | undefined;

	/** When an award happened, in ms since 1970 by the stand-in's clock. */
	awardedAt(award: Award): number;

	/** Every award that a look at a history can show, in the order in which it happened. */
	look(): readonly Award[];

	/** Whether a customer's history shows an award by now. */
	isInHistory(award: Award): boolean;

	/** Adds points. */
	award(award: Award): void;
}
