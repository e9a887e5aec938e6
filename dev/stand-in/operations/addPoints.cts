import type { Shop } from '../Shop.cts';
import { BLOCKED, type Call, customerOf, NO_CUSTOMER, type Handler } from './Handler.cts';

interface Body {
	points: number;
	reason?: string | null;
}

export const addPoints: Handler = {
	answer(shop, call) {
		const { customer } = customerOf(shop, call);
		if (!customer) return NO_CUSTOMER;
		if (customer.blocked) return BLOCKED;
		award(shop, call);
		return { status: 201, body: '' };
	},

	takeEffect: award,
};

function award(shop: Shop, call: Call) {
	const { merchantId } = customerOf(shop, call);
	const { points, reason = null } = call.body as Body;
	shop.addByHand({ merchantId, points, reason });
}
