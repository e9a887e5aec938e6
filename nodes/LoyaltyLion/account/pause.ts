import { sleep } from 'n8n-workflow';
import { untilAborted } from '../shared/untilAborted';

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
