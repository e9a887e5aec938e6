import type { Field } from './Field';
import { isEmpty, unusableValue } from './InvalidInput';
import { wholeNumber } from './values';

/** Which of a program's sites, for programs with several; `undefined` where it is left empty. */
export const siteIdField: Field<number | undefined> = {
	property: {
		displayName: 'Site ID',
		name: 'siteId',
		type: 'string',
		default: '',
		placeholder: 'e.g. 1234',
		description:
			"Which store, if several share your LoyaltyLion program: the number behind /sites/ in the address of LoyaltyLion's pages",
	},
	needsValue: true,
	read(value, label) {
		if (isEmpty(value)) return undefined;
		const id = wholeNumber(value, 1, Number.MAX_SAFE_INTEGER);
		if (id !== undefined) return id;
		throw unusableValue(label, value, `${label} must be a number in digits only, e.g. 1234.`);
	},
};
