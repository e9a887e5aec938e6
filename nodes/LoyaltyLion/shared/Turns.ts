import { untilAborted } from './time';

/** Lets what must not happen at the same time happen one after another, in the order in which it was asked for. */
export class Turns {
	private readonly last = new Map<string, Promise<unknown>>();

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
		const turn = after(this.last.get(key), signal, act);
		this.last.set(key, turn);
		try {
			return await turn;
		} finally {
			if (this.last.get(key) === turn) this.last.delete(key);
		}
	}
}

async function after<Result>(
	before: Promise<unknown> | undefined,
	signal: AbortSignal | undefined,
	act: () => Promise<Result>,
): Promise<Result> {
	if (before) await untilAborted(Promise.allSettled([before]), signal).catch(() => {});
	return await act();
}
