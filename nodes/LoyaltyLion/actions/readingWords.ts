import type { OperationWords } from '../run/Operation';

/**
 * Makes the words of an operation that only reads.
 *
 * @param blank what an item says of itself before its fields are read, by field
 * @param reasons why items fail, by code, where the general words do not say it
 * @returns the words
 */
export function toReadingWords(
	blank: OperationWords['blank']['subject'],
	reasons: OperationWords['reasons'],
): OperationWords {
	return {
		done: 'were read',
		reasons,
		unclearAdvice: '',
		unexpected: {
			code: 'lookup_failed',
			message: 'Something unexpected happened in the LoyaltyLion node',
			description:
				'Nothing was changed in LoyaltyLion. Run the item again; if it stays so, tell the makers of this node.',
		},
		blank: { subject: blank, beside: {} },
		errorFields: () => ({}),
	};
}
