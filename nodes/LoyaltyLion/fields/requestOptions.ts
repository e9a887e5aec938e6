import { MAX_REQUESTS_PER_SECOND } from '../transport/Pacer';
import type { Field } from './Field';
import { unusableValue } from './InvalidInput';
import { wholeNumber } from './values';

/** LoyaltyLion's limit for all (Admin API, Introduction). */
export const DEFAULT_REQUESTS_PER_SECOND = 20;

const DEFAULT_TIMEOUT_SECONDS = 30;
const MAX_TIMEOUT_SECONDS = 300;

/** How many requests any second may hold; 0 for as many as there are. */
const requestsPerSecondField: Field<number> = {
	property: {
		displayName: 'Requests per Second',
		name: 'requestsPerSecond',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: MAX_REQUESTS_PER_SECOND },
		default: DEFAULT_REQUESTS_PER_SECOND,
		description:
			"How many requests may go out in a second, counted over all workflows with this credential. LoyaltyLion's limit is 20: raise it only if LoyaltyLion raised yours. 0 means no limit.",
	},
	read(value, label) {
		if (value === undefined || value === null || value === '') return DEFAULT_REQUESTS_PER_SECOND;
		const requests = wholeNumber(value, 0, MAX_REQUESTS_PER_SECOND);
		if (requests !== undefined) return requests;
		throw unusableValue(
			label,
			value,
			`Requests per Second must be a whole number from 0 to ${MAX_REQUESTS_PER_SECOND}, e.g. 20.`,
		);
	},
};

/**
 * Makes the options of every operation that speaks to LoyaltyLion.
 *
 * @param whenNoneComes what it means when no answer comes, a sentence, where that is more than that it failed
 * @returns the fields
 */
export function toRequestFields(whenNoneComes = '') {
	return { requestsPerSecond: requestsPerSecondField, timeoutMs: toTimeoutField(whenNoneComes) };
}

/** What these come to when they are not set. */
export const DEFAULT_PACE = {
	requestsPerSecond: DEFAULT_REQUESTS_PER_SECOND,
	timeoutMs: DEFAULT_TIMEOUT_SECONDS * 1000,
};

/** How long to wait for each answer: seconds for the user, read as ms. */
function toTimeoutField(whenNoneComes: string): Field<number> {
	return {
		property: {
			displayName: 'Timeout',
			name: 'timeout',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: MAX_TIMEOUT_SECONDS },
			default: DEFAULT_TIMEOUT_SECONDS,
			description:
				`How many seconds to wait for each answer of LoyaltyLion. ${whenNoneComes}`.trim(),
		},
		read(value, label) {
			if (value === undefined || value === null || value === '')
				return DEFAULT_TIMEOUT_SECONDS * 1000;
			const seconds = wholeNumber(value, 1, MAX_TIMEOUT_SECONDS);
			if (seconds !== undefined) return seconds * 1000;
			throw unusableValue(
				label,
				value,
				`Timeout must be a whole number of seconds from 1 to ${MAX_TIMEOUT_SECONDS}, e.g. 30.`,
			);
		},
	};
}
