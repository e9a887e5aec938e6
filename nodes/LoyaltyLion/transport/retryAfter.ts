const MAX_WAIT_MS = 60_000;

/**
 * Reads how long an answer asks to wait: its `Retry-After` header is a number of seconds or a date (RFC
 * 9110, 10.2.3), and a date is to be understood by the server's own clock.
 *
 * @param headers the answer's `Retry-After` and `Date`, as far as they came
 * @returns milliseconds, 60,000 at the most; `undefined` when it asks for nothing, or not legibly
 */
export function retryAfterMs({
	retryAfter,
	date,
}: {
	retryAfter: string | undefined;
	date: string | undefined;
}): number | undefined {
	if (retryAfter === undefined) return undefined;
	const ms = /^\s*\d+(\.\d+)?\s*$/.test(retryAfter)
		? Number(retryAfter) * 1000
		: dateOf(retryAfter) - (date === undefined ? Date.now() : dateOf(date));
	return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_WAIT_MS);
}

/** Without the name of a month, `Date.parse` takes almost anything for a date. */
function dateOf(text: string): number {
	return /[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : NaN;
}
