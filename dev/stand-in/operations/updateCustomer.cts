import type { Changes, Shop } from '../Shop.cts';
import { customerRows } from './customerRow.cts';
import { type Call, customerOf, NO_CUSTOMER, type Handler } from './Handler.cts';

export const updateCustomer: Handler = {
	answer(shop, call) {
		const { merchantId, customer } = customerOf(shop, call);
		if (!customer) return NO_CUSTOMER;
		update(shop, call);
		return { status: 200, body: { customer: customerRows(shop)(merchantId) } };
	},

	takeEffect: update,
};

function update(shop: Shop, call: Call) {
	const { customer: changes } = call.body as { customer: Changes };
	shop.change(customerOf(shop, call).merchantId, changes);
}
