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
	const ms = /^\s*\d+\s*$/.test(retryAfter)
		? Number(retryAfter) * 1000
		: Date.parse(retryAfter) - (date === undefined ? Date.now() : Date.parse(date));
	return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_WAIT_MS);
}
