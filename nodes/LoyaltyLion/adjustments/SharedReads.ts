/**
 * Reads that serve all who want the same at the time: one at a time for each thing that is read, and
 * whoever comes while one is on its way shares the next.
 */
export class SharedReads<Result> {
	private readonly running = new Map<string, Promise<Result>>();

	private readonly next = new Map<string, Reading<Result>>();

	/**
	 * Reads something, or takes part in somebody else's reading that has not begun yet.
	 *
	 * @param key what is read
	 * @param since how far back it has to reach
	 * @param read reads it, as far back as it is told
	 * @returns what was read, by this `read` or by that of another
	 * @throws what that one throws
	 */
	async read(
		key: string,
		since: number,
		read: (since: number) => Promise<Result>,
	): Promise<Result> {
		const shared = this.next.get(key);
		if (shared) {
			shared.reach.since = Math.min(shared.reach.since, since);
			return await shared.result;
		}
		const reach = { since };
		const result = this.begin(key, async () => await read(reach.since));
		this.next.set(key, { reach, result });
		return await result;
	}

	/** Begins once the reading before has come to its end. */
	private async begin(key: string, read: () => Promise<Result>): Promise<Result> {
		await Promise.allSettled([this.running.get(key)]);
		this.next.delete(key);
		const result = read();
		this.running.set(key, result);
		try {
			return await result;
		} finally {
			if (this.running.get(key) === result) this.running.delete(key);
		}
	}
}

interface Reading<Result> {
	/** How far back it has to reach, for all who share it. */
	reach: { since: number };
	result: Promise<Result>;
}
