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

/** What a credential is called, by its method. */
export const CREDENTIAL_WORDS = { apiKey: 'API key', siteToken: 'site token and secret' };

export const NOT_REACHED = 'LoyaltyLion could not be reached';

export const LIMIT_REACHED = 'LoyaltyLion took no more requests, as there were too many';

/** What to do when LoyaltyLion goes on refusing for its limit. */
export const LIMIT_ADVICE =
	'The node asked again several times. Find out what else sends requests to LoyaltyLion for your store, and send the item again a little later.';

/** What to do about a site token and secret that do not suffice. */
export const CREATE_KEY_ADVICE =
	'Create an API key with the write_customers scope in LoyaltyLion under Manage > API keys, and put it into the LoyaltyLion credential in n8n.';

/** What to do when LoyaltyLion does not accept the credential, by its method. */
export const NOT_ACCEPTED_ADVICE = {
	apiKey:
		'The key may be mistyped, disabled or deleted. Look for it in LoyaltyLion under Manage > API keys, and update the LoyaltyLion credential in n8n.',
	siteToken: `They may be mistyped, and LoyaltyLion ends this method on 10 January 2027. ${CREATE_KEY_ADVICE}`,
};

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
 * Ends a text as a sentence.
 *
 * @param text a clause, or a sentence already
 * @returns the text with a full stop, if it had none of its kind
 */
export function fullStop(text: string): string {
	return /[.!?…]$/.test(text) ? text : `${text}.`;
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
