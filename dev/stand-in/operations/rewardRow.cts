import type { Claim, Reward, Shop } from '../Shop.cts';

/** A reward as lists show it. */
export function rewardRow({
	id,
	title,
	pointCost,
	method = 'voucher',
	discountType = 'flat',
	discountAmount = 5,
	siteId,
	more,
}: Reward) {
	return {
		id,
		title,
		description: null,
		sort_key: id,
		content: {},
		point_cost: pointCost,
		method,
		discount_type: discountType,
		discount_amount: discountAmount,
		minimum_spend: null,
		usage_limit: null,
		site_id: siteId ?? null,
		order_type: 'all',
		target_type: 'all',
		target_collections: [],
		target_products: [],
		auto_refund_seconds: null,
		expiry_options: null,
		supported_channels: ['web'],
		...more,
	};
}

/** A claimed reward with its state of now. */
export function claimedRewardRow(
	shop: Shop,
	{ id, rewardId, points, code, state, claimedAt }: Claim,
) {
	const reward = shop.reward(rewardId);
	return {
		id,
		claimed_at: claimedAt,
		point_cost: points,
		redeemable:
			code === null
				? { fulfilled: false, fulfilled_at: null }
				: { code, discount_amount: reward.discountAmount ?? 5, usage_count: 0, usage_limit: 1 },
		reward: rewardRow(reward),
		state,
		session: null,
		auto_refund_at: null,
		expires_at: null,
	};
}
