import type { StandIn } from '../../dev/stand-in/StandIn.cts';

/** The fields of one. */
export type Credential = { apiKey: string; baseUrl: string };

/**
 * A new credential for each test of a file, or of a `describe` block.
 *
 * @returns gives that of the running test
 */
export function credentialForEachTest(standIn: StandIn): () => Credential {
	let credential: Credential;
	beforeEach(() => {
		credential = newCredential(standIn);
	});
	return () => credential;
}

/**
 * A credential that may add points, with a key of which the node remembers nothing yet: neither what was
 * awarded with it, which counts when the history is read, nor a pause that LoyaltyLion has asked for.
 *
 * @param programId of the program that the key belongs to; most share one
 */
export function newCredential({ accounts, url }: StandIn, programId?: number): Credential {
	const apiKey = `pat_new_${Object.keys(accounts.apiKeys).length}`;
	accounts.apiKeys[apiKey] = ['write_customers'];
	if (programId !== undefined) accounts.programs[apiKey] = programId;
	return { apiKey, baseUrl: url };
}
