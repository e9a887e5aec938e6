let last = 0;

/**
 * Tells the time.
 *
 * @returns ms since 1970 by this machine's clock, with fractions that make it another each time
 */
export function uniqueNow(): number {
	last = Math.max(Date.now(), last + 0.001);
	return last;
}
