import { numberFromDigits } from './digits';
import { unusableValue } from './InvalidInput';

const MIN_POINTS = 1;
const MAX_POINTS = 1_000_000;

/**
 * Reads the Points field.
 *
 * @param value what the field came to: a number, or text such as a form gives
 * @returns a whole number of points, 1 to 1,000,000 (LoyaltyLion's OpenAPI fragment for Add Points)
 * @throws {InvalidInput} for anything else; text must be plain digits, so that neither
 *   "1,000" nor "1e3" is guessed at
 */
export function readPoints(value: unknown): number {
	const points = numberFromDigits(value);
	if (
		points !== undefined &&
		Number.isInteger(points) &&
		points >= MIN_POINTS &&
		points <= MAX_POINTS
	) {
		return points;
	}
	throw unusableValue(
		'Points',
		value,
		'Points must be a whole number from 1 to 1,000,000, written in digits only, e.g. 50.',
	);
}
