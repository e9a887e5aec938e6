import type { ApiWords } from '../errors/answers';
import { isRecord, parseJson } from '../shared/json';
import { plainText } from '../shared/plainText';
import { withoutSecrets } from './withoutSecrets';

const MAX_MESSAGE_CHARACTERS = 300;
const MAX_DETAILS = 20;

/** What is longer is no message, and would hold up n8n while it is searched for secrets. */
const MAX_READ_CHARACTERS = 64 * 1024;

/**
 * Reads what LoyaltyLion says in the body of an answer that is not a success. Both documented shapes
 * are known, `{ error: { message, details } }` and `{ error: "text" }` (LoyaltyLion's OpenAPI
 * description); of any other body, such as a proxy's HTML page, nothing is shown.
 *
 * @param text the body
 * @param secrets texts that must not be shown, should the body repeat them in whatever form
 * @returns the words, cut to a readable length and free of markup and invisible characters
 */
export function readApiWords(text: string, secrets: string[]): ApiWords {
	const show = (value: unknown) => (typeof value === 'string' ? legible(value, secrets) : '');
	const body = parseJson(text);
	const error = isRecord(body) ? (body.error ?? body.message) : body;
	if (!isRecord(error)) return messageOf(show(error));
	return { ...messageOf(show(error.message)), ...detailsOf(error.details, show) };
}

function messageOf(message: string): ApiWords {
	return message ? { message } : {};
}

function detailsOf(details: unknown, show: (value: unknown) => string): ApiWords {
	if (!isRecord(details)) return {};
	const entries = Object.entries(details)
		.slice(0, MAX_DETAILS)
		.map(([field, text]): [string, string] => [show(field), show(text)])
		.filter(([field, text]) => field && text);
	return entries.length > 0 ? { details: Object.fromEntries(entries) } : {};
}

function legible(text: string, secrets: string[]): string {
	if (text.length > MAX_READ_CHARACTERS) return '';
	return plainText(withoutSecrets(text, secrets), MAX_MESSAGE_CHARACTERS);
}
