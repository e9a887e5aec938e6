import type { Shop } from '../Shop.cts';
import { BLOCKED, type Call, customerOf, NO_CUSTOMER, refused, type Handler } from './Handler.cts';

interface Body {
	points: number;
	reason?: string | null;
}

export const removePoints: Handler = {
	answer(shop, call) {
		const { customer } = customerOf(shop, call);
		if (!customer) return NO_CUSTOMER;
		if (customer.blocked) return BLOCKED;
		if (!remove(shop, call)) return refused('Customer does not have enough points');
		return { status: 204, body: undefined };
	},

	takeEffect: remove,
};

/** @returns whether LoyaltyLion does it, if only in part */
function remove(shop: Shop, call: Call) {
	const { merchantId } = customerOf(shop, call);
	const { points, reason = null } = call.body as Body;
	const there = Math.max(0, shop.balanceOf(merchantId));
	if (points > there && shop.ifTooFew === 'refuse') return false;
	const taken = shop.ifTooFew === 'stopAtZero' ? Math.min(points, there) : points;
	if (taken > 0) shop.addByHand({ merchantId, points: -taken, reason });
	return true;
}
