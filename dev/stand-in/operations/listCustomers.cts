import type { Wanted } from '../Lists.cts';
import type { Shop } from '../Shop.cts';
import { customerRows, timesOf } from './customerRow.cts';
import { during, type Handler, NO_CURSOR } from './Handler.cts';

interface Query extends Wanted {
	email?: string;
	since_id?: number;
	sort_field?: 'id' | 'updated_at';
	sort_direction?: 'asc' | 'desc';
	created_at_min?: string;
	created_at_max?: string;
	updated_at_min?: string;
	updated_at_max?: string;
}

interface Place {
	merchantId: string;
	id: number;
	createdAt: string;
	updatedAt: string;
}

export const listCustomers: Handler = {
	answer(shop, { query }) {
		const page = shop.lists.page(query, () => inOrder(found(shop, query), query));
		if (!page) return NO_CURSOR;
		const rowOf = customerRows(shop);
		const customers = page.rows.map(({ merchantId, id }) => rowOf(merchantId, id));
		return { status: 200, body: { customers, cursor: page.cursor } };
	},
};

/** The customers that a query lets through, oldest first. */
function found(shop: Shop, query: Query): Place[] {
	const { email = '', since_id: since = 0 } = query;
	const fold = (text: string) => (shop.filterIgnoresCase ? text.toLowerCase() : text);
	const isCreated = during({ min: query.created_at_min, max: query.created_at_max }, true);
	const isUpdated = during({ min: query.updated_at_min, max: query.updated_at_max }, true);
	const wanted = fold(email);
	// Of a big shop, what takes longer is done for those only who are left.
	return Object.keys(shop.customers)
		.map((merchantId, index) => ({ merchantId, id: index + 1 }))
		.filter(
			({ merchantId, id }) =>
				id > since && fold(shop.customers[merchantId]?.email ?? '').includes(wanted),
		)
		.map(({ merchantId, id }) => ({ merchantId, id, ...timesOf(shop, merchantId, id) }))
		.filter(({ createdAt, updatedAt }) => isCreated(createdAt) && isUpdated(updatedAt));
}

/** Newest first, but from a given ID on upwards. */
function inOrder(places: Place[], { since_id: since, sort_field: field, sort_direction }: Query) {
	const direction = sort_direction ?? (since === undefined ? 'desc' : 'asc');
	const sorted =
		field === 'updated_at'
			? places.sort((a, b) => Date.parse(a.updatedAt) - Date.parse(b.updatedAt) || a.id - b.id)
			: places;
	return direction === 'asc' ? sorted : sorted.reverse();
}
