import type { Claiming, Reward, Shop } from '../Shop.cts';
import {
	BLOCKED,
	type Call,
	customerOf,
	NO_CUSTOMER,
	notFound,
	refused,
	type Handler,
	type Reply,
} from './Handler.cts';
import { claimedRewardRow, rewardRow } from './rewardRow.cts';
import { siteMissing } from './sites.cts';

interface Query {
	site_id?: number;
}

interface ClaimBody {
	reward_id: number;
	multiplier?: number;
	variant_id?: string;
}

export const listAvailableRewards: Handler = {
	/** Also those that the customer cannot afford. */
	answer(shop, call) {
		const { merchantId, customer } = customerOf(shop, call);
		if (!customer) return NO_CUSTOMER;
		const refusal = siteMissing(shop, call);
		if (refusal) return refusal;
		const { site_id: siteId } = call.query as Query;
		const offered = shop.rewards.filter((reward) => isOffered(reward, merchantId, siteId));
		return { status: 200, body: { rewards: offered.map(rewardRow) } };
	},
};

export const claimReward: Handler = { answer: claim, takeEffect: claim };

function claim(shop: Shop, call: Call): Reply {
	const { merchantId, customer } = customerOf(shop, call);
	if (!customer) return NO_CUSTOMER;
	if (customer.blocked) return BLOCKED;
	const refusal = siteMissing(shop, call);
	if (refusal) return refusal;
	const { reward_id: rewardId, multiplier, variant_id: variantId } = call.body as ClaimBody;
	const { site_id: siteId } = call.query as Query;
	const reward = shop.rewards.find((each) => each.id === rewardId);
	if (!reward || !isOffered(reward, merchantId, siteId)) return notFound('Reward');
	if (multiplier !== undefined && reward.discountType !== 'custom') {
		return refused('Only custom rewards take a multiplier');
	}
	if (reward.needsVariant && variantId === undefined) return refused('A variant is required');
	if (shop.balanceOf(merchantId) < reward.pointCost * (multiplier ?? 1)) {
		return refused('Customer does not have enough points');
	}
	const claiming: Claiming = {
		merchantId,
		rewardId,
		...(multiplier !== undefined && { multiplier }),
		...(variantId !== undefined && { variantId }),
		...(siteId !== undefined && { siteId }),
	};
	const claimed = claimedRewardRow(shop, shop.claimByHand(claiming));
	return { status: 201, body: { claimed_reward: claimed } };
}

export const refundReward: Handler = { answer: refund, takeEffect: refund };

function refund(shop: Shop, call: Call): Reply {
	const { merchantId, customer } = customerOf(shop, call);
	if (!customer) return NO_CUSTOMER;
	const id = Number(call.parameters.claimed_reward_id);
	const claimed = shop.claims.find((each) => each.id === id && each.merchantId === merchantId);
	if (!claimed) return notFound('Claimed reward');
	if (claimed.state === 'void') return refused('Claimed reward is refunded already');
	shop.refundByHand(claimed);
	return {
		status: 200,
		body: {
			claimed_reward: claimedRewardRow(shop, claimed),
			remote_resource_deleted: shop.deletesVouchers && claimed.code !== null,
		},
	};
}

/** Tells whether a reward is offered to a customer, at a site or at any. */
export function isOffered({ only, siteId: where }: Reward, merchantId: string, siteId?: number) {
	const isAtSite = where === undefined || siteId === undefined || where === siteId;
	return isAtSite && (only === undefined || only.includes(merchantId));
}
