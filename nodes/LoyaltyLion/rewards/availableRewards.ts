import type { IDataObject } from 'n8n-workflow';
import { isRecord } from '../shared/json';
import { unreadable, type Client, type ReadWords } from '../transport/Client';
import { toQuery } from '../transport/paging';

/** A reward as it is offered to a customer (Admin API, List Available Rewards). */
export interface AvailableReward {
	id: number;
	title: string;
	/** How many points it costs. */
	pointCost: number | undefined;
}

/** What is said when the rewards of a customer cannot be read. */
export const REWARDS_WORDS: ReadWords = {
	unanswered: "LoyaltyLion could not be asked for the customer's rewards",
	wanted: 'list of rewards',
	forbidden: "read a customer's rewards",
	missingScope:
		'It needs the write_customers scope; if it has that, add read_customers too. Open it in LoyaltyLion under Manage > API keys, then try again.',
	scope: 'write_customers',
	rejected: () => ({
		message: "LoyaltyLion did not accept the request for the customer's rewards",
		description: 'Check the values in Customer and Site ID.',
	}),
	notFound: () => ({
		code: 'customer_not_found',
		message: 'LoyaltyLion has no such customer',
		description: "Check the value in Customer: the merchant ID is the customer's ID in your store.",
	}),
};

/**
 * Reads the rewards that are offered to a customer, also those that the customer cannot afford:
 * `GET /v2/customers/{merchant_id}/available_rewards` (LoyaltyLion Admin API).
 *
 * @param client who reads
 * @param merchantId the customer's ID in the store
 * @param siteId at which of a program's sites, where there are several
 * @returns the rewards that have an ID
 * @throws {ItemFailure} when they could not be read
 */
export async function readAvailableRewards(
	client: Client,
	merchantId: string,
	siteId: number | undefined,
): Promise<AvailableReward[]> {
	const rows = await readRewardRows(client, merchantId, siteId, REWARDS_WORDS);
	return rows.flatMap(toReward);
}

/**
 * Reads the same as LoyaltyLion returns it.
 *
 * @param client who reads
 * @param merchantId the customer's ID in the store
 * @param siteId at which of a program's sites, where there are several
 * @param words what is said when they cannot be read
 * @returns the rewards
 * @throws {ItemFailure} when they could not be read
 */
export async function readRewardRows(
	client: Client,
	merchantId: string,
	siteId: number | undefined,
	words: ReadWords,
): Promise<IDataObject[]> {
	const query = siteId === undefined ? '' : `?${toQuery({ site_id: siteId })}`;
	const path = `/v2/customers/${encodeURIComponent(merchantId)}/available_rewards${query}`;
	const { rewards } = (await client.get(path, words)).body;
	if (!Array.isArray(rewards)) throw unreadable(words);
	return (rewards as unknown[]).filter(isRecord) as IDataObject[];
}

function toReward({ id, title, point_cost: pointCost }: IDataObject): AvailableReward[] {
	if (typeof id !== 'number') return [];
	const named = typeof title === 'string' && title.trim() !== '' ? title.trim() : `Reward ${id}`;
	return [{ id, title: named, pointCost: typeof pointCost === 'number' ? pointCost : undefined }];
}
