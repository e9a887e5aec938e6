import type { IDataObject } from 'n8n-workflow';
import { isRecord } from '../shared/json';
import type { Client, ReadWords } from '../transport/Client';
import { MAX_PAGE_SIZE, readEachPage, readPage, readPages, type List } from '../transport/paging';
import { toCustomer, type Customer } from './customer';

/** What is said when LoyaltyLion's customers cannot be read. */
export const CUSTOMER_WORDS: ReadWords = {
	unanswered: 'LoyaltyLion could not be asked who the customer is',
	wanted: 'list of customers',
	forbidden: 'look up customers',
	missingScope:
		'It needs the write_customers scope; if it has that, add read_customers too. Open it in LoyaltyLion under Manage > API keys, then try again.',
	scope: 'write_customers',
	rejected: () => ({
		message: 'LoyaltyLion did not accept the search for the customer',
		description: 'Check the value in Customer.',
	}),
};

/** All customers of the program (Admin API, List Customers). */
export const CUSTOMERS: List = { path: '/v2/customers', key: 'customers' };

export interface CustomerPage {
	customers: Customer[];
	/** Leads to the next page; `undefined` on the last one. */
	next: string | undefined;
}

/**
 * Reads one page of customers, newest first: `GET /v2/customers` (LoyaltyLion Admin API).
 *
 * @param client who reads
 * @param page how many customers at the most, and which: `email` keeps those whose email contains it;
 *   `cursor` is a page's `next`, which remembers the filter, so that none is sent with it
 * @returns the page
 * @throws {ItemFailure} `lookup_failed` when the answer is no page of customers, or does not say whether
 *   it is the last one; and what {@link Client.get} throws
 */
export async function listCustomers(
	client: Client,
	{ limit, email, cursor }: { limit: number; email?: string; cursor?: string },
): Promise<CustomerPage> {
	const filter = cursor === undefined ? { email } : { cursor };
	const { rows, next } = await readPage(client, CUSTOMERS, { limit, ...filter }, CUSTOMER_WORDS);
	return { customers: rows.filter(isRecord).map((row) => toCustomer(row as IDataObject)), next };
}

/**
 * Finds all customers who have exactly an email. LoyaltyLion's own filter keeps every email that
 * *contains* it, newest first, so that its first row can be anybody (Admin API, List Customers). Whether
 * that filter minds the case is not documented; stores keep emails in small letters, so these are asked
 * for.
 *
 * @param client who reads
 * @param email the address
 * @param words what is said when the customers cannot be read
 * @returns the customers, each once
 * @throws {ItemFailure} what {@link readPages} throws
 */
export async function findByEmail(
	client: Client,
	email: string,
	words: ReadWords = CUSTOMER_WORDS,
): Promise<Customer[]> {
	const found: Customer[] = [];
	const key = emailKey(email);
	const query = { limit: MAX_PAGE_SIZE, email: email.toLowerCase() };
	for await (const rows of readPages(client, CUSTOMERS, query, words)) {
		const customers = rows.map(toCustomer);
		found.push(...customers.filter((customer) => emailKey(customer.email ?? '') === key));
	}
	return found;
}

/**
 * Finds all customers who have exactly one of many emails, by reading the list of all customers once. Nothing is kept
 * of the others. Somebody further down may have an email as well, so there is nothing to go by before the list's end.
 *
 * @param client who reads
 * @param keys the emails' {@link emailKey}s
 * @param mayRead is asked before each page
 * @param words what is said when the customers cannot be read
 * @returns for the keys that anybody has, the customers, each once, newest first; nothing when a page was not to be
 *   read before the list came to its end
 * @throws {ItemFailure} what {@link readEachPage} throws
 */
export async function findInList(
	client: Client,
	keys: ReadonlySet<string>,
	mayRead: () => boolean,
	words: ReadWords,
): Promise<Map<string, Customer[]> | undefined> {
	const found = new Map<string, Map<unknown, Customer>>();
	if (!mayRead()) return undefined;
	const query = { limit: MAX_PAGE_SIZE };
	for await (const { rows, isLast } of readEachPage(client, CUSTOMERS, query, words)) {
		for (const row of rows) keepWanted(found, keys, row);
		if (!isLast && !mayRead()) return undefined;
	}
	return new Map([...found].map(([key, customers]) => [key, [...customers.values()]]));
}

function keepWanted(
	found: Map<string, Map<unknown, Customer>>,
	keys: ReadonlySet<string>,
	row: IDataObject,
): void {
	const key = typeof row.email === 'string' ? emailKey(row.email) : '';
	if (!keys.has(key)) return;
	const customers = found.get(key) ?? new Map<unknown, Customer>();
	// Rows without a number for an ID cannot be told apart.
	const id = typeof row.id === 'number' ? row.id : row;
	if (!customers.has(id)) found.set(key, customers.set(id, toCustomer(row)));
}

/**
 * What an email is known by. Both cases have to agree: the Kelvin sign becomes a "k" in small letters, and is none in
 * capitals.
 *
 * @param email the address
 * @returns the same for the same address, however it is written
 */
export function emailKey(email: string): string {
	const address = email.trim();
	return JSON.stringify([address.toLowerCase(), address.toUpperCase()]);
}
