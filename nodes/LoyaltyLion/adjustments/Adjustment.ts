import type { ClockMark } from './ClockMark';

/**
 * What is done to a customer's points, and must not be done twice. The same object says whose they are and what is
 * done, from the fields of an item to the customer's history; what each kind has besides is in `kinds/`.
 */
export interface Adjustment {
	merchantId: string;
	/** Only where the customer is chosen by email. */
	email?: string;
	/** What it is done for once, whatever is run again. */
	onlyOncePer?: string;
}

/** When an adjustment was sent, and with what. */
export interface Sending {
	/** Stands for the credential it was sent with, without telling anything of it. */
	account: string;
	/** When it was sent, in ms since 1970 by this machine's clock. No two of a process have the same. */
	sentAt: number;
	/** When its outcome was known, or known to be unclear, by the same clock. */
	endedAt: number;
	/**
	 * Set when it was an earlier run that may have sent it, or may have stopped before: the times are those of
	 * when this was found out.
	 */
	byEarlierRun?: true;
}

/** An adjustment that was sent, and when. */
export type SentAdjustment<Of extends Adjustment> = Of & Sending;

/** What is known of an adjustment that was sent. */
export interface Knowledge {
	/** Whether it has certainly arrived. */
	hasArrived: boolean;
	/** What became of its second sending, if there was one. */
	secondSend?: SecondSend | undefined;
	/** The clock that its times are by; not kept with what n8n remembers of an item that is done. */
	clock?: ClockMark | undefined;
}

/** An adjustment of which this process knows, and what it knows of it. */
export type KnownAdjustment<Of extends Adjustment> = SentAdjustment<Of> & Knowledge;

/** What became of an adjustment that was sent a second time, as its history did not show it. */
export type SecondSend = 'refused' | 'mayHaveArrived' | 'bothArrived';

/** How many rows of its customer's history are an adjustment's own. */
export interface Rows {
	/** So many there are for certain, once LoyaltyLion shows them. */
	atLeast: number;
	/** More there cannot be. */
	atMost: number;
}

/**
 * Tells how many rows of its customer's history an adjustment can have.
 *
 * @param known what is known of it
 * @returns how many there are at the least, and at the most
 */
export function rowsOf({ hasArrived, secondSend }: Knowledge): Rows {
	if (secondSend === 'bothArrived') return { atLeast: 2, atMost: 2 };
	return { atLeast: hasArrived ? 1 : 0, atMost: secondSend === 'mayHaveArrived' ? 2 : 1 };
}

/**
 * Puts together what is known of one adjustment: a retry of an older execution may know less of it than a newer
 * one has found out.
 *
 * @param one what is known
 * @param other what else is known of the same adjustment
 * @returns all of it
 */
export function merged<Known extends Sending & Knowledge>(one: Known, other: Known): Known {
	const rank = ({ secondSend }: Knowledge) => (secondSend ? RANKS.indexOf(secondSend) : -1);
	return {
		...one,
		...other,
		endedAt: Math.max(one.endedAt, other.endedAt),
		hasArrived: one.hasArrived || other.hasArrived,
		clock: other.clock ?? one.clock,
		secondSend: rank(one) > rank(other) ? one.secondSend : other.secondSend,
	};
}

/**
 * @param known what is known of an adjustment
 * @returns the adjustment alone, and when it was sent
 */
export function sentOf<Of extends Adjustment>(known: KnownAdjustment<Of>): SentAdjustment<Of> {
	const sent: SentAdjustment<Of> & Partial<Knowledge> = { ...known };
	for (const name of ['hasArrived', 'secondSend', 'clock'] as const) delete sent[name];
	return sent;
}

/** The one that says most comes last. */
const RANKS: SecondSend[] = ['refused', 'mayHaveArrived', 'bothArrived'];

/**
 * Names the customer in the user's own words.
 *
 * @param adjustment whose points they are
 * @returns the email, where that is what the item carries, else the merchant ID
 */
export function customerOf({ email, merchantId }: Adjustment): string {
	return email ?? merchantId;
}
