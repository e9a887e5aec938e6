import { unusableValue } from './InvalidInput';
import { wholeNumber } from './wholeNumber';

const MIN_POINTS = 1;
const MAX_POINTS = 1_000_000;

/**
 * Reads the Points field.
 *
 * @param value what the field came to: a number, or text such as a form gives
 * @returns a whole number of points, 1 to 1,000,000 (LoyaltyLion's OpenAPI fragment for Add Points)
 * @throws {InvalidInput} for anything else
 */
export function readPoints(value: unknown): number {
	const points = wholeNumber(value, MIN_POINTS, MAX_POINTS);
	if (points !== undefined) return points;
	throw unusableValue(
		'Points',
		value,
		'Points must be a whole number from 1 to 1,000,000, written in digits only, e.g. 50.',
	);
}
