import { detailSentences, sentences } from '../errors/answers';
import type { OperationWords } from '../run/Operation';
import type { ReadWords } from '../transport/Client';

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
		notDone: 'failed',
		isRepeatable: true,
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

/**
 * Makes what is said when LoyaltyLion cannot be read.
 *
 * @param things what is read, e.g. "rewards"
 * @returns the words
 */
export function toReadWords(things: string): ReadWords {
	return {
		unanswered: `LoyaltyLion could not be asked for its ${things}`,
		wanted: `list of ${things}`,
		forbidden: `read ${things}`,
		missingScope:
			'It needs the read_customers scope. The write_customers scope should include it; if the key has only that, add read_customers too. Open the key in LoyaltyLion under Manage > API keys, then try again.',
		scope: 'read_customers',
		rejected: (answer) => ({
			message: 'LoyaltyLion did not accept what was asked for',
			description: sentences(
				detailSentences(answer),
				"Check the values in the node's fields, then run the item again.",
			),
		}),
	};
}

/** The same of customers. */
export const READ_CUSTOMER_WORDS: ReadWords = toReadWords('customers');

/** Why reading a customer fails, by code, where the general words do not say it. */
export const READ_CUSTOMER_REASONS = {
	not_permitted: 'the API key lacks the read_customers scope',
	customer_not_found: 'LoyaltyLion has no such customer',
	customer_ambiguous: 'several LoyaltyLion customers have the same email',
};
