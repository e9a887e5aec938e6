import { pause } from '../account/pause';
import type { ItemFailure } from '../errors/ItemFailure';
import { lookupAnswerFailure, lookupNetworkFailure } from '../errors/lookups';
import { isRecord } from '../shared/isRecord';
import { parseJson } from '../shared/parseJson';
import { readApiWords } from './apiWords';
import { assertNotCanceled } from './canceled';
import { exchange, type Caller } from './exchange';
import type { Answer } from './request';

/** Five hundred customers with all that a shop may keep of them fit in. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The waits before a read is tried again; so many more tries there are. */
const WAITS_MS = [300, 1000];

/** What an answer to a read holds, and when it was given. */
export interface Reading extends Pick<Answer, 'date' | 'age' | 'askedAt' | 'answeredAt'> {
	body: Record<string, unknown>;
}

/**
 * Reads something from LoyaltyLion. As it changes nothing there, it is tried again when no clear answer
 * came: after a reset, a timeout, a 5xx, or a 200 that is broken off or no JSON.
 *
 * @param caller who reads
 * @param path begins with a slash, percent-encoded, with its query
 * @returns the JSON object of the answer
 * @throws {ItemFailure} what the last answer means, or `not_sent` once nothing more is to be sent
 */
export async function get(caller: Caller, path: string): Promise<Reading> {
	for (const wait of WAITS_MS) {
		const result = await tryOnce(caller, path);
		if (!('failure' in result) || !result.isPassing) return readingOf(result);
		await pause(wait, caller.signal);
	}
	return readingOf(await tryOnce(caller, path));
}

type Result =
	| Reading
	| { failure: ItemFailure; /** Whether it may go well the next time. */ isPassing: boolean };

async function tryOnce(caller: Caller, path: string): Promise<Result> {
	const result = await exchange(caller, { method: 'GET', path, maxBytes: MAX_BYTES });
	assertNotCanceled(caller.signal);
	if ('answer' in result) return read(result.answer, caller);
	const failure = lookupNetworkFailure(result.error, caller.timeoutMs);
	return { failure, isPassing: failure.facts.code !== 'not_reached' };
}

function read(answer: Answer, { connection }: Caller): Result {
	const { statusCode, text, complete } = answer;
	const body = statusCode === 200 && complete ? parseJson(text) : undefined;
	if (isRecord(body)) return { ...answer, body };
	const words = readApiWords(text, connection.secrets);
	const { method } = connection;
	const failure = lookupAnswerFailure({ statusCode, complete, words, method });
	return { failure, isPassing: statusCode === 200 || statusCode >= 500 };
}

function readingOf(result: Result): Reading {
	if ('failure' in result) throw result.failure;
	return result;
}
