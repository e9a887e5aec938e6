/**
 * Takes a number as it is, and text only where it is written in the digits 0 to 9, so that nothing is
 * guessed at ("1,000", "1e3", "0x10"); blanks around the digits are forgiven, as forms leave them.
 *
 * @returns the number, which may still be NaN or infinite when `value` is; `undefined` for the rest
 */
export function numberFromDigits(value: unknown): number | undefined {
	if (typeof value === 'number') return value;
	if (typeof value === 'string' && /^[0-9]+$/.test(value.trim())) return Number(value);
	return undefined;
}
