import type { IDataObject } from 'n8n-workflow';
import { ItemFailure, type FailureFacts } from '../errors/ItemFailure';
import { isRecord } from '../shared/json';
import { unreadable, type Client, type ReadWords } from '../transport/Client';
import { toQuery } from '../transport/paging';
import { toCustomer, type Customer } from './customer';
import { CUSTOMERS } from './listCustomers';
import { newestCustomer } from './newestTransaction';

/**
 * Finds the customer who has a merchant ID. LoyaltyLion documents no way to read one customer: the newest
 * transaction tells LoyaltyLion's own ID, and the list of customers, which can begin behind any ID, the customer
 * (Admin API, List Transactions and Pagination).
 *
 * @param client who reads
 * @param merchantId the customer's ID in the store
 * @param words what is said when LoyaltyLion cannot be asked
 * @returns the customer
 * @throws {ItemFailure} `customer_not_found`; `customer_not_readable` for one who may well be there, but to whom no
 *   transaction leads; and what {@link Client.get} throws
 */
export async function findByMerchantId(
	client: Client,
	merchantId: string,
	words: ReadWords,
): Promise<Customer> {
	const brief = await newestCustomer(client, merchantId, {
		...words,
		notFound: () => noSuchCustomer(merchantId),
	});
	const id = brief?.raw.id;
	if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1) {
		throw notReadable(merchantId, 'The customer has no transactions that name it');
	}
	const path = `${CUSTOMERS.path}?${toQuery({ since_id: id - 1, limit: 1 })}`;
	const { customers } = (await client.get(path, words)).body;
	if (!Array.isArray(customers)) throw unreadable(words);
	const rows: unknown[] = customers;
	const found = rows.filter(isRecord).map((row) => toCustomer(row as IDataObject));
	const customer = found.find((each) => each.raw.id === id && each.merchantId === merchantId);
	if (customer) return customer;
	throw notReadable(merchantId, "The customer's newest transaction leads to nobody in the list");
}

/**
 * What is said of a merchant ID that LoyaltyLion does not know.
 *
 * @param merchantId the customer's ID in the store
 * @returns the failure's code and words
 */
export function noSuchCustomer(
	merchantId: string,
): Pick<FailureFacts, 'code' | 'message' | 'description'> {
	return {
		code: 'customer_not_found',
		message: `LoyaltyLion has no customer with the merchant ID ${merchantId}`,
		description:
			"The merchant ID is the customer's ID in your store (on Shopify, the number at the end of the customer page's address), not LoyaltyLion's own ID. Check the value in Customer.",
	};
}

function notReadable(merchantId: string, why: string): ItemFailure {
	return new ItemFailure({
		code: 'customer_not_readable',
		message: `LoyaltyLion shows the customer with the merchant ID ${merchantId} by email only`,
		description: `${why}, and without one LoyaltyLion has no way to read a customer by merchant ID. The customer may well be there: set Customer to By Email for this item.`,
	});
}
