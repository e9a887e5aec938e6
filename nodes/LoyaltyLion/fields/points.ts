import type { Field } from './Field';
import { unusableValue } from './InvalidInput';
import { wholeNumber } from './values';

const MIN_POINTS = 1;
const MAX_POINTS = 1_000_000;

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
	read(value, label) {
		const points = wholeNumber(value, MIN_POINTS, MAX_POINTS);
		if (points !== undefined) return points;
		throw unusableValue(
			label,
			value,
			'Points must be a whole number from 1 to 1,000,000, written in digits only, e.g. 50.',
		);
	},
};
