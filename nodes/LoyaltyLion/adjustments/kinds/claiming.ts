import type { IDataObject } from 'n8n-workflow';
import { isRecord, parseJson } from '../../shared/json';
import { customerOf, type Adjustment } from '../Adjustment';
import type { Row } from '../history';
import type { Kind, Learned } from '../Kind';

/** A reward that is claimed for a customer, who pays it with points. */
export interface RewardClaim extends Adjustment {
	/** LoyaltyLion's own, of the reward. */
	rewardId: number;
	/** How many times a custom reward is claimed at once. */
	multiplier?: number;
	/** Which variant of a product, by its ID in the store. */
	variantId?: string;
	/** At which of a program's sites. */
	siteId?: number;
	/** LoyaltyLion's own, of what was claimed; as soon as it is known. */
	claimedRewardId?: number;
}

/**
 * Rewards that are claimed: `POST /v2/customers/{merchant_id}/claimed_rewards`, 201 with the claimed reward
 * (LoyaltyLion Admin API v2, Redeem Reward). That it takes `site_id` in its query, as the list of available rewards
 * does, is not documented: it goes out only where the user gives one.
 */
export const CLAIMING: Kind<RewardClaim> = {
	name: 'claim',
	memory: 'loyaltyLionClaims',
	isSureToShow: true,
	request: ({ merchantId, rewardId, multiplier, variantId, siteId }) => ({
		path: `/v2/customers/${encodeURIComponent(merchantId)}/claimed_rewards${siteId === undefined ? '' : `?site_id=${siteId}`}`,
		body: {
			reward_id: rewardId,
			...(multiplier !== undefined && { multiplier }),
			...(variantId !== undefined && { variant_id: variantId }),
		},
		maxBytes: MAX_ANSWER_BYTES,
	}),
	readSuccess: ({ statusCode, complete, text }) => {
		const body = statusCode === 201 && complete ? parseJson(text) : undefined;
		return isRecord(body) ? learnFrom(body.claimed_reward) : undefined;
	},
	alikeKey: ({ merchantId, rewardId }) => `${rewardId} ${merchantId}`,
	isOwn: (row, { rewardId }) => isSpending(row) && isOf(row, { rewardId }),
	mayHaveMade: isOf,
	mayBeOwn: (row, { rewardId }) => {
		if (row.claimed === undefined) return !ELSEWHERE.some((resource) => resource === row.resource);
		const shown = rewardIdOf(row.claimed);
		return (shown === undefined || shown === rewardId) && !isGivingBack(row);
	},
	isTelling: ({ claimed }) => claimed !== undefined,
	isCertainlyOf: ({ claimed }, { claimedRewardId }) =>
		claimedRewardId !== undefined && claimed?.id === claimedRewardId,
	learn: ({ claimed }) => learnFrom(claimed) ?? { facts: {} },
	what: ({ rewardId, multiplier, variantId }) =>
		multiplier === undefined && variantId === undefined
			? rewardId
			: JSON.stringify([rewardId, multiplier ?? null, variantId ?? null]),
	resultId: ({ claimedRewardId }) => claimedRewardId,
	/** It names nothing, so that there is nothing to tell it by. */
	isNamed: () => true,
	judgeEarlier: (row, { adjustment, isSame }) => {
		const mayBe = isSame
			? CLAIMING.mayBeOwn(row, adjustment)
			: row.claimed !== undefined && !isGivingBack(row);
		return mayBe ? 'unsure' : 'others';
	},
	words: {
		doing: 'claim a reward',
		notDone: 'no reward was claimed',
		notDoneFor: (customer) => `no reward was claimed for customer ${customer}`,
		mayBeDone: 'The reward may have been claimed.',
		mayEvenBeTwice: 'the reward may even have been claimed twice',
		pronouns: {
			found: 'the claim',
			unsure: ['a claim', 'that may be this one, or another'],
			them: 'it',
			they: 'it',
			were: 'was',
			are: 'is',
		},
		unclear: (claim) =>
			`Unclear whether reward ${claim.rewardId} was claimed for customer ${customerOf(claim)}`,
		notFound: (claim) => ({
			code: 'reward_not_found',
			message: `LoyaltyLion has no reward ${claim.rewardId} for customer ${customerOf(claim)}`,
			description:
				"Either the reward is not offered to this customer, or LoyaltyLion knows no customer by this merchant ID, which is the customer's ID in your store. Check the values in Reward and Customer.",
		}),
		refused: (claim) => ({
			message: `LoyaltyLion refused to let customer ${customerOf(claim)} claim reward ${claim.rewardId}`,
			description:
				'Open the customer in LoyaltyLion and check that the customer has enough points, is enrolled and not blocked. Multiplier works for custom rewards only, and a free product may need a Variant ID.',
		}),
		notRemembered: (customer) =>
			`n8n cannot look up what customer ${customer} claimed rewards for before`,
		another: (claim) => ({
			code: 'other_reward_claimed',
			message: `Customer ${customerOf(claim)} claimed another reward for "${claim.onlyOncePer}" before`,
			description: `A reward was claimed for this value of Only Once Per before, but not reward ${claim.rewardId} with this Multiplier and Variant ID. Nothing was sent now. Look at the customer in LoyaltyLion, and decide: leave it so, or refund that one and claim this one by hand.`,
		}),
		anotherByEarlierRun:
			'That run was about to claim another reward than this one, and which one it is to be is for a person to decide.',
		unsureOfEarlierRun: 'A claim does not tell what it was for, so that a person has to look.',
		flags: {
			mayBeDone: 'rewardMayHaveBeenClaimed',
			mayBeTwice: 'rewardMayHaveBeenClaimedTwice',
			isTwice: 'rewardWasClaimedTwice',
		},
		doneBefore: 'alreadyClaimed',
	},
};

/** A reward can list all products that it is for. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** What rows that hold no claimed reward are documented to come from otherwise. */
const ELSEWHERE = ['adjustment', 'activity', 'expiry'];

/** Whether it is a claim of the same reward, and not known to be another claim. */
function isOf(
	{ claimed }: Row,
	{ rewardId, claimedRewardId }: Pick<RewardClaim, 'rewardId' | 'claimedRewardId'>,
): boolean {
	if (claimed === undefined || rewardIdOf(claimed) !== rewardId) return false;
	return claimedRewardId === undefined || claimed.id === claimedRewardId;
}

/** A reward may be free. */
function isSpending({ approved, pending }: Row): boolean {
	return approved + pending <= 0;
}

/** A refund is a row of the same claimed reward. */
function isGivingBack({ approved, pending }: Row): boolean {
	return approved + pending > 0;
}

function rewardIdOf({ reward }: IDataObject): number | undefined {
	return isRecord(reward) && typeof reward.id === 'number' ? reward.id : undefined;
}

function learnFrom(claimed: unknown): Learned<RewardClaim> | undefined {
	if (!isRecord(claimed) || typeof claimed.id !== 'number') return undefined;
	return { facts: { claimedRewardId: claimed.id }, result: claimed as IDataObject };
}
