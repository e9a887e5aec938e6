import type { Shop } from '../Shop.cts';

/**
 * A customer as lists show it.
 *
 * @param index its place in the shop, counted from 0
 */
export function customerRow(shop: Shop, merchantId: string, index: number) {
	const {
		email = null,
		name,
		enrolled = true,
		guest = false,
		blocked = false,
		withoutMerchantId,
	} = shop.customers[merchantId] ?? {};
	const shown = shop.shownInBalances.filter((award) => award.merchantId === merchantId);
	return {
		id: index + 1,
		merchant_id: withoutMerchantId ? null : merchantId,
		email,
		points_approved: shown.reduce((sum, { points }) => sum + points, 0),
		enrolled,
		guest,
		blocked,
		properties: name === undefined ? {} : { name },
	};
}
