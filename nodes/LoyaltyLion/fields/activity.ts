import type { Field } from './Field';
import { readId } from './ids';
import { isEmpty, unusableValue } from './InvalidInput';

const MAX_NAME_CHARACTERS = 255;

/** LoyaltyLion's own rules begin with a dollar sign; the identifier of a custom one holds letters and underscores only. */
const RULE_NAME = /^\$?[A-Za-z_]+$/;

/** Which rule an activity is about (Admin API, Create Activity: `name`). */
export const ruleNameField: Field<string> = {
	property: {
		displayName: 'Rule Name',
		name: 'ruleName',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. dog_profile',
		description:
			"The rule that the activity belongs to: the identifier of your custom rule in LoyaltyLion, or one of LoyaltyLion's own with a dollar sign before it, e.g. $signup",
	},
	read(value, label) {
		const name = typeof value === 'string' ? value.trim() : '';
		if (RULE_NAME.test(name) && name.length <= MAX_NAME_CHARACTERS) return name;
		throw unusableValue(
			label,
			value,
			`${label} must be the identifier of a rule in LoyaltyLion, in letters and underscores only, e.g. dog_profile, or one of LoyaltyLion's own, e.g. $signup.`,
		);
	},
};

/** The store's own ID of an activity (Admin API: `merchant_id`). */
export const activityIdField: Field<string> = {
	property: {
		displayName: 'Activity ID',
		name: 'activityId',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. submission-1042',
		description: 'The ID that the activity was tracked with',
	},
	read: (value, label) => readId(value, label, MUST_BE),
};

/** The same for an activity that is only to be tracked; `null` for none. */
export const newActivityIdField: Field<string | null> = {
	property: {
		displayName: 'Activity ID',
		name: 'activityId',
		type: 'string',
		default: '',
		placeholder: 'e.g. submission-1042',
		description:
			'An ID of your own that no other activity has, such as that of a form submission. It is needed to update the activity later. When the answer gets lost, the node finds by it whether the activity was tracked.',
	},
	needsValue: true,
	read: (value, label) => (isEmpty(value) ? null : readId(value, label, MUST_BE)),
};

const MUST_BE =
	'Activity ID must be your own ID of the activity, a text or a whole number, e.g. submission-1042.';
