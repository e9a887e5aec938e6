import { unusableValue } from './InvalidInput';
import { wholeNumber } from './wholeNumber';

export const DEFAULT_TIMEOUT_SECONDS = 30;
export const MAX_TIMEOUT_SECONDS = 300;

/**
 * Reads the Timeout option.
 *
 * @param value seconds, as a number or as digits; nothing means the default
 * @returns milliseconds
 * @throws {InvalidInput} for anything but a whole number from 1 to 300
 */
export function readTimeout(value: unknown): number {
	if (value === undefined || value === null || value === '') return DEFAULT_TIMEOUT_SECONDS * 1000;
	const seconds = wholeNumber(value, 1, MAX_TIMEOUT_SECONDS);
	if (seconds !== undefined) return seconds * 1000;
	throw unusableValue(
		'Timeout',
		value,
		`Timeout must be a whole number of seconds from 1 to ${MAX_TIMEOUT_SECONDS}, e.g. 30.`,
	);
}
