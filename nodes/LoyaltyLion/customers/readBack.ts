import type { IDataObject } from 'n8n-workflow';
import { toReadFailure, type Client } from '../transport/Client';
import { CUSTOMER_WORDS, findByEmail } from './listCustomers';
import { newestCustomer } from './newestTransaction';

/** What the output says of a customer: the customer, or why there is none. */
export type CustomerOutput = { customer: IDataObject } | { customer: null; customerNote: string };

/**
 * Reads a customer after points were added or removed. LoyaltyLion finds customers by email only; where it is not known, the
 * customer's newest transaction tells it (Admin API, List Transactions: its `customer` shows the state of
 * now).
 *
 * @param client who reads; may fail
 * @param customer the customer's ID in the store, and the email, if it is known
 * @param done what was done all the same when the customer cannot be read, a sentence
 * @returns the customer as LoyaltyLion returns it, or `null` with a note why; never throws, as it is done
 *   whether or not the customer can be read
 */
export async function readBack(
	client: Promise<Client>,
	{ merchantId, email }: { merchantId: string; email?: string },
	done: string,
): Promise<CustomerOutput> {
	const noCustomer = (why: string) => ({ customer: null, customerNote: `${why} ${done}` });
	try {
		const brief =
			email === undefined
				? await newestCustomer(await client, merchantId, CUSTOMER_WORDS)
				: undefined;
		const known = email ?? brief?.email;
		const full = known === undefined ? [] : await findByEmail(await client, known);
		const customer = full.find((found) => found.merchantId === merchantId) ?? brief;
		return customer
			? { customer: customer.raw }
			: noCustomer('LoyaltyLion did not return the customer.');
	} catch (error) {
		const { facts } = toReadFailure(error, CUSTOMER_WORDS);
		if (facts.code === 'not_sent') return noCustomer('The execution was canceled.');
		const status = facts.httpCode ? ` (HTTP ${facts.httpCode})` : '';
		return noCustomer(`The customer could not be read afterwards${status}. ${facts.description}`);
	}
}
