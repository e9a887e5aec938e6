import type { IDataObject } from 'n8n-workflow';
import { isRecord } from '../shared/json';
import type { Client, ReadWords } from '../transport/Client';
import { MAX_PAGE_SIZE, readPages } from '../transport/paging';

/**
 * Finds rewards that a customer has claimed, as they are now:
 * `GET /v2/customers/{merchant_id}/transactions` (LoyaltyLion Admin API).
 *
 * @param client who reads
 * @param merchantId the customer's ID in the store
 * @param which tells whether a claimed reward is one of those
 * @param most how many there can be
 * @returns the claimed rewards, newest first, each once
 * @throws {ItemFailure} when the transactions could not be read to their end
 */
export async function findClaims(
	client: Client,
	merchantId: string,
	which: (claimed: IDataObject) => boolean,
	most: number,
): Promise<IDataObject[]> {
	const list = {
		path: `/v2/customers/${encodeURIComponent(merchantId)}/transactions`,
		key: 'transactions',
	};
	const found = new Map<unknown, IDataObject>();
	for await (const rows of readPages(client, list, { limit: MAX_PAGE_SIZE }, CLAIMS_WORDS)) {
		for (const claimed of rows.flatMap(claimedIn).filter(which)) {
			if (!found.has(claimed.id)) found.set(claimed.id, claimed);
		}
		if (found.size >= most) break;
	}
	return [...found.values()].slice(0, most);
}

/** What is said when they cannot be read. */
export const CLAIMS_WORDS: ReadWords = {
	unanswered: "LoyaltyLion could not be asked for the customer's claimed rewards",
	wanted: 'list of transactions',
	forbidden: "read a customer's claimed rewards",
	missingScope:
		'It needs the write_customers scope; if it has that, add read_customers too. Open it in LoyaltyLion under Manage > API keys, then try again.',
	scope: 'write_customers',
	rejected: () => ({
		message: "LoyaltyLion did not accept the request for the customer's claimed rewards",
		description: 'Check the value in Customer.',
	}),
};

function claimedIn({ claimed_reward: claimed }: IDataObject): IDataObject[] {
	return isRecord(claimed) ? [claimed as IDataObject] : [];
}
