import type { Field } from './Field';
import { isEmpty, unusableValue } from './InvalidInput';
import { wholeNumber } from './values';

/** Which site of a program that has several; `undefined` for none. */
export const siteIdField: Field<number | undefined> = {
	property: {
		displayName: 'Site ID',
		name: 'siteId',
		type: 'string',
		default: '',
		placeholder: 'e.g. 12345',
		description:
			"Only needed when your LoyaltyLion program has several sites: the number after /sites/ in the address of LoyaltyLion's dashboard",
	},
	needsValue: true,
	read(value, label) {
		if (isEmpty(value)) return undefined;
		const id = wholeNumber(value, 1, Number.MAX_SAFE_INTEGER);
		if (id !== undefined) return id;
		throw unusableValue(label, value, `${label} must be a whole number, e.g. 12345.`);
	},
};
