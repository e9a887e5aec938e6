import type { IfUnclear } from '../../adjustments/AdjustmentJob';
import type { Field } from '../../fields/Field';
import { readChoice } from '../../fields/values';

/**
 * Makes the field that says what to do about an adjustment of which nobody knows whether it was made.
 *
 * @param face what it says of itself, and of the two choices that look at the customer's history
 * @returns the field
 */
export function toIfUnclearField({
	description,
	check,
	checkThenSend,
}: {
	description: string;
	check: string;
	checkThenSend: string;
}): Field<IfUnclear> {
	return {
		property: {
			displayName: 'If the Outcome Is Unclear',
			name: 'ifUnclear',
			type: 'options',
			options: [
				{ name: 'Check History, Then Report', value: 'check', description: check },
				{
					name: 'Check History, Then Send Again',
					value: 'checkThenSend',
					description: checkThenSend,
				},
				{
					name: 'Report',
					value: 'report',
					description: 'The item fails as unclear at once',
				},
			],
			default: 'check',
			description,
		},
		read: (value, label) => readChoice(value, label, ['check', 'checkThenSend', 'report']),
	};
}
