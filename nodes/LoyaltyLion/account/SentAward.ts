import type { ClockMark } from './ClockMark';

/** An award that was sent, and when. */
export interface SentAward {
	merchantId: string;
	/** 1 to 1,000,000 */
	points: number;
	reason: string | null;
	/** Stands for the credential it was sent with, without telling anything of it. */
	account: string;
	/** When it was sent, in ms since 1970 by this machine's clock. No two awards of a process have the same. */
	sentAt: number;
	/** When its outcome was known, or known to be unclear, by the same clock. */
	endedAt: number;
}

/** An award of which it is known how many rows of its customer's history are its own. */
export interface KnownAward extends SentAward {
	rows: {
		/** So many there are for certain, once LoyaltyLion shows them. */
		atLeast: number;
		/** More there cannot be. */
		atMost: number;
	};
	/** The clock that its times are by; not kept with what n8n remembers of an item that has its points. */
	clock?: ClockMark;
}

/** What became of an award that was sent a second time, as its history did not show it. */
export type SecondSend = 'refused' | 'mayHaveArrived' | 'bothArrived';

/**
 * Tells how many rows of its customer's history an award can have.
 *
 * @param hasArrived whether it is known that it has arrived
 * @param secondSend what became of its second sending, if there was one
 * @returns how many there are at the least, and at the most
 */
export function rowsOf(
	hasArrived: boolean,
	secondSend: SecondSend | undefined,
): KnownAward['rows'] {
	if (secondSend === 'bothArrived') return { atLeast: 2, atMost: 2 };
	return { atLeast: hasArrived ? 1 : 0, atMost: secondSend === 'mayHaveArrived' ? 2 : 1 };
}
