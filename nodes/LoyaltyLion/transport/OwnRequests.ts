/** A request that this process sent. */
export interface OwnRequest {
	/** When it went out. */
	at: number;
	/** When its answer came. */
	answeredAt?: number;
}

/** In which LoyaltyLion counts. */
export const SECOND_MS = 1000;

/** The shortest round trip that is known may be a little longer than the shortest there can be. */
export const SURE_MS = 4;

/**
 * Tells whether the requests of this process can have filled a second by themselves, though more than a second
 * lay between them when they went out. All times are in ms.
 *
 * When a request arrived is not known, but how long its answer took, compared with the shortest round trip of
 * the last seconds: by so much at the most it arrived late.
 */
export class OwnRequests {
	/** Of the last seconds, without those that were refused; oldest first. */
	private requests: OwnRequest[] = [];

	private shortestBefore = Infinity;

	private shortestLately = Infinity;

	private since = -Infinity;

	/** @param request goes out now */
	add(request: OwnRequest): void {
		this.requests.push(request);
		while ((this.requests[0]?.at ?? Infinity) < request.at - KEEP_MS) this.requests.shift();
	}

	/** @param request was refused, and so does not count */
	remove(request: OwnRequest): void {
		const index = this.requests.lastIndexOf(request);
		if (index >= 0) this.requests.splice(index, 1);
	}

	/**
	 * Takes note that a request was taken.
	 *
	 * @param request which one
	 * @param now when its answer came
	 * @returns whether no round trip of the last seconds was shorter
	 */
	answered(request: OwnRequest, now: number): boolean {
		if (now - this.since > KEEP_MS) {
			this.shortestBefore = this.shortestLately;
			this.shortestLately = Infinity;
			this.since = now;
		}
		this.shortestLately = Math.min(this.shortestLately, now - request.at);
		request.answeredAt = now;
		return now - request.at <= this.shortest;
	}

	/**
	 * @param request one that was sent
	 * @returns how late it can have arrived; nothing, as long as it is not answered
	 */
	lateness({ at, answeredAt }: OwnRequest): number {
		return answeredAt === undefined ? -Infinity : Math.max(0, answeredAt - at - this.shortest);
	}

	/**
	 * @param refused a request that was refused
	 * @param now when its answer came
	 * @param limit how many a second can hold
	 * @returns when one could have gone out that would have found room, if those of this process can have filled
	 *   the second before its arrival
	 */
	roomAfter(refused: OwnRequest, now: number, limit: number): number | undefined {
		const latest = Math.max(refused.at, now - this.shortest);
		return this.roomAt(refused.at, now, limit) ?? this.roomAt(latest, now, limit);
	}

	private roomAt(arrival: number, now: number, limit: number): number | undefined {
		const inSecond = this.requests
			.filter(({ at }) => at <= arrival)
			.map(({ at, answeredAt = now }) => Math.max(at, answeredAt - this.shortest))
			.map((latest) => latest + SECOND_MS + SURE_MS)
			.filter((roomAt) => roomAt > arrival);
		if (inSecond.length < limit) return undefined;
		return inSecond.sort((one, other) => other - one)[limit - 1];
	}

	/** The shortest round trip of the last seconds; Infinity when there was none. */
	private get shortest(): number {
		return Math.min(this.shortestBefore, this.shortestLately);
	}
}

/** How long requests and the shortest round trip are known. */
const KEEP_MS = 5000;
