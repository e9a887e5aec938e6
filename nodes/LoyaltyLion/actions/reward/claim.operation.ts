import { CLAIMING, type RewardClaim } from '../../adjustments/kinds/claiming';
import { toCustomerField } from '../../fields/customer';
import { reworded } from '../../fields/Field';
import { historySizeField, onlyOncePerField } from '../../fields/onlyOncePer';
import { toRequestFields } from '../../fields/requestOptions';
import { rewardField } from '../../fields/reward';
import { siteIdField } from '../../fields/siteId';
import { readAvailableRewards } from '../../rewards/availableRewards';
import type { Client } from '../../transport/Client';
import { AdjustingOperation } from '../adjusting/AdjustingOperation';
import { toCheckOnlyField } from '../adjusting/checkOnlyField';
import { toIfUnclearField } from '../adjusting/ifUnclearField';
import { whyNotOffered } from './checkReward';
import { claimedRewardOf } from './claimedReward';
import { multiplierField, variantIdField } from './claimOptions';

/** Claim: `POST /v2/customers/{merchant_id}/claimed_rewards` (LoyaltyLion Admin API v2, Redeem Reward). */
export const claim = new AdjustingOperation({
	value: 'claim',
	name: 'Claim',
	action: 'Claim reward',
	description:
		"Spend a customer's points on a reward, and return the claimed reward with its voucher code",
	kind: CLAIMING,
	fields: {
		customer: toCustomerField({
			description: 'The customer who gets the reward, and pays it with points',
			listHint: 'Every item claims for this one customer.',
		}),
		own: { rewardId: rewardField },
		onlyOncePer: reworded(onlyOncePerField, {
			description:
				'What the reward is claimed for. n8n remembers it for this node, so that nobody pays for it again, whatever is run again. If n8n crashes while a reward is being claimed, a person has to look whether it was. Leave it empty to claim each time.',
			hint: "The same customer gets a reward for the same value once: a submission ID, or a campaign's name for once per customer. What was claimed before comes out again, with its voucher code.",
		}),
		checkOnly: toCheckOnlyField(
			"Whether to do everything but the claim: the item's fields are checked, its customer is looked up, and the reward has to be one that the customer is offered, but nothing is claimed. A check does not tell whether the points suffice, what was claimed for Only Once Per before, whether the API key may claim, whether a customer given by merchant ID is blocked, or whether Multiplier and Variant ID suit the reward.",
		),
		ifUnclear: toIfUnclearField({
			description:
				'What to do when the request was sent, but no clear answer came back, so that the reward may have been claimed',
			check:
				"Look for the claim in the customer's history for 30 seconds. If it is not there, the item fails as unclear.",
			checkThenSend:
				'Look for 30 seconds, then send a claim that is not there once more, a single time for each item. Can, rarely, claim the reward twice, as LoyaltyLion may show it late; the item says so then. Rewards that cost nothing are not claimed again.',
		}),
		historySize: reworded(historySizeField, {
			description:
				'How many values of Only Once Per are remembered, counted over all customers. Beyond that, the oldest are forgotten, and their rewards would be claimed again. The more there are, the longer n8n takes to look them up.',
		}),
		more: { multiplier: multiplierField, variantId: variantIdField, siteId: siteIdField },
		request: toRequestFields(
			'When none comes to the claim itself, it is unclear whether the reward was claimed.',
		),
	},
	words: {
		done: 'got their reward',
		reasons: {
			reward_not_found: 'LoyaltyLion has no such reward for the customer, or no such customer',
			refused: 'LoyaltyLion refused, e.g. because there were not points enough',
			other_reward_claimed: 'another reward was claimed before for the same value of Only Once Per',
			not_remembered: 'n8n could not look up what was claimed before',
		},
		notPayable: {
			unnamed: 'that a reward could be claimed for',
			byMerchantId: 'LoyaltyLion claims rewards by merchant ID only.',
		},
		notes: {
			mayBeTwice:
				"the claim was sent a second time, as the customer's history did not show it, and the reward may have been claimed twice. Look at the customer in LoyaltyLion, and refund what is too much.",
			isTwice:
				"the reward was claimed twice: the customer's history shows both. Refund one in LoyaltyLion.",
			otherKey:
				'the reward was claimed in an earlier try, with another API key or Base URL than the LoyaltyLion credential has now. It was not claimed again. If that is another store, it is not there.',
		},
		forgotten: 'Beyond that, the oldest are forgotten, and their rewards would be claimed again.',
	},
	about: ({ rewardId = null }) => ({ subject: { rewardId }, beside: {} }),
	toAdjustment: (customer, { rewardId }, { multiplier, variantId, siteId }) => ({
		...customer,
		rewardId,
		...(multiplier !== undefined && { multiplier }),
		...(variantId !== undefined && { variantId }),
		...(siteId !== undefined && { siteId }),
	}),
	makesRow: costsPoints,
	check: { whyNot: whyNotOffered, complete: async () => ({}) },
	complete: claimedRewardOf,
});

/** Whether LoyaltyLion makes a row for a reward that costs nothing is not documented. */
async function costsPoints(
	{ merchantId, rewardId, siteId }: RewardClaim,
	client: Client,
): Promise<boolean> {
	const rewards = await readAvailableRewards(client, merchantId, siteId).catch(() => []);
	const cost = rewards.find(({ id }) => id === rewardId)?.pointCost;
	return cost !== undefined && cost > 0;
}
