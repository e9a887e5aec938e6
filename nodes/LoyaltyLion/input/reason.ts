import { unusableValue } from './InvalidInput';

/**
 * Reads the Reason field.
 *
 * @param value what the field came to
 * @returns the text that the shopper will see, or `null` for none
 * @throws {InvalidInput} for anything but text, a number or nothing
 */
export function readReason(value: unknown): string | null {
	if (value === undefined || value === null) return null;
	if (typeof value === 'string') return value.trim() === '' ? null : value;
	if (typeof value === 'number' && Number.isFinite(value)) return String(value);
	throw unusableValue(
		'Reason',
		value,
		'Reason must be a text, e.g. Thanks for your feedback, or be left empty.',
	);
}
