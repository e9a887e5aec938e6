import type { ILoadOptionsFunctions } from 'n8n-workflow';
import { DEFAULT_REQUESTS_PER_SECOND } from '../fields/requestOptions';
import { Client } from '../transport/Client';
import { Connector } from '../transport/connect';
import { Patience } from '../transport/Patience';

const TIMEOUT_MS = 30_000;

/**
 * Speaks to LoyaltyLion while a field is being filled in.
 *
 * @param context the editor's
 * @returns what does so
 * @throws {ItemFailure} when the credential cannot be used
 */
export async function openInEditor(context: ILoadOptionsFunctions): Promise<Client> {
	const sender = {
		context,
		connection: await new Connector(context).connect(0),
		patience: new Patience(),
		place: 0,
		requestsPerSecond: DEFAULT_REQUESTS_PER_SECOND,
		timeoutMs: TIMEOUT_MS,
	};
	return new Client(sender, { send: undefined, read: undefined });
}
