import { hasInvisible } from '../shared/plainText';
import { unusableValue } from './InvalidInput';

/** Longer than any store's IDs; a longer address is cut off or refused on the way. */
const MAX_CHARACTERS = 255;

/**
 * Reads an ID that the store has given, and that has to stand in an address.
 *
 * @param value what the field came to; a number is taken as its digits
 * @param label what the user calls the ID
 * @param mustBe what it must be, a sentence
 * @returns the ID as text, leading zeros kept
 * @throws {InvalidInput} when it cannot be an ID, or would not reach LoyaltyLion unchanged
 */
export function readId(value: unknown, label: string, mustBe: string): string {
	if (typeof value === 'number') return readNumber(value, label, mustBe);
	const text = typeof value === 'string' ? value.trim() : '';
	if (text === '' || text === '.' || text === '..') throw unusableValue(label, value, mustBe);
	if (text.length > MAX_CHARACTERS) {
		throw unusableValue(label, value, `${label} must have at most ${MAX_CHARACTERS} characters.`);
	}
	if (hasInvisible(text)) {
		throw unusableValue(
			label,
			value,
			`${label} must not hold line breaks or other invisible characters. Copy the ID again.`,
		);
	}
	return text;
}

function readNumber(value: number, label: string, mustBe: string): string {
	if (Number.isSafeInteger(value) && value >= 0) return String(value);
	const tooLarge = Number.isInteger(value) && value > 0;
	throw unusableValue(
		label,
		value,
		tooLarge
			? `${label} must be sent as text here: a number this long loses its last digits on the way.`
			: mustBe,
	);
}
