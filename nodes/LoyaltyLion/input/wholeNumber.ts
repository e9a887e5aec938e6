/**
 * Reads a whole number, as a number or as text in the digits 0 to 9, so that nothing is guessed at
 * ("1,000", "1e3", "0x10"); blanks around the digits are forgiven, as forms leave them.
 *
 * @param value what a field came to
 * @param min the least that is allowed
 * @param max the most that is allowed
 * @returns the number, or `undefined` when the value is anything else
 */
export function wholeNumber(value: unknown, min: number, max: number): number | undefined {
	const number = typeof value === 'string' && /^[0-9]+$/.test(value.trim()) ? Number(value) : value;
	const fits =
		typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max;
	return fits ? number : undefined;
}
