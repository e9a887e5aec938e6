import { sentences, detailSentences } from '../errors/answers';
import { wholeNumber } from '../fields/values';
import { isRecord, parseJson } from '../shared/json';
import { unreadable, type ChangeWords, type Client, type ReadWords } from '../transport/Client';
import type { Answer } from '../transport/request';
import { eventsOf } from './events';

/** What LoyaltyLion calls a webhook: it sends the events of one topic to one address. */
interface Hook {
	id: number;
	topic: string;
}

const HOOKS_PATH = '/v2/webhooks';

/** LoyaltyLion's answer holds one webhook. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Tells whether LoyaltyLion sends an address just the events that are wanted, each once.
 *
 * @param client who asks
 * @param address where they are wanted
 * @param topics LoyaltyLion's names of the events that are wanted, each once
 * @returns whether it does
 * @throws {ItemFailure} when LoyaltyLion could not be asked
 */
export async function areHooksAsWanted(
	client: Client,
	address: string,
	topics: string[],
): Promise<boolean> {
	const hooks = await hooksAt(client, address);
	return hooks.length === topics.length && topics.every((topic) => isAmong(hooks, topic));
}

/**
 * Sees to it that LoyaltyLion sends an address just the events that are wanted, each once: it makes the webhooks that
 * are missing, and removes those that are too many. Whoever does the same at the same time keeps the same ones.
 *
 * @param client who does so
 * @param address where they are wanted
 * @param topics LoyaltyLion's names of the events that are wanted, each once
 * @throws {ItemFailure} when that was not possible; what was made by then is removed again, as far as it can be
 */
export async function keepHooks(client: Client, address: string, topics: string[]): Promise<void> {
	const before = await hooksAt(client, address);
	const made: Hook[] = [];
	const change = async () => {
		for (const topic of topics.filter((each) => !isAmong(before, each))) {
			made.push(...(await make(client, address, topic)));
		}
		const now = withOthers(await hooksAt(client, address), made);
		await remove(client, superfluous(now, topics));
	};
	await change().catch(async (error) => {
		await undo(client, address, before, made);
		throw error;
	});
}

/**
 * Sees to it that LoyaltyLion sends an address nothing any more.
 *
 * @param client who does so
 * @param address the address
 * @throws {ItemFailure} when that was not possible
 */
export async function removeHooks(client: Client, address: string): Promise<void> {
	await remove(client, await hooksAt(client, address));
}

/** `GET /v2/webhooks`, which has no pages (LoyaltyLion Admin API, List Webhooks). */
async function hooksAt(client: Client, address: string): Promise<Hook[]> {
	const { webhooks } = (await client.get(HOOKS_PATH, LIST_WORDS)).body;
	if (!Array.isArray(webhooks)) throw unreadable(LIST_WORDS);
	return webhooks.flatMap((row) => toHook(row, address));
}

/**
 * `POST /v2/webhooks` (LoyaltyLion Admin API, Create Webhook). Whatever comes back, the webhook may be there: another
 * process may have made it, or an answer may have got lost.
 */
async function make(client: Client, address: string, topic: string): Promise<Hook[]> {
	const request = {
		method: 'POST',
		path: HOOKS_PATH,
		body: { webhook: { topic, address } },
		maxBytes: MAX_ANSWER_BYTES,
	} as const;
	const { hooks } = await client
		.change(request, makingWords(topic), (answer) => readMade(answer, address))
		.catch(async (error) => {
			const now = await hooksAt(client, address).catch(() => []);
			if (isAmong(now, topic)) return { hooks: [] };
			throw error;
		});
	return hooks;
}

/**
 * `DELETE /v2/webhooks/{webhook_id}` (LoyaltyLion Admin API, Delete Webhook). One that cannot be removed keeps none of
 * the others.
 */
async function remove(client: Client, hooks: Hook[]): Promise<void> {
	const failures: unknown[] = [];
	for (const { id } of hooks) {
		const request = {
			method: 'DELETE',
			path: `${HOOKS_PATH}/${id}`,
			maxBytes: MAX_ANSWER_BYTES,
		} as const;
		await client
			.change(request, REMOVING_WORDS, readRemoved)
			.catch((error: unknown) => failures.push(error));
	}
	if (failures.length > 0) throw failures[0];
}

