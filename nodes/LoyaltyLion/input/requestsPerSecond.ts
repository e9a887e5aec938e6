import { MAX_REQUESTS_PER_SECOND } from '../account/Pacer';
import { unusableValue } from './InvalidInput';
import { wholeNumber } from './wholeNumber';

/** LoyaltyLion's limit for all (Admin API, Introduction). */
export const DEFAULT_REQUESTS_PER_SECOND = 20;

/**
 * Reads the Requests per Second option.
 *
 * @param value a number, or digits; nothing means the default
 * @returns requests per second, 0 for as many as there are
 * @throws {InvalidInput} for anything but a whole number from 0 to 1,000
 */
export function readRequestsPerSecond(value: unknown): number {
	if (value === undefined || value === null || value === '') return DEFAULT_REQUESTS_PER_SECOND;
	const requests = wholeNumber(value, 0, MAX_REQUESTS_PER_SECOND);
	if (requests !== undefined) return requests;
	throw unusableValue(
		'Requests per Second',
		value,
		`Requests per Second must be a whole number from 0 to ${MAX_REQUESTS_PER_SECOND}, e.g. 20.`,
	);
}
