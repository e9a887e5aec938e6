import { customerRow } from './customerRow.cts';
import { customerOf, NO_CUSTOMER, type Handler } from './Handler.cts';
import { cursorOf, placeOf } from './pages.cts';

interface Query {
	limit?: number;
	cursor?: string;
	created_at_min?: string;
	created_at_max?: string;
}

export const listTransactions: Handler = {
	/** Newest first, which is the last in the ledger. */
	answer(shop, call) {
		const { limit = 100, cursor, created_at_min: min, created_at_max: max } = call.query as Query;
		const { merchantId } = customerOf(shop, call);
		const index = Object.keys(shop.customers).indexOf(merchantId);
		if (index < 0) return NO_CUSTOMER;
		const { offset } = placeOf(cursor, { offset: 0 });
		const { id, merchant_id, email, points_approved } = customerRow(shop, merchantId, index);
		const transactions = [...shop.look().entries()]
			.filter(([, award]) => award.merchantId === merchantId && shop.isInHistory(award))
			.reverse()
			.map(([place, award]) => ({
				id: place + 1,
				customer: { id, merchant_id, email, points_approved },
				points_approved: award.points,
				points_pending: 0,
				created_at: new Date(shop.awardedAt(award)).toISOString(),
				resource: 'adjustment',
				adjustment: shop.describeAdjustment(award),
			}))
			.map(shop.showRow)
			.filter(({ created_at }) => (!min || created_at >= min) && (!max || created_at < max));
		const { showTransactions } = shop;
		const rows = showTransactions ? showTransactions(transactions) : transactions;
		const end = offset + limit;
		return {
			status: 200,
			body: {
				transactions: rows.slice(offset, end),
				cursor: { prev: null, next: end < rows.length ? cursorOf({ offset: end }) : null },
			},
			headers: shop.historyHeaders,
			isDistorted: showTransactions !== undefined,
		};
	},
};
