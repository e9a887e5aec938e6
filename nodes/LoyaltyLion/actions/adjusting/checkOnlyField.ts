import type { Field } from '../../fields/Field';
import { readFlag } from '../../fields/values';

/**
 * Makes the field that says whether everything but the change itself is to be done.
 *
 * @param description what is checked then, and what is not; begins with "Whether to"
 * @returns the field
 */
export function toCheckOnlyField(description: string): Field<boolean> {
	return {
		property: {
			displayName: 'Check Only',
			name: 'checkOnly',
			type: 'boolean',
			default: false,
			description,
		},
		// Left off by an expression that comes to nothing, a check would be the real thing.
		needsValue: true,
		read: readFlag,
	};
}
