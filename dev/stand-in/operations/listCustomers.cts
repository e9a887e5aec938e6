import { customerRow } from './customerRow.cts';
import type { Handler } from './Handler.cts';
import { cursorOf, placeOf } from './pages.cts';

interface Query {
	limit?: number;
	email?: string;
	cursor?: string;
}

export const listCustomers: Handler = {
	/** Newest first, which is the last in the shop. A cursor remembers the filter. */
	answer(shop, { query }) {
		const { limit = 100, email = '', cursor } = query as Query;
		const from = placeOf(cursor, { email, offset: 0 });
		const fold = (text: string) => (shop.filterIgnoresCase ? text.toLowerCase() : text);
		const rows = Object.keys(shop.customers)
			.map((merchantId, index) => customerRow(shop, merchantId, index))
			.reverse()
			.filter((row) => from.email === '' || fold(row.email ?? '').includes(fold(from.email)));
		const end = from.offset + limit;
		const at = (offset: number) => cursorOf({ ...from, offset });
		return {
			status: 200,
			body: {
				customers: rows.slice(from.offset, end),
				cursor: {
					prev: from.offset > 0 ? at(Math.max(0, from.offset - limit)) : null,
					next: end < rows.length ? at(end) : null,
				},
			},
		};
	},
};