async function undo(client: Client, address: string, before: Hook[], made: Hook[]): Promise<void> {
	const now = await hooksAt(client, address).catch(() => []);
	const own = withOthers(now, made).filter(({ id }) => !before.some((hook) => hook.id === id));
	// What keeps them from being removed is what has failed before, and that is said.
	await remove(client, own).catch(() => {});
}

/** Of several for one topic, the oldest is kept: nobody who looks at the same list keeps another one. */
function superfluous(hooks: Hook[], topics: string[]): Hook[] {
	return hooks.filter(
		({ id, topic }) =>
			!topics.includes(topic) || hooks.some((other) => other.topic === topic && other.id < id),
	);
}

/** LoyaltyLion may list late what it has made. */
function withOthers(hooks: Hook[], others: Hook[]): Hook[] {
	return [...hooks, ...others.filter(({ id }) => !hooks.some((hook) => hook.id === id))];
}

function isAmong(hooks: Hook[], topic: string): boolean {
	return hooks.some((hook) => hook.topic === topic);
}

/** @returns the webhook, unless it sends to another address: then it is somebody else's */
function toHook(row: unknown, address: string): Hook[] {
	if (!isRecord(row)) return [];
	const id = wholeNumber(row.id, 0, Number.MAX_SAFE_INTEGER);
	const { topic } = row;
	if (id === undefined || typeof topic !== 'string') return [];
	return normalized(row.address) === normalized(address) ? [{ id, topic }] : [];
}

/** An address is the same with its host in capitals, or with the port that it has anyway. */
function normalized(address: unknown): unknown {
	try {
		return new URL(String(address)).href;
	} catch {
		return address;
	}
}

function readMade({ statusCode, text }: Answer, address: string): { hooks: Hook[] } | undefined {
	if (statusCode !== 201 && statusCode !== 200) return undefined;
	const body = parseJson(text);
	return { hooks: isRecord(body) ? toHook(body.webhook, address) : [] };
}

/** What is gone needs no removing. */
function readRemoved({ statusCode }: Answer): object | undefined {
	return [200, 202, 204, 404, 410].includes(statusCode) ? {} : undefined;
}

/** What is said of all of them; an API key of any scope may look after webhooks (Admin API, API Keys). */
const GENERAL_WORDS = {
	missingScope: 'Open the key in LoyaltyLion under Manage > API keys and check what it may do.',
	scope: 'read_customers',
	again: 'try again',
};

const LIST_WORDS: ReadWords = {
	...GENERAL_WORDS,
	unanswered: 'LoyaltyLion could not be asked which events it sends to n8n',
	wanted: 'list of webhooks',
	forbidden: 'list webhooks',
	rejected: () => ({
		message: 'LoyaltyLion did not accept the question which events it sends to n8n',
		description: 'Check the LoyaltyLion credential.',
	}),
};

const REMOVING_WORDS: ChangeWords = {
	...GENERAL_WORDS,
	nothingDone: 'LoyaltyLion may still send events to n8n.',
	forbidden: 'remove webhooks',
	rejected: () => ({
		message: 'LoyaltyLion did not accept that it is to send an event no more',
		description: 'Try again a little later.',
	}),
	unclear: 'Unclear whether LoyaltyLion still sends events to n8n',
	whenUnclear: 'Try again a little later.',
};

function makingWords(topic: string): ChangeWords {
	const [event] = eventsOf([topic]);
	const { name, scopes } = event ?? { name: topic, scopes: { names: [] } };
	const notMade = `LoyaltyLion will not send ${name} to n8n.`;
	const rejected = {
		message: `LoyaltyLion did not accept the subscription to ${name}`,
		description: `${notMade} Check that the API key has the ${scopes.names.join(' and ')} scope, and that your LoyaltyLion plan has this event; or take ${name} out of Events.`,
	};
	return {
		...GENERAL_WORDS,
		nothingDone: notMade,
		forbidden: `subscribe to ${name}`,
		missingScope: `It needs the ${scopes.names.join(' and ')} scope. Open the key in LoyaltyLion under Manage > API keys, add it, then try again.`,
		scope: scopes.names.join(' and '),
		rejected: (answer) => ({
			...rejected,
			description: sentences(detailSentences(answer), rejected.description),
		}),
		refused: () => rejected,
		unclear: `Unclear whether LoyaltyLion will send ${name} to n8n`,
		whenUnclear: 'Try again: nothing is subscribed to twice.',
	};
}
