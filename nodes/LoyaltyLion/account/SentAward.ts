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
