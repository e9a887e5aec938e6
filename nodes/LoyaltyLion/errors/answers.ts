import { ItemFailure, type FailureFacts } from './ItemFailure';
import {
	CREDENTIAL_WORDS,
	LIMIT_ADVICE,
	LIMIT_REACHED,
	NOT_ACCEPTED_ADVICE,
	CREATE_KEY_ADVICE,
	fullStop,
	quoted,
	sentences,
	type ReadAnswer,
} from './words';

/** The award that an answer is about. */
export interface Award {
	/** The customer in the user's own words: the email, where that is what the row carries, else the ID. */
	who: string;
	merchantId: string;
	/** 1 to 1,000,000 */
	points: number;
}

/**
 * What an answer of LoyaltyLion to Add Points means when it is not the documented success.
 *
 * A status that the contract does not list says nothing about the points, so it counts as an unknown
 * outcome (LoyaltyLion's OpenAPI fragment for Add Points lists 201, 400, 401, 403, 404 and 422; 429 is
 * how an HTTP service says that it took nothing because of its rate limit).
 *
 * @param answer what came back
 * @param award whose points, and how many
 * @returns the failure, with the status as its HTTP code
 */
export function answerFailure(answer: ReadAnswer, award: Award): ItemFailure {
	const { statusCode, words } = answer;
	const explain = EXPLANATIONS[statusCode] ?? explainUnknown;
	return new ItemFailure({
		...explain(award, answer),
		httpCode: String(statusCode),
		...(words.details && { details: words.details }),
	});
}

/**
 * An add that may or may not have happened: it was sent, and no answer that can be trusted came back.
 *
 * @param award whose points, and how many
 * @param why what came back instead, one sentence or more
 * @returns what is said of it
 */
export function unknownOutcome(award: Award, why: string): FailureFacts {
	return {
		code: 'outcome_unknown',
		message: `Unclear whether customer ${award.who} got ${amount(award.points)}`,
		description: `${why} The points may have been added. Look at the customer's points history in LoyaltyLion before you send this item again.`,
	};
}

type Explain = (award: Award, answer: ReadAnswer) => FailureFacts;

const EXPLANATIONS: Record<number, Explain> = {
	400: ({ who }, answer) => ({
		code: 'rejected_by_api',
		message: `LoyaltyLion did not accept the values for customer ${who}`,
		description: sentences(
			quoted(answer),
			...Object.entries(answer.words.details ?? {}).map(([field, text]) =>
				fullStop(`${field}: ${text}`),
			),
			'No points were added. Correct these values, then send the item again.',
		),
	}),
	401: ({ who }, answer) => ({
		code: 'not_authenticated',
		message: `LoyaltyLion does not accept the ${CREDENTIAL_WORDS[answer.method]}`,
		description: sentences(
			quoted(answer),
			`No points were added for customer ${who}.`,
			NOT_ACCEPTED_ADVICE[answer.method],
		),
	}),
	403: ({ who }, answer) => ({
		code: 'not_permitted',
		message: `The ${CREDENTIAL_WORDS[answer.method]} may not add points`,
		description: sentences(
			quoted(answer),
			`No points were added for customer ${who}.`,
			answer.method === 'apiKey'
				? 'The key lacks the write_customers scope. Open the key in LoyaltyLion under Manage > API keys, add write_customers, then send the item again.'
				: CREATE_KEY_ADVICE,
		),
	}),
	404: ({ who, merchantId }, answer) => ({
		code: 'customer_not_found',
		message:
			who === merchantId
				? `LoyaltyLion has no customer with the merchant ID ${merchantId}`
				: `LoyaltyLion adds no points to ${who}`,
		description: sentences(
			quoted(answer),
			who === merchantId
				? "No points were added. The merchant ID is the customer's ID in your store (on Shopify, the number at the end of the customer page's address), not LoyaltyLion's own ID. Check the value in Customer."
				: `No points were added. LoyaltyLion lists this email with the merchant ID ${merchantId}, and knows no customer by that ID. Look at the customer in LoyaltyLion.`,
		),
	}),
	422: ({ who, points }, answer) => ({
		code: 'refused',
		message: `LoyaltyLion refused to add ${amount(points)} for customer ${who}`,
		description: sentences(
			quoted(answer),
			'No points were added. Open the customer in LoyaltyLion and check that the customer is enrolled and not blocked.',
		),
	}),
	429: ({ who }, answer) => ({
		code: 'rate_limited',
		message: LIMIT_REACHED,
		description: sentences(
			quoted(answer),
			`No points were added for customer ${who}.`,
			LIMIT_ADVICE,
		),
	}),
};

function explainUnknown(award: Award, answer: ReadAnswer): FailureFacts {
	return unknownOutcome(award, sentences(unclearAnswer(answer), quoted(answer)));
}

function unclearAnswer({ statusCode, complete }: ReadAnswer): string {
	if (statusCode >= 500) {
		return `LoyaltyLion, or something on the way to it, answered that it is out of order (HTTP ${statusCode}).`;
	}
	if (statusCode >= 300 && statusCode < 400) {
		return `The answer pointed to another address (HTTP ${statusCode}), which is never followed. Check the Base URL of the LoyaltyLion credential.`;
	}
	if (!complete) return `The answer broke off, or did not end in time (HTTP ${statusCode}).`;
	return `The answer is not one that LoyaltyLion is known to give (HTTP ${statusCode}).`;
}

function amount(points: number): string {
	return points === 1 ? '1 point' : `${points} points`;
}
