import { sleep } from 'n8n-workflow';
import { lookupAnswerFailure, lookupNetworkFailure } from '../errors/lookups';
import type { ItemFailure } from '../errors/ItemFailure';
import { isRecord } from '../shared/isRecord';
import { readApiWords } from './apiWords';
import type { ItemConnection, RequestContext } from './connect';
import { send } from './request';

/** Five hundred customers with all that a shop may keep of them fit in. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The waits before a read is tried again; so many more tries there are. */
const WAITS_MS = [300, 1000];

/**
 * Reads something from LoyaltyLion. As it changes nothing there, it is tried again when no clear answer
 * came: after a reset, a timeout, or a 5xx.
 *
 * @param context the node's context
 * @param connection the credential to send it with
 * @param path begins with a slash, percent-encoded, with its query
 * @param timeoutMs how long to wait for each answer
 * @returns the JSON object of the answer
 * @throws {ItemFailure} when there is none; never `outcome_unknown`
 */
export async function get(
	context: RequestContext,
	connection: ItemConnection,
	path: string,
	timeoutMs: number,
): Promise<Record<string, unknown>> {
	for (const wait of WAITS_MS) {
		const result = await tryOnce(context, connection, path, timeoutMs);
		if (!isPassing(result)) return orThrow(result);
		await sleep(wait);
	}
	return orThrow(await tryOnce(context, connection, path, timeoutMs));
}

type Result = { body: Record<string, unknown> } | { failure: ItemFailure };

async function tryOnce(
	context: RequestContext,
	connection: ItemConnection,
	path: string,
	timeoutMs: number,
): Promise<Result> {
	try {
		const request = { method: 'GET', path, timeoutMs, maxBytes: MAX_BYTES } as const;
		const { statusCode, text, complete } = await send(context, connection, request);
		const body = statusCode === 200 && complete ? parseObject(text) : undefined;
		if (body) return { body };
		const words = readApiWords(text, connection.secrets);
		return {
			failure: lookupAnswerFailure({ statusCode, complete, words, method: connection.method }),
		};
	} catch (error) {
		return { failure: lookupNetworkFailure(error, timeoutMs) };
	}
}

function isPassing(result: Result): boolean {
	return 'failure' in result && result.failure.facts.code === 'lookup_failed';
}

function orThrow(result: Result): Record<string, unknown> {
	if ('failure' in result) throw result.failure;
	return result.body;
}

function parseObject(text: string): Record<string, unknown> | undefined {
	try {
		const body: unknown = JSON.parse(text);
		return isRecord(body) ? body : undefined;
	} catch {
		return undefined;
	}
}
