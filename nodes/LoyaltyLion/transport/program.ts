import { ItemFailure } from '../errors/ItemFailure';
import { isRecord } from '../shared/json';
import type { Client, ReadWords } from './Client';

const WORDS: ReadWords = {
	unanswered: 'LoyaltyLion could not be asked which program the credential belongs to',
	wanted: 'answer that tells the program',
	forbidden: 'ask which program it belongs to',
	missingScope: 'Open the key in LoyaltyLion under Manage > API keys and check that it is enabled.',
	scope: 'write_customers',
	rejected: () => ({
		message: 'LoyaltyLion did not accept the question which program the credential belongs to',
		description: 'Check the LoyaltyLion credential.',
	}),
};

/**
 * Asks which program of LoyaltyLion a credential belongs to, once in a process: `GET /v2/identity/whoami`
 * (LoyaltyLion Admin API). An API key can be renewed; its program stays.
 *
 * @param client who asks
 * @returns the program's ID, or `undefined` when LoyaltyLion does not tell one, as it may be with a site token
 * @throws {ItemFailure} when no clear answer comes, or the credential is not accepted
 */
export async function programOf(client: Client): Promise<string | undefined> {
	const { mark } = client.account;
	const asked = PROGRAMS.get(mark) ?? ask(client);
	PROGRAMS.set(mark, asked);
	return await asked.catch(async (error) => {
		if (PROGRAMS.get(mark) === asked) PROGRAMS.delete(mark);
		// It may have been asked for another execution, which was canceled.
		const wasCanceled = error instanceof ItemFailure && error.facts.code === 'not_sent';
		if (wasCanceled && !client.signals.read?.aborted) return await programOf(client);
		throw error;
	});
}

/** By the mark of the account, which outlives what else is shared by those who use it. */
const PROGRAMS = new Map<string, Promise<string | undefined>>();

async function ask(client: Client): Promise<string | undefined> {
	const reading = await client.get('/v2/identity/whoami', WORDS).catch((error) => {
		const status = error instanceof ItemFailure ? error.facts.httpCode : undefined;
		if (client.hasSiteToken && NOT_TOLD.includes(status ?? '')) return undefined;
		throw error;
	});
	const identity = reading?.body.identity;
	const id = isRecord(identity) ? identity.program_id : undefined;
	return typeof id === 'number' || typeof id === 'string' ? String(id) : undefined;
}

/** It is documented for keys only: from those, such an answer comes from a proxy, and can be another next time. */
const NOT_TOLD = ['403', '404'];
