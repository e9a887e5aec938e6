import type { Field } from './Field';
import { unusableValue } from './InvalidInput';
import type { ItemFields } from './ItemFields';
import { readFlag, wholeNumber } from './values';

const returnAllField: Field<boolean> = {
	property: {
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	},
	read: readFlag,
};

const limitField: Field<number> = {
	property: {
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		description: 'Max number of results to return',
		displayOptions: { show: { returnAll: [false] } },
	},
	read(value, label) {
		if (value === undefined || value === null || value === '') return DEFAULT_LIMIT;
		const limit = wholeNumber(value, 1, Number.MAX_SAFE_INTEGER);
		if (limit !== undefined) return limit;
		throw unusableValue(label, value, 'Limit must be a whole number from 1, e.g. 50.');
	},
};

/** The same where an expression comes to nothing. */
const DEFAULT_LIMIT = 50;

/** The fields of every operation that returns a list. */
export const LIST_PROPERTIES = [returnAllField.property, limitField.property];

/**
 * Reads how many rows of a list are wanted.
 *
 * @param itemFields the item's
 * @returns the most rows, Infinity for all; `undefined` when a field cannot be used
 */
export function readLimit(itemFields: ItemFields): number | undefined {
	const returnAll = itemFields.read(returnAllField);
	if (returnAll === undefined) return undefined;
	return returnAll ? Infinity : itemFields.read(limitField);
}

/** Whether rows come with those of their fields only that most people use. */
export const simplifyField: Field<boolean> = {
	property: {
		displayName: 'Simplify',
		name: 'simplify',
		type: 'boolean',
		default: true,
		description: 'Whether to return a simplified version of the response instead of the raw data',
	},
	read: (value, label) => (value === undefined || value === '' ? true : readFlag(value, label)),
};
