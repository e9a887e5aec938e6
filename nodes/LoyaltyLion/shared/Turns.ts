import { untilAborted } from './time';

/** Lets what must not happen at the same time happen one after another, in the order in which it was asked for. */
export class Turns {
	/** By key, when all who have asked so far have had their turns. */
	private readonly last = new Map<string, Promise<void>>();

	/**
	 * Waits for its turn, and takes it.
	 *
	 * @param key what must not happen at the same time has the same
	 * @param signal ends the wait; it must keep `act` from doing anything, too
	 * @param act what to do
	 * @returns what `act` returns
	 * @throws what `act` throws
	 */
	async take<Result>(
		key: string,
		signal: AbortSignal | undefined,
		act: () => Promise<Result>,
	): Promise<Result> {
		const before = this.last.get(key);
		const turn = after(before, signal, act);
		// Who does not wait for those in front any more must not let those behind go before them.
		const all = Promise.allSettled([before, turn]).then(() => {});
		this.last.set(key, all);
		try {
			return await turn;
		} finally {
			void all.then(() => {
				if (this.last.get(key) === all) this.last.delete(key);
			});
		}
	}
}

async function after<Result>(
	before: Promise<void> | undefined,
	signal: AbortSignal | undefined,
	act: () => Promise<Result>,
): Promise<Result> {
	if (before) await untilAborted(before, signal).catch(() => {});
	return await act();
}
