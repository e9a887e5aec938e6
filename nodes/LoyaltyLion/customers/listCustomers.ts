import type { IDataObject } from 'n8n-workflow';
import { unreadableList } from '../errors/lookups';
import { isRecord } from '../shared/isRecord';
import { nextCursor, toQuery } from '../transport/paging';
import { toCustomer, type Customer } from './customer';

/** Reads something from LoyaltyLion: takes a path with its query, returns the JSON object of the answer. */
export type Ask = (path: string) => Promise<Record<string, unknown>>;

export interface CustomerPage {
	customers: Customer[];
	/** Leads to the next page; `undefined` on the last one. */
	next: string | undefined;
}

/** The most that LoyaltyLion returns in one answer. */
export const MAX_PAGE_SIZE = 500;

/**
 * Reads one page of customers, newest first: `GET /v2/customers` (LoyaltyLion Admin API).
 *
 * @param ask reads from LoyaltyLion
 * @param page how many customers at the most, and which: `email` keeps those whose email contains it;
 *   `cursor` is a page's `next`, which remembers the filter, so that none is sent with it
 * @returns the page
 * @throws {ItemFailure} `lookup_failed` when the answer is no page of customers, or does not say whether
 *   it is the last one; and what `ask` throws
 */
export async function listCustomers(
	ask: Ask,
	{ limit, email, cursor }: { limit: number; email?: string; cursor?: string },
): Promise<CustomerPage> {
	const filter = cursor === undefined ? { email } : { cursor };
	const body = await ask(`/v2/customers?${toQuery({ limit: String(limit), ...filter })}`);
	const { customers } = body;
	if (!Array.isArray(customers)) throw unreadableList();
	return {
		customers: customers.filter(isRecord).map((row) => toCustomer(row as IDataObject)),
		next: nextCursor(body, customers.length < limit),
	};
}
