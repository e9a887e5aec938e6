import type { Wanted } from '../Lists.cts';
import type { Entry, Shop, Transaction } from '../Shop.cts';
import { activityRow } from './activityRow.cts';
import { claimedRewardRow } from './rewardRow.cts';
import { customerBriefs, customerIds } from './customerRow.cts';
import {
	customerOf,
	during,
	NO_CURSOR,
	NO_CUSTOMER,
	type Handler,
	type Reply,
} from './Handler.cts';

interface Query extends Wanted {
	since_id?: number;
	created_at_min?: string;
	created_at_max?: string;
	/** LoyaltyLion's own; of the program's list only. */
	customer_id?: number;
}

export const listTransactions: Handler = {
	answer(shop, call) {
		const { merchantId, customer } = customerOf(shop, call);
		if (!customer) return NO_CUSTOMER;
		return list(shop, call.query, () => (entry) => entry.merchantId === merchantId);
	},
};

export const listAllTransactions: Handler = {
	answer(shop, { query }) {
		const { customer_id: customerId } = query as Query;
		return list(shop, query, () => {
			const ids = customerIds(shop);
			return ({ merchantId }) => {
				const id = ids.get(merchantId);
				return id !== undefined && (customerId === undefined || id === customerId);
			};
		});
	},
};

/**
 * Newest first, which is what happened last, but from a given ID on upwards.
 *
 * @param filter gives what tells whether an entry belongs to a list that begins
 */
function list(shop: Shop, query: Query, filter: () => (entry: Entry) => boolean): Reply {
	const { since_id: since, created_at_min: min, created_at_max: max } = query;
	const isDuring = during({ min, max }, false);
	const { showTransactions } = shop;
	const page = shop.lists.page<unknown>(query, () => {
		const rows = shop.look().filter(filter()).map(transactionRows(shop)).map(shop.showRow);
		const found = rows.filter(({ id, created_at }) => id > (since ?? 0) && isDuring(created_at));
		const ordered: Transaction[] = since === undefined ? found.reverse() : found;
		return showTransactions ? showTransactions(ordered) : ordered;
	});
	if (!page) return NO_CURSOR;
	return {
		status: 200,
		body: { transactions: page.rows, cursor: page.cursor },
		headers: shop.historyHeaders,
		isDistorted: showTransactions !== undefined,
	};
}

/**
 * Shows entries of the history as lists do.
 *
 * @returns what shows one of them
 */
export function transactionRows(shop: Shop) {
	const briefOf = customerBriefs(shop);
	return ({ id, merchantId, approved, pending, at, cause }: Entry) => ({
		id,
		customer: briefOf(merchantId),
		points_approved: approved,
		points_pending: pending,
		created_at: new Date(at).toISOString(),
		resource: cause.resource,
		...detailsOf(shop, cause, briefOf),
	});
}

/** What stands in a row under the name of its resource. */
function detailsOf(shop: Shop, cause: Entry['cause'], briefOf: ReturnType<typeof customerBriefs>) {
	switch (cause.resource) {
		case 'adjustment':
			return { adjustment: shop.describeAdjustment(cause.award) };
		case 'claimed_reward':
			return { claimed_reward: claimedRewardRow(shop, cause.claim) };
		case 'activity':
			return { activity: activityRow(shop, cause.activity, briefOf) };
		case 'expiry':
			return { expiry: {} };
	}
}
