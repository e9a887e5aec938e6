import { sleep } from 'n8n-workflow';
import type { ItemFailure } from '../errors/ItemFailure';
import { lookupAnswerFailure, lookupNetworkFailure } from '../errors/lookups';
import { isRecord } from '../shared/isRecord';
import { parseJson } from '../shared/parseJson';
import { readApiWords } from './apiWords';
import { assertNotCanceled } from './canceled';
import type { ItemConnection, RequestContext } from './connect';
import { send } from './request';

/** Five hundred customers with all that a shop may keep of them fit in. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The waits before a read is tried again; so many more tries there are. */
const WAITS_MS = [300, 1000];

/**
 * Reads something from LoyaltyLion. As it changes nothing there, it is tried again when no clear answer
 * came: after a reset, a timeout, a 5xx, or a 200 that is broken off or no JSON.
 *
 * @param context the node's context
 * @param connection the credential to send it with
 * @param path begins with a slash, percent-encoded, with its query
 * @param timeoutMs how long to wait for each answer
 * @returns the JSON object of the answer
 * @throws {ItemFailure} what the last answer means, or `not_sent` once the execution is canceled
 */
export async function get(
	context: RequestContext,
	connection: ItemConnection,
	path: string,
	timeoutMs: number,
): Promise<Record<string, unknown>> {
	for (const wait of WAITS_MS) {
		const result = await tryOnce(context, connection, path, timeoutMs);
		if (!('failure' in result) || !result.isPassing) return bodyOf(result);
		assertNotCanceled(context);
		await sleep(wait);
	}
	return bodyOf(await tryOnce(context, connection, path, timeoutMs));
}

type Result =
	| { body: Record<string, unknown> }
	| { failure: ItemFailure; /** Whether it may go well the next time. */ isPassing: boolean };

async function tryOnce(
	context: RequestContext,
	connection: ItemConnection,
	path: string,
	timeoutMs: number,
): Promise<Result> {
	assertNotCanceled(context);
	const request = { method: 'GET', path, timeoutMs, maxBytes: MAX_BYTES } as const;
	try {
		const { statusCode, text, complete } = await send(context, connection, request);
		const body = statusCode === 200 && complete ? parseJson(text) : undefined;
		if (isRecord(body)) return { body };
		const words = readApiWords(text, connection.secrets);
		const answer = { statusCode, complete, words, method: connection.method };
		const isPassing = statusCode === 200 || statusCode >= 500;
		return { failure: lookupAnswerFailure(answer), isPassing };
	} catch (error) {
		return { failure: lookupNetworkFailure(error, timeoutMs), isPassing: true };
	}
}

function bodyOf(result: Result): Record<string, unknown> {
	if ('failure' in result) throw result.failure;
	return result.body;
}
