/** A strict sliding window: in no stretch of one second are more requests let through than allowed. */
export class RateLimit {
	#times: number[] = [];

	/** How many were refused. */
	refused = 0;

	readonly requestsPerSecond: number;

	/** @param requestsPerSecond how many requests any second may hold; Infinity for no limit */
	constructor(requestsPerSecond: number) {
		this.requestsPerSecond = requestsPerSecond;
	}

	/**
	 * Takes one request, or refuses it; a refused one does not count.
	 *
	 * @param now milliseconds on any clock that does not go back
	 */
	take(now: number) {
		if (this.requestsPerSecond === Infinity) return true;
		this.#times = this.#times.filter((time) => time > now - 1000);
		if (this.#times.length >= this.requestsPerSecond) {
			this.refused++;
			return false;
		}
		this.#times.push(now);
		return true;
	}
}
