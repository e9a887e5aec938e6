import { reworded, type Field } from './Field';
import { unusableValue } from './InvalidInput';
import { wholeNumber } from './values';

/** How many points, 1 to 1,000,000 (LoyaltyLion's OpenAPI fragment for Add Points); text as forms give it, too. */
export const pointsField: Field<number> = {
	property: {
		displayName: 'Points',
		name: 'points',
		type: 'number',
		default: 0,
		required: true,
		placeholder: 'e.g. 50',
		description:
			'How many points to add, a whole number from 1 to 1,000,000. The customer can spend them at once.',
	},
	read: (value, label) => readPoints(value, label, 1_000_000, ' to 1,000,000'),
};

/** The same of points that are removed, for which LoyaltyLion names no maximum (Admin API, Remove Points). */
export const pointsToRemoveField: Field<number> = {
	...reworded(pointsField, {
		description:
			'How many points to remove, a whole number from 1. LoyaltyLion does not say what it does when the customer has fewer.',
	}),
	read: (value, label) => readPoints(value, label, Number.MAX_SAFE_INTEGER, ''),
};

function readPoints(value: unknown, label: string, max: number, upTo: string): number {
	const points = wholeNumber(value, 1, max);
	if (points !== undefined) return points;
	throw unusableValue(
		label,
		value,
		`Points must be a whole number from 1${upTo}, written in digits only, e.g. 50.`,
	);
}
