/** As long a clock that was ahead has its say. */
const KEEP_MS = 10 * 60 * 1000;

/** By how much the clocks of LoyaltyLion's machines may differ, with the second that a `Date` leaves out. */
const SLACK_MS = 3000;

/**
 * LoyaltyLion's clock, as the `Date` headers of its answers tell it. An answer whose time lies before that
 * of others comes out of a cache on the way, and shows how things were then.
 */
export class ServerClock {
	/** The most it was ahead of this machine's, in ms. */
	private ahead = -Infinity;

	private seenAt = -Infinity;

	/** @param answer when an answer was given, by its `Date` header, and when it came, by this machine's clock */
	note({ date = '', answeredAt }: AnswerTimes): void {
		const ahead = Date.parse(date) - answeredAt;
		if (Number.isNaN(ahead)) return;
		if (ahead >= this.ahead || answeredAt - this.seenAt > KEEP_MS) {
			this.ahead = ahead;
			this.seenAt = answeredAt;
		}
	}

	/**
	 * @param answer the same of an answer that counts
	 * @returns whether it is older than it should be
	 */
	isStale({ date = '', answeredAt }: AnswerTimes): boolean {
		return Date.parse(date) - answeredAt < this.ahead - SLACK_MS;
	}
}

interface AnswerTimes {
	date: string | undefined;
	answeredAt: number;
}
