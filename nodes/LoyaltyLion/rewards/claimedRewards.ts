import type { IDataObject } from 'n8n-workflow';
import { needing } from '../errors/answers';
import { ItemFailure } from '../errors/ItemFailure';
import { isRecord } from '../shared/json';
import { unreadable, type Client, type ReadWords } from '../transport/Client';
import { MAX_PAGE_SIZE, readPages } from '../transport/paging';

/** A reward that a customer has claimed. */
export interface ClaimedReward {
	/** The customer's ID in the store. */
	merchantId: string;
	/** Only where the customer is chosen by email. */
	email?: string;
	claimedRewardId: number;
}

/** A claimed reward as LoyaltyLion shows it now. */
export interface ShownReward {
	/** The claimed reward as LoyaltyLion returned it. */
	reward: IDataObject;
	/** Whether its points were given back. */
	isRefunded: boolean;
}

/** What LoyaltyLion calls a claimed reward whose points were given back; the dashboard shows "Void". */
const REFUNDED_STATES = ['void', 'refunded'];

/**
 * Reads a claimed reward from its customer's transactions, which show it as it is now, not as it was then:
 * `GET /v2/customers/{merchant_id}/transactions` (LoyaltyLion Admin API). There is no other way to read one.
 *
 * @param client who reads
 * @param claimed which one
 * @returns the claimed reward
 * @throws {ItemFailure} `claimed_reward_not_found` when it is in none of the transactions; `lookup_failed` when they
 *   do not tell
 */
export async function readClaimedReward(
	client: Client,
	claimed: ClaimedReward,
): Promise<ShownReward> {
	const words = toWords(claimed);
	const list = {
		path: `/v2/customers/${encodeURIComponent(claimed.merchantId)}/transactions`,
		key: 'transactions',
	};
	for await (const rows of readPages(client, list, { limit: MAX_PAGE_SIZE }, words)) {
		const found = rows.map(rewardIn).find((each) => each?.id === claimed.claimedRewardId);
		if (found) return toShown(found, words);
	}
	throw notFound(claimed);
}

/**
 * @param value what LoyaltyLion returned for a claimed reward
 * @returns the same, when it is an object
 */
export function rewardOf(value: unknown): IDataObject | undefined {
	return isRecord(value) && !Array.isArray(value) ? (value as IDataObject) : undefined;
}

function rewardIn({ claimed_reward: reward }: IDataObject): IDataObject | undefined {
	return rewardOf(reward);
}

function toShown(reward: IDataObject, words: ReadWords): ShownReward {
	const { state } = reward;
	if (typeof state !== 'string') throw unreadable(words);
	return { reward, isRefunded: REFUNDED_STATES.includes(state) };
}

function notFound({ merchantId, email, claimedRewardId }: ClaimedReward): ItemFailure {
	return new ItemFailure({
		code: 'claimed_reward_not_found',
		message: `Customer ${email ?? merchantId} has no claimed reward ${claimedRewardId}`,
		description:
			"It is in none of the customer's transactions. Check Customer and Claimed Reward ID: it is the ID of the claimed reward, not that of the reward. LoyaltyLion may show a claim a few minutes late.",
	});
}

function toWords({ merchantId, email }: ClaimedReward): ReadWords {
	return {
		...needing('write_customers'),
		unanswered: "LoyaltyLion could not be asked for the customer's claimed rewards",
		wanted: 'list of transactions with their claimed rewards',
		forbidden: "read a customer's claimed rewards",
		rejected: () => ({
			message: "LoyaltyLion did not accept the request for the customer's claimed rewards",
			description: 'Check the value in Customer.',
		}),
		notFound: () => ({
			code: 'customer_not_found',
			message: `LoyaltyLion has no customer with the merchant ID ${merchantId}`,
			description:
				email === undefined
					? "The merchant ID is the customer's ID in your store (on Shopify, the number at the end of the customer page's address), not LoyaltyLion's own ID. Check the value in Customer."
					: `LoyaltyLion lists ${email} with that merchant ID. Look at the customer in LoyaltyLion.`,
		}),
	};
}
