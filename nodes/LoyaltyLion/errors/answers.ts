import { ItemFailure, type FailureFacts } from './ItemFailure';

/** What LoyaltyLion said in the body of an answer, already safe to show. */
export interface ApiWords {
	message?: string;
	details?: Record<string, string>;
}

/** The award that an answer is about. */
export interface Award {
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
 * @param statusCode the HTTP status
 * @param words what the body said
 * @param award whose points, and how many
 */
export function answerFailure(statusCode: number, words: ApiWords, award: Award): ItemFailure {
	const explain = EXPLANATIONS[statusCode] ?? explainUnknown;
	const facts = explain(award, words, statusCode);
	return new ItemFailure({
		...facts,
		httpCode: String(statusCode),
		...(words.details && { details: words.details }),
	});
}

/**
 * An add that may or may not have happened: it was sent, and no answer that can be trusted came back.
 *
 * @param award whose points, and how many
 * @param why what came back instead, a sentence with its full stop
 */
export function unknownOutcome(award: Award, why: string): FailureFacts {
	return {
		code: 'outcome_unknown',
		message: `Unclear whether customer ${award.merchantId} got ${amount(award.points)}`,
		description: `${why} The points may have been added. Look at the customer's points history in LoyaltyLion before you send this item again.`,
	};
}

type Explain = (award: Award, words: ApiWords, statusCode: number) => FailureFacts;

const EXPLANATIONS: Record<number, Explain> = {
	400: ({ merchantId }, words) => ({
		code: 'rejected_by_api',
		message: `LoyaltyLion did not accept the values for customer ${merchantId}`,
		description: sentences(
			quoted(words),
			...Object.entries(words.details ?? {}).map(([field, text]) => fullStop(`${field}: ${text}`)),
			'No points were added. Correct these values, then send the item again.',
		),
	}),
	401: ({ merchantId }, words) => ({
		code: 'not_authenticated',
		message: 'LoyaltyLion does not accept the credential',
		description: sentences(
			quoted(words),
			`No points were added for customer ${merchantId}.`,
			'The API key may be mistyped, disabled or deleted. Look for it in LoyaltyLion under Manage > API keys, and update the LoyaltyLion credential in n8n.',
			'A site token and secret stop working on 10 January 2027.',
		),
	}),
	403: ({ merchantId }, words) => ({
		code: 'not_permitted',
		message: 'The API key is not allowed to add points',
		description: sentences(
			quoted(words),
			`No points were added for customer ${merchantId}.`,
			'The key lacks the write_customers scope. Open the key in LoyaltyLion under Manage > API keys, add write_customers, then send the item again.',
		),
	}),
	404: ({ merchantId }, words) => ({
		code: 'customer_not_found',
		message: `LoyaltyLion has no customer with the merchant ID ${merchantId}`,
		description: sentences(
			quoted(words),
			"No points were added. The merchant ID is the customer's ID in your store (on Shopify, the number at the end of the customer page's address), not LoyaltyLion's own ID. Check the value in Customer.",
		),
	}),
	422: ({ merchantId, points }, words) => ({
		code: 'refused',
		message: `LoyaltyLion refused to add ${amount(points)} for customer ${merchantId}`,
		description: sentences(
			quoted(words),
			'No points were added. Open the customer in LoyaltyLion and check that the customer is enrolled and not blocked.',
		),
	}),
	429: ({ merchantId }, words) => ({
		code: 'rate_limited',
		message: "LoyaltyLion's limit of 20 requests a second was reached",
		description: sentences(
			quoted(words),
			`No points were added for customer ${merchantId}. Send this item again a little later.`,
		),
	}),
};

function explainUnknown(award: Award, words: ApiWords, statusCode: number): FailureFacts {
	return unknownOutcome(award, sentences(unclearAnswer(statusCode), quoted(words)));
}

function unclearAnswer(statusCode: number): string {
	if (statusCode >= 500) {
		return `LoyaltyLion, or something on the way to it, answered that it is out of order (HTTP ${statusCode}).`;
	}
	if (statusCode >= 300 && statusCode < 400) {
		return `The answer pointed to another address (HTTP ${statusCode}), which is never followed. Check the Base URL of the LoyaltyLion credential.`;
	}
	return `The answer is not one that LoyaltyLion is known to give (HTTP ${statusCode}).`;
}

function amount(points: number): string {
	return points === 1 ? '1 point' : `${points} points`;
}

function quoted({ message }: ApiWords): string {
	return message ? fullStop(`LoyaltyLion says: ${message}`) : '';
}

function fullStop(text: string): string {
	return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function sentences(...parts: string[]): string {
	return parts.filter(Boolean).join(' ');
}
