import { ItemFailure } from '../errors/ItemFailure';
import { isRecord } from '../shared/json';
import type { Client, ReadWords } from '../transport/Client';
import { eventsOf, type LoyaltyEvent } from './events';

const WORDS: ReadWords = {
	unanswered: 'LoyaltyLion could not be asked what the API key may do',
	wanted: 'answer that tells what the API key may do',
	forbidden: 'ask what it may do',
	missingScope: 'Open the key in LoyaltyLion under Manage > API keys and check that it is enabled.',
	scope: 'read_customers',
	rejected: () => ({
		message: 'LoyaltyLion did not accept the question what the API key may do',
		description: 'Check the LoyaltyLion credential.',
	}),
};

/**
 * Makes sure that an API key may read what some events tell, as far as LoyaltyLion says what it may:
 * `GET /v2/identity/whoami` (LoyaltyLion Admin API). A site token may read all.
 *
 * @param client who asks
 * @param topics LoyaltyLion's names of the events
 * @returns what may be missing, a sentence each: LoyaltyLion does not say what these events need
 * @throws {ItemFailure} `not_permitted` when a scope is missing, and when LoyaltyLion could not be asked
 */
export async function checkScopes(client: Client, topics: string[]): Promise<string[]> {
	if (client.hasSiteToken) return [];
	const { body } = await client.get('/v2/identity/whoami', WORDS);
	const scopes: unknown = isRecord(body.identity) ? body.identity.scopes : undefined;
	if (!Array.isArray(scopes)) return [];
	// A scope to write holds that to read (Admin API, API Keys).
	const held = scopes.map((scope) => String(scope).replace(/^write_/, 'read_'));
	const lacking = eventsOf(topics).flatMap((event) =>
		event.scopes.names.filter((name) => !held.includes(name)).map((name) => ({ event, name })),
	);
	const missing = lacking.filter(({ event }) => event.scopes.areDocumented);
	if (missing.length > 0) throw notPermitted(missing);
	return lacking.map(
		({ event, name }) =>
			`The API key lacks the ${name} scope, which ${event.name} probably needs. If LoyaltyLion sends no such events, add it in LoyaltyLion under Manage > API keys.`,
	);
}

function notPermitted(missing: { event: LoyaltyEvent; name: string }[]): ItemFailure {
	const scopes = [...new Set(missing.map(({ name }) => name))];
	const names = scopes.join(' and ');
	const events = [...new Set(missing.map(({ event }) => event.name))];
	return new ItemFailure({
		code: 'not_permitted',
		message: `The API key lacks the ${names} ${scopes.length > 1 ? 'scopes' : 'scope'}, which ${events.join(' and ')} ${events.length > 1 ? 'need' : 'needs'}`,
		description: `Open the key in LoyaltyLion under Manage > API keys, add ${names}, then try again. Nothing was subscribed to.`,
	});
}
