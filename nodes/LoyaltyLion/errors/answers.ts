import { ItemFailure, type FailureFacts } from './ItemFailure';

/** What LoyaltyLion said in the body of an answer, already safe to show. */
export interface ApiWords {
	message?: string;
	details?: Record<string, string>;
}

/** An answer of LoyaltyLion. */
export interface ReadAnswer {
	statusCode: number;
	/** Whether the whole body came. */
	complete: boolean;
	words: ApiWords;
	/** How the request identified itself. */
	method: 'apiKey' | 'siteToken';
}

/** A refusal as one request words it: `description` follows what LoyaltyLion itself says. */
type Wording = Pick<FailureFacts, 'message' | 'description'>;

/** What one kind of request says of the answers it may get. */
export interface RequestWords {
	/** That nothing was changed, a sentence; '' for a request that changes nothing. */
	nothingDone: string;
	/** What the credential may not do when LoyaltyLion says so, e.g. "read rewards". */
	forbidden: string;
	/** What to do about an API key that may not do it. */
	missingScope: string;
	/** The scope that a new API key needs for it. */
	scope: string;
	/** A value that LoyaltyLion does not accept. */
	rejected: (answer: ReadAnswer) => Wording;
	/** What it acts on is not there; without this, such an answer says nothing. */
	notFound?: () => Wording & Pick<FailureFacts, 'code'>;
	/** LoyaltyLion does not do it; without this, such an answer says nothing. */
	refused?: () => Wording;
	/** What to do once that is set right, in words that follow "then"; without this, "send the item again". */
	again?: string;
	/** Any other answer; its description is the whole one. */
	unknown: (answer: ReadAnswer) => FailureFacts;
}

/**
 * What an answer of LoyaltyLion means when it is not the documented success.
 *
 * A status that is not documented says nothing about what was done (LoyaltyLion's OpenAPI description lists
 * 400, 401, 403, 404 and 422; 429 is how an HTTP service says that it took nothing because of its rate
 * limit).
 *
 * @param answer what came back
 * @param words what is said of it
 * @returns the failure, with the status as its HTTP code
 */
export function answerFailure(answer: ReadAnswer, words: RequestWords): ItemFailure {
	const { details } = answer.words;
	return new ItemFailure({
		...(STATUSES[answer.statusCode]?.(words, answer) ?? words.unknown(answer)),
		httpCode: String(answer.statusCode),
		...(details && { details }),
	});
}

/** What to do with what was not done, once what kept it from being done is set right. */
export const AGAIN = 'send the item again';

const STATUSES: Record<
	number,
	(words: RequestWords, answer: ReadAnswer) => FailureFacts | undefined
> = {
	400: ({ rejected }, answer) =>
		withQuote(answer, { code: 'rejected_by_api', ...rejected(answer) }),
	401: ({ nothingDone, scope }, answer) =>
		withQuote(answer, {
			code: 'not_authenticated',
			message: `LoyaltyLion does not accept the ${CREDENTIAL_WORDS[answer.method]}`,
			description: sentences(nothingDone, notAcceptedAdvice(answer, scope)),
		}),
	403: ({ nothingDone, forbidden, missingScope, scope }, answer) =>
		withQuote(answer, {
			code: 'not_permitted',
			message: `The ${CREDENTIAL_WORDS[answer.method]} may not ${forbidden}`,
			description: sentences(
				nothingDone,
				answer.method === 'apiKey' ? missingScope : createKeyAdvice(scope),
			),
		}),
	404: ({ notFound }, answer) => notFound && withQuote(answer, notFound()),
	422: ({ refused }, answer) => refused && withQuote(answer, { code: 'refused', ...refused() }),
	429: ({ nothingDone, again = AGAIN }, answer) =>
		withQuote(answer, {
			code: 'rate_limited',
			message: 'LoyaltyLion took no more requests, as there were too many',
			description: sentences(
				nothingDone,
				`The node asked again several times. Find out what else sends requests to LoyaltyLion for your store, and ${again} a little later.`,
			),
		}),
};

/**
 * Words a request that needs a scope.
 *
 * @param scope which one
 * @returns what is said of an API key that lacks it
 */
export function needing(scope: string): Pick<RequestWords, 'scope' | 'missingScope'> {
	return {
		scope,
		missingScope: `The key lacks the ${scope} scope. Open the key in LoyaltyLion under Manage > API keys, add ${scope}, then ${AGAIN}.`,
	};
}

/**
 * Says what LoyaltyLion says. It always says something when it refuses; a proxy on the way to it does not
 * say it in LoyaltyLion's form.
 *
 * @param answer what came back
 * @returns a sentence, or '' when there is nothing to say
 */
export function quoted({ statusCode, words: { message } }: ReadAnswer): string {
	if (message) return fullStop(`LoyaltyLion says: ${message}`);
	return [401, 403, 404].includes(statusCode)
		? 'LoyaltyLion gave no reason, so the answer may come from a proxy on the way to it.'
		: '';
}

/**
 * Says which values LoyaltyLion names.
 *
 * @param answer what came back
 * @returns a sentence for each of them
 */
export function detailSentences({ words: { details = {} } }: ReadAnswer): string {
	return sentences(
		...Object.entries(details).map(([field, text]) => fullStop(`${field}: ${text}`)),
	);
}

/**
 * Says why an answer leaves it open whether something was done.
 *
 * @param answer what came back
 * @returns a sentence or two
 */
export function unclearAnswer({ statusCode, complete }: ReadAnswer): string {
	if (statusCode >= 500) {
		return `LoyaltyLion, or something on the way to it, answered that it is out of order (HTTP ${statusCode}).`;
	}
	if (statusCode >= 300 && statusCode < 400) {
		return `The answer pointed to another address (HTTP ${statusCode}), which is never followed. Check the Base URL of the LoyaltyLion credential.`;
	}
	if (!complete) return `The answer broke off, or did not end in time (HTTP ${statusCode}).`;
	return `The answer is not one that LoyaltyLion is known to give (HTTP ${statusCode}).`;
}

/**
 * Puts sentences together.
 *
 * @param parts the sentences; empty ones are left out
 * @returns one text
 */
export function sentences(...parts: string[]): string {
	return parts.filter(Boolean).join(' ');
}

function withQuote(answer: ReadAnswer, facts: FailureFacts): FailureFacts {
	return { ...facts, description: sentences(quoted(answer), facts.description) };
}

function fullStop(text: string): string {
	return /[.!?…]$/.test(text) ? text : `${text}.`;
}

const CREDENTIAL_WORDS = { apiKey: 'API key', siteToken: 'site token and secret' };

function notAcceptedAdvice({ method }: ReadAnswer, scope: string): string {
	return method === 'apiKey'
		? 'The key may be mistyped, disabled or deleted. Look for it in LoyaltyLion under Manage > API keys, and update the LoyaltyLion credential in n8n.'
		: `They may be mistyped, and LoyaltyLion ends this method on 10 January 2027. ${createKeyAdvice(scope)}`;
}

function createKeyAdvice(scope: string): string {
	return `Create an API key with the ${scope} scope in LoyaltyLion under Manage > API keys, and put it into the LoyaltyLion credential in n8n.`;
}
