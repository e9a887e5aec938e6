import { ItemFailure } from '../errors/ItemFailure';
import { plainText } from '../shared/plainText';

const MAX_SHOWN_CHARACTERS = 60;
const MAX_REASON_CHARACTERS = 200;

/** A field that cannot be used: `message` says what is wrong with it, `advice` what it must be. */
export class InvalidInput extends Error {
	constructor(
		message: string,
		readonly advice: string,
	) {
		super(message);
	}
}

/**
 * A failure where there is no item whose fields could be named.
 *
 * @param fault what is wrong, and what to do about it
 * @returns the failure
 */
export function inputFailure({
	message,
	advice,
}: Pick<InvalidInput, 'message' | 'advice'>): ItemFailure {
	return new ItemFailure({ code: 'invalid_input', message, description: advice });
}

/**
 * A field that holds what it must not.
 *
 * @param label the field's label, as the user sees it
 * @param value what the field holds
 * @param advice what it must hold instead, a sentence with its full stop
 * @returns the fault, to be thrown
 */
export function unusableValue(label: string, value: unknown, advice: string): InvalidInput {
	const message = isEmpty(value) ? `${label} is empty` : `${label} can't be ${shown(value)}`;
	return new InvalidInput(message, advice);
}

/**
 * A field that n8n could not work out, e.g. because its expression refers to what is not there.
 *
 * @param label the field's label, as the user sees it
 * @param error what n8n threw
 * @returns the fault, to be thrown
 */
export function unreadableField(label: string, error: unknown): InvalidInput {
	const reason =
		error instanceof Error ? ` n8n says: ${plainText(error.message, MAX_REASON_CHARACTERS)}.` : '';
	return new InvalidInput(
		`${label} could not be read`,
		`Check the expression in ${label}.${reason}`,
	);
}

/**
 * A field that is filled in, but whose expression finds no value.
 *
 * @param label the field's label, as the user sees it
 * @returns the fault, to be thrown
 */
export function noValue(label: string): InvalidInput {
	return new InvalidInput(
		`${label} comes to nothing`,
		`The expression in ${label} finds no value for this item. Make sure that every item has one, or leave ${label} empty.`,
	);
}

/**
 * Tells whether a field came to nothing.
 *
 * @param value what it came to
 * @returns whether there is nothing in it, or blanks only
 */
export function isEmpty(value: unknown): boolean {
	return (
		value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
	);
}

/**
 * Tells whether a field came to a list with nothing in it.
 *
 * @param value what it came to
 * @returns whether it did
 */
export function isEmptyList(value: unknown): boolean {
	return Array.isArray(value) && value.length === 0;
}

function shown(value: unknown): string {
	if (typeof value === 'string') return `"${plainText(value, MAX_SHOWN_CHARACTERS)}"`;
	if (Array.isArray(value)) return 'a list';
	if (typeof value === 'object') return 'an object';
	if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
	return String(value as number | bigint | boolean);
}
