import type { IHookFunctions, ILoadOptionsFunctions } from 'n8n-workflow';
import { DEFAULT_REQUESTS_PER_SECOND } from '../fields/requestOptions';
import { Client } from '../transport/Client';
import { Connector } from '../transport/connect';
import { Patience } from '../transport/Patience';

const TIMEOUT_MS = 30_000;

/**
 * Speaks to LoyaltyLion outside a run: while a field is being filled in, or a workflow is published.
 *
 * @param context what n8n hands the node for it
 * @returns what does so
 * @throws {ItemFailure} when the credential cannot be used
 */
export async function openOutsideRun(
	context: ILoadOptionsFunctions | IHookFunctions,
): Promise<Client> {
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
