import { pause } from '../shared/time';

/**
 * How long after a request whose answer got lost it is looked whether it has arrived, as LoyaltyLion may show it
 * late; the last look decides.
 */
export const LOOKS_AFTER_MS = [1000, 3000, 8000, 16_000, 30_000];

/**
 * Looks, again and again, whether a request has arrived, until that is known or the time is up.
 *
 * @param look looks once; must not throw
 * @param when since when: the time of the request, in ms since 1970 by this machine's clock; and what ends the looks
 * @returns what the first look that found something has found; nothing when none did
 */
export async function lookFor<Found extends object>(
	look: () => Promise<Found | undefined>,
	{ sentAt, signal }: { sentAt: number; signal: AbortSignal | undefined },
): Promise<Found | undefined> {
	// By time that passes, as the clock may be set meanwhile.
	const began = performance.now() - Math.max(0, Date.now() - sentAt);
	for (const after of LOOKS_AFTER_MS) {
		const wait = began + after - performance.now();
		if (wait < 0 && after !== LOOKS_AFTER_MS.at(-1)) continue;
		await pause(Math.max(wait, 0), signal);
		if (signal?.aborted) return undefined;
		const found = await look();
		if (found) return found;
	}
	return undefined;
}
