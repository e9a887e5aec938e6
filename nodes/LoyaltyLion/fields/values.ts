import { hasInvisible } from '../shared/plainText';
import { isEmpty, isEmptyList, unusableValue } from './InvalidInput';

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

/**
 * Reads an option that is one of a few.
 *
 * @param value what the field came to; nothing means the first
 * @param label the option's label, as the user sees it
 * @param choices the values that there are
 * @returns one of them
 * @throws {InvalidInput} for any other value
 */
export function readChoice<Choice extends string>(
	value: unknown,
	label: string,
	choices: [Choice, ...Choice[]],
): Choice {
	if ([undefined, null, ''].some((nothing) => nothing === value)) return choices[0];
	const choice = choices.find((each) => each === value);
	if (choice !== undefined) return choice;
	throw unusableValue(label, value, `${label} must be one of ${choices.join(', ')}.`);
}

/**
 * Reads several of a few, as the editor's list or an expression gives them.
 *
 * @param value what the field came to: one of them or a list of them; nothing means no choice
 * @param label the field's label, as the user sees it
 * @param choices the values that there are
 * @returns those that were chosen, or `undefined` where none is
 * @throws {InvalidInput} for any other value
 */
export function readChoices<Choice extends string>(
	value: unknown,
	label: string,
	choices: Choice[],
): Choice[] | undefined {
	if (isEmpty(value) || isEmptyList(value)) return undefined;
	const values: unknown[] = Array.isArray(value) ? value : [value];
	const chosen = values.map((one) => choices.find((choice) => choice === one));
	const known = chosen.filter((choice) => choice !== undefined);
	if (known.length === chosen.length) return known;
	const odd = values[chosen.indexOf(undefined)];
	throw unusableValue(label, odd, `${label} must be one of ${choices.join(', ')}, or several.`);
}

/**
 * Reads a text that a filter looks for.
 *
 * @param value what the field came to; a number is taken as its digits
 * @param label the field's label, as the user sees it
 * @param example what it can be
 * @returns the text without blanks around it, or `undefined` where it is empty
 * @throws {InvalidInput} for what is no text, is longer than any, or holds what nobody sees
 */
export function readText(value: unknown, label: string, example: string): string | undefined {
	if (isEmpty(value)) return undefined;
	const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
	const mustBe = `${label} must be one line of text with at most ${MAX_TEXT_CHARACTERS} characters, e.g. ${example}.`;
	if (typeof text !== 'string') throw unusableValue(label, value, mustBe);
	const trimmed = text.trim();
	if (hasInvisible(trimmed) || trimmed.length > MAX_TEXT_CHARACTERS)
		throw unusableValue(label, value, mustBe);
	return trimmed;
}

const MAX_TEXT_CHARACTERS = 254;

/**
 * Reads an option that is on or off.
 *
 * @param value what the field came to; nothing means off
 * @param label the option's label, as the user sees it
 * @returns whether it is on
 * @throws {InvalidInput} for anything but true and false, as such or as text
 */
export function readFlag(value: unknown, label: string): boolean {
	if (value === true || value === 'true') return true;
	if ([false, 'false', '', undefined, null].some((off) => off === value)) return false;
	throw unusableValue(label, value, `${label} must be true or false.`);
}
