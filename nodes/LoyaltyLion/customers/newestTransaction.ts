import type { IDataObject } from 'n8n-workflow';
import { isRecord } from '../shared/json';
import { unreadable, type Client, type ReadWords } from '../transport/Client';
import { toCustomer, type Customer } from './customer';

/**
 * Where a customer's transactions are: `GET /v2/customers/{merchant_id}/transactions` (LoyaltyLion Admin API).
 *
 * @param merchantId the customer's ID in the store
 * @returns the path, without a query
 */
export function transactionsPath(merchantId: string): string {
	return `/v2/customers/${encodeURIComponent(merchantId)}/transactions`;
}

/**
 * Reads a customer as the newest transaction shows it: as it is now, with the balance, and less besides (Admin API,
 * List Transactions).
 *
 * @param client who reads
 * @param merchantId the customer's ID in the store
 * @param words what is said when the transactions cannot be read
 * @returns the customer; `undefined` when there is no transaction, or it is another's
 * @throws {ItemFailure} `lookup_failed` when the answer is no list, and what {@link Client.get} throws
 */
export async function newestCustomer(
	client: Client,
	merchantId: string,
	words: ReadWords,
): Promise<Customer | undefined> {
	const newestWords = { ...words, wanted: 'list of transactions' };
	const path = `${transactionsPath(merchantId)}?limit=1`;
	const { transactions } = (await client.get(path, newestWords)).body;
	if (!Array.isArray(transactions)) throw unreadable(newestWords);
	const [newest] = transactions as unknown[];
	if (!isRecord(newest) || !isRecord(newest.customer)) return undefined;
	const customer = toCustomer(newest.customer as IDataObject);
	return customer.merchantId === merchantId ? customer : undefined;
}
