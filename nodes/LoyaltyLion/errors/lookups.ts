import { ItemFailure } from './ItemFailure';
import { reasonNoAnswer, reasonNotSent } from './network';
import {
	CREDENTIAL_WORDS,
	LIMIT_ADVICE,
	LIMIT_REACHED,
	NOT_ACCEPTED_ADVICE,
	NOT_REACHED,
	CREATE_KEY_ADVICE,
	quoted,
	sentences,
	type ReadAnswer,
} from './words';

/**
 * What an answer of LoyaltyLion to a read means when it does not hold what was asked for.
 *
 * @param answer what came back
 * @returns the failure, with the status as its HTTP code
 */
export function lookupAnswerFailure(answer: ReadAnswer): ItemFailure {
	const { statusCode, words } = answer;
	const facts = (EXPLANATIONS[statusCode] ?? explainOther)(answer);
	return new ItemFailure({
		...facts,
		description: sentences(quoted(answer), facts.description),
		httpCode: String(statusCode),
		...(words.details && { details: words.details }),
	});
}

/**
 * What a read that brought no answer means.
 *
 * @param error what n8n's HTTP helper threw
 * @param timeoutMs how long the answer was waited for
 * @returns `not_reached`, or `lookup_failed`
 */
export function lookupNetworkFailure(error: unknown, timeoutMs: number): ItemFailure {
	const notSent = reasonNotSent(error);
	const why = notSent ?? reasonNoAnswer(error, timeoutMs);
	return new ItemFailure({
		code: notSent ? 'not_reached' : 'lookup_failed',
		message: notSent ? NOT_REACHED : UNANSWERED,
		description: `${why} Try again a little later.`,
	});
}

/**
 * A list of customers that is none, or that cannot be read to its end.
 *
 * @returns the failure, to be thrown: who is on the rest of the list may be the one who is looked for
 */
export function unreadableList(): ItemFailure {
	return new ItemFailure({
		code: 'lookup_failed',
		message: UNANSWERED,
		description: 'The answer was not a whole list of customers. Try again a little later.',
	});
}

/**
 * Makes a failure of whatever was thrown while something was read.
 *
 * @param error what was thrown
 * @returns the failure itself, or `lookup_failed` for a fault of this node's own
 */
export function toLookupFailure(error: unknown): ItemFailure {
	return error instanceof ItemFailure ? error : unreadableList();
}

/**
 * Says of a read that was to lead to an award that there was none.
 *
 * @param failure why the read failed
 * @returns the same, with that sentence
 */
export function noPointsAdded({ facts }: ItemFailure): ItemFailure {
	return new ItemFailure({ ...facts, description: `${facts.description} No points were added.` });
}

const UNANSWERED = 'LoyaltyLion could not be asked who the customer is';

type Explain = (answer: ReadAnswer) => {
	code: ItemFailure['facts']['code'];
	message: string;
	description: string;
};

const EXPLANATIONS: Record<number, Explain> = {
	400: () => ({
		code: 'rejected_by_api',
		message: 'LoyaltyLion did not accept the search for the customer',
		description: 'Check the value in Customer.',
	}),
	401: ({ method }) => ({
		code: 'not_authenticated',
		message: `LoyaltyLion does not accept the ${CREDENTIAL_WORDS[method]}`,
		description: NOT_ACCEPTED_ADVICE[method],
	}),
	403: ({ method }) => ({
		code: 'not_permitted',
		message: `The ${CREDENTIAL_WORDS[method]} may not look up customers`,
		description:
			method === 'apiKey'
				? 'It needs the write_customers scope; if it has that, add read_customers too. Open it in LoyaltyLion under Manage > API keys, then try again.'
				: CREATE_KEY_ADVICE,
	}),
	429: () => ({
		code: 'rate_limited',
		message: LIMIT_REACHED,
		description: LIMIT_ADVICE,
	}),
};

function explainOther({ statusCode }: ReadAnswer) {
	return {
		code: 'lookup_failed' as const,
		message: UNANSWERED,
		description: `The answer was not a list of customers (HTTP ${statusCode}). Try again a little later.`,
	};
}
