import type { IDataObject } from 'n8n-workflow';
import type { DoneBefore } from '../../adjustments/adjustOnce';
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
	if (outcome.confirmedBy === 'doneBefore') return await lookUp(adjustment, client, outcome);
	const { sent, result } = outcome;
	return result ? toOutput(result) : await lookUp(sent, client);
}

async function lookUp(
	claim: RewardClaim,
	client: Promise<Client>,
	before?: DoneBefore,
): Promise<IDataObject> {
	const { merchantId, rewardId, claimedRewardId } = claim;
	const isIt = ({ id, reward }: IDataObject) =>
		claimedRewardId === undefined
			? isRecord(reward) && reward.id === rewardId
			: id === claimedRewardId;
	const most = claimedRewardId === undefined ? Infinity : 1;
	try {
		const found = await findClaims(await client, merchantId, isIt, most);
		const [one, ...others] = await remembered(found, before);
		if (!one) return unknown(claim, 'LoyaltyLion does not show it, or not yet.');
		if (others.length === 0) return toOutput(one);
		const ids = [one, ...others].slice(0, MAX_NAMED).map(({ id }) => JSON.stringify(id));
		return unknown(
			claim,
			`The customer has claimed this reward several times (claimed reward IDs ${ids.join(', ')}), and n8n does not remember which of them it was.`,
		);
	} catch (error) {
		const { facts } = toReadFailure(error, CLAIMS_WORDS);
		if (facts.code === 'not_sent') return unknown(claim, 'The execution was canceled.');
		return unknown(claim, `${facts.message}. ${facts.description}`);
	}
}

/** Of several, those that n8n remembers; all of them when it remembers none. */
async function remembered(
	found: IDataObject[],
	before: DoneBefore | undefined,
): Promise<IDataObject[]> {
	// To ask for more would push out of n8n's store what it is to remember.
	if (!before || found.length < 2 || found.length > MAX_NAMED) return found;
	const ids = found.flatMap(({ id }) => (typeof id === 'number' ? [id] : []));
	const known = await before.resultsAmong(ids);
	return known.length === 0 ? found : found.filter(({ id }) => known.some((each) => each === id));
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
