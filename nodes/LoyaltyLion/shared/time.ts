import { sleep } from 'n8n-workflow';

/**
 * Lets time pass. n8n's `sleep` heeds a signal since n8n-workflow 2.34 only, so this does not rely on it.
 *
 * @param ms how long, in milliseconds
 * @param signal ends the pause early
 * @returns when the time is up or the signal has aborted; never throws
 */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
	await untilAborted(sleep(Math.ceil(ms), signal), signal).catch(() => {});
}

/**
 * Waits for something, but no longer than until a signal aborts.
 *
 * @param result what is waited for
 * @param signal ends the wait; without one, it ends with the result only
 * @returns the result
 * @throws the signal's reason when it aborts first, and what the result rejects with
 */
export async function untilAborted<Result>(
	result: Promise<Result>,
	signal: AbortSignal | undefined,
): Promise<Result> {
	if (!signal) return await result;
	let giveUp = () => {};
	const aborted = new Promise<never>((_resolve, reject) => {
		giveUp = () => reject(signal.reason as Error);
		signal.addEventListener('abort', giveUp, { once: true });
	});
	if (signal.aborted) giveUp();
	try {
		return await Promise.race([result, aborted]);
	} finally {
		signal.removeEventListener('abort', giveUp);
	}
}
