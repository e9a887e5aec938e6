import type { IDataObject } from 'n8n-workflow';
import type { RewardClaim } from '../../adjustments/kinds/claiming';
import { CLAIMS_WORDS, findClaims } from '../../rewards/claims';
import { isRecord } from '../../shared/json';
import { toReadFailure, type Client } from '../../transport/Client';
import type { Made } from '../adjusting/Adjusting';

/** So many claims of one reward are named where it is not known which of them is meant. */
const MAX_NAMED = 20;

/**
 * Says what was claimed. What is not at hand is looked up in the customer's transactions, which show it as it is now.
 *
 * @param made the claim
 * @param client who reads; may fail
 * @returns the claimed reward, its ID and its voucher code; `null` with a note why where they are not known; never
 *   throws, as the reward is claimed whether or not it can be read
 */
export async function claimedRewardOf(
	{ adjustment, outcome }: Made<RewardClaim>,
	client: Promise<Client>,
): Promise<IDataObject> {
	if (outcome.confirmedBy === 'doneBefore') return await lookUp(adjustment, client);
	const { sent, result } = outcome;
	return result ? toOutput(result) : await lookUp(sent, client);
}

async function lookUp(claim: RewardClaim, client: Promise<Client>): Promise<IDataObject> {
	const { merchantId, rewardId, claimedRewardId } = claim;
	const isIt = ({ id, reward }: IDataObject) =>
		claimedRewardId === undefined
			? isRecord(reward) && reward.id === rewardId
			: id === claimedRewardId;
	const most = claimedRewardId === undefined ? MAX_NAMED : 1;
	try {
		const [one, ...others] = await findClaims(await client, merchantId, isIt, most);
		if (!one) return unknown(claim, 'LoyaltyLion does not show it, or not yet.');
		if (others.length === 0) return toOutput(one);
		const ids = [one, ...others].map(({ id }) => JSON.stringify(id)).join(', ');
		return unknown(
			claim,
			`The customer has claimed this reward several times (claimed reward IDs ${ids}), and n8n does not remember which of them it was.`,
		);
	} catch (error) {
		const { facts } = toReadFailure(error, CLAIMS_WORDS);
		if (facts.code === 'not_sent') return unknown(claim, 'The execution was canceled.');
		return unknown(claim, `${facts.message}. ${facts.description}`);
	}
}

function toOutput(claimed: IDataObject): IDataObject {
	const { id, redeemable } = claimed;
	const code = isRecord(redeemable) ? redeemable.code : undefined;
	return {
		claimedRewardId: id,
		voucherCode: typeof code === 'string' ? code : null,
		claimedReward: claimed,
	};
}

function unknown({ claimedRewardId }: RewardClaim, why: string): IDataObject {
	return {
		claimedRewardId: claimedRewardId ?? null,
		voucherCode: null,
		claimedReward: null,
		claimedRewardNote: `${why} The reward was claimed all the same: look at the customer in LoyaltyLion.`,
	};
}
