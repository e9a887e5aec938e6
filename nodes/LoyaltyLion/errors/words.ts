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
