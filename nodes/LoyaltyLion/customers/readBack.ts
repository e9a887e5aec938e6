import type { IDataObject } from 'n8n-workflow';
import { toLookupFailure } from '../errors/lookups';
import { isRecord } from '../shared/isRecord';
import { toCustomer, type Customer } from './customer';
import { findByEmail } from './findByEmail';
import type { Ask } from './listCustomers';

/** What the output says of a customer: the customer, or why there is none. */
export type CustomerOutput = { customer: IDataObject } | { customer: null; customerNote: string };

/**
 * Reads a customer after an award. LoyaltyLion finds customers by email only; where it is not known, the
 * customer's newest transaction tells it (Admin API, List Transactions: its `customer` shows the state of
 * now).
 *
 * @param ask reads from LoyaltyLion
 * @param merchantId the customer's ID in the store
 * @param email the customer's email, if it is known
 * @returns the customer as LoyaltyLion returns it, or `null` with a note why; never throws, as the award
 *   stands whether or not the customer can be read
 */
export async function readBack(
	ask: Ask,
	merchantId: string,
	email: string | undefined,
): Promise<CustomerOutput> {
	try {
		const brief = email === undefined ? await newestCustomer(ask, merchantId) : undefined;
		const known = email ?? brief?.email;
		const full = known === undefined ? [] : await findByEmail(ask, known);
		const customer = full.find((found) => found.merchantId === merchantId) ?? brief;
		return customer
			? { customer: customer.raw }
			: noCustomer('LoyaltyLion did not return the customer.');
	} catch (error) {
		const { facts } = toLookupFailure(error);
		if (facts.code === 'not_sent') return noCustomer('The execution was canceled.');
		const status = facts.httpCode ? ` (HTTP ${facts.httpCode})` : '';
		return noCustomer(`The customer could not be read afterwards${status}. ${facts.description}`);
	}
}

/** The customer as the newest transaction shows it, with the balance, and less besides. */
async function newestCustomer(ask: Ask, merchantId: string): Promise<Customer | undefined> {
	const path = `/v2/customers/${encodeURIComponent(merchantId)}/transactions?limit=1`;
	const { transactions } = await ask(path);
	const [newest] = Array.isArray(transactions) ? transactions : [];
	if (!isRecord(newest) || !isRecord(newest.customer)) return undefined;
	const customer = toCustomer(newest.customer as IDataObject);
	return customer.merchantId === merchantId ? customer : undefined;
}

function noCustomer(why: string): CustomerOutput {
	return { customer: null, customerNote: `${why} The points were added all the same.` };
}
