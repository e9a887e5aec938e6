import type { Field } from './Field';
import { unusableValue } from './InvalidInput';

/** Why points are given, in a text that the shopper sees; `null` for no reason. */
export const reasonField: Field<string | null> = {
	property: {
		displayName: 'Reason',
		name: 'reason',
		type: 'string',
		default: '',
		placeholder: 'e.g. Thanks for your feedback',
		description:
			"Why the points are added. The shopper sees this text, and it stands on the customer's page in LoyaltyLion.",
		hint: 'The shopper sees this text',
	},
	read(value, label) {
		if (value === undefined || value === null) return null;
		if (typeof value === 'string') return value.trim() === '' ? null : value;
		if (typeof value === 'number' && Number.isFinite(value)) return String(value);
		throw unusableValue(
			label,
			value,
			'Reason must be a text, e.g. Thanks for your feedback, or be left empty.',
		);
	},
};
