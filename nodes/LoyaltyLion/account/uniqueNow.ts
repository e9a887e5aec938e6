let last = 0;

/**
 * Tells the time.
 *
 * @returns ms since 1970 by this machine's clock, with fractions that make it another each time
 */
export function uniqueNow(): number {
	const now = Date.now();
	const wasSetBack = now < last - 1000;
	last = now > last || wasSetBack ? now : last + 0.001;
	return last;
}
