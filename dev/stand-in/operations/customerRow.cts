import type { Shop } from '../Shop.cts';

/**
 * Shows customers as lists do.
 *
 * @returns what shows one of the shop's customers, by merchant ID; quicker when LoyaltyLion's ID is given, too
 */
export function customerRows(shop: Shop) {
	let ids: ReadonlyMap<string, number> | undefined;
	const idOf = (merchantId: string) => (ids ??= customerIds(shop)).get(merchantId) ?? 0;
	const sums = shop.shownSums();
	return (merchantId: string, id = idOf(merchantId)) => {
		const {
			email = null,
			name,
			enrolled = true,
			guest = false,
			blocked = false,
			withoutMerchantId,
			points = 0,
			pointsPending = 0,
			birthday = null,
			more,
		} = shop.customer(merchantId) ?? {};
		const { createdAt, updatedAt } = timesOf(shop, merchantId, id);
		const sum = sums.get(merchantId);
		return {
			id,
			merchant_id: withoutMerchantId ? null : merchantId,
			email,
			points_approved: points + (sum?.approved ?? 0),
			points_pending: pointsPending + (sum?.pending ?? 0),
			points_spent: sum?.spent ?? 0,
			rewards_claimed: sum?.claimed ?? 0,
			properties: name === undefined ? {} : { name },
			metadata: {},
			blocked,
			guest,
			enrolled,
			enrolled_at: enrolled ? createdAt : null,
			referral_id: null,
			referral_url: null,
			referred_by: null,
			loyalty_tier_membership: null,
			insights_segment: null,
			birthday,
			linked_merchant_ids: [],
			created_at: createdAt,
			updated_at: updatedAt,
			...more,
		};
	};
}

/** What other rows show of a customer. */
export function customerBriefs(shop: Shop) {
	const rowOf = customerRows(shop);
	return (merchantId: string) => {
		const row = rowOf(merchantId);
		const { id, merchant_id, email, points_pending, points_approved, points_spent } = row;
		return { id, merchant_id, email, points_pending, points_approved, points_spent };
	};
}

/** The IDs that LoyaltyLion gives to the shop's customers: their places, counted from 1. */
export function customerIds(shop: Shop): ReadonlyMap<string, number> {
	return new Map(Object.keys(shop.customers).map((merchantId, index) => [merchantId, index + 1]));
}

/** When a customer was created and last changed, in ISO 8601. */
export function timesOf(shop: Shop, merchantId: string, id: number) {
	const { createdAt = isoOf(FIRST_CREATED + id * MINUTE_MS), updatedAt = createdAt } =
		shop.customers[merchantId] ?? {};
	const changedAt = shop.updatedAt(merchantId);
	return { createdAt, updatedAt: changedAt === undefined ? updatedAt : isoOf(changedAt) };
}

const FIRST_CREATED = Date.UTC(2025, 0, 1);
const MINUTE_MS = 60_000;

function isoOf(time: number) {
	return new Date(time).toISOString();
}
