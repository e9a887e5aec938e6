import type { IDataObject } from 'n8n-workflow';
import { toItemFailure } from '../errors/toItemFailure';
import { isRecord } from '../shared/isRecord';
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
		const brief = email === undefined ? await briefCustomer(ask, merchantId) : { email };
		const full =
			typeof brief?.email === 'string' ? await find(ask, merchantId, brief.email) : undefined;
		const customer = full ?? (email === undefined ? brief : undefined);
		return customer ? { customer } : noCustomer('LoyaltyLion did not return the customer.');
	} catch (error) {
		const { message, facts } = toItemFailure(error);
		const status = facts.httpCode ? ` (HTTP ${facts.httpCode})` : '';
		return noCustomer(`The customer could not be read: ${message}${status}.`);
	}
}

async function briefCustomer(ask: Ask, merchantId: string): Promise<IDataObject | undefined> {
	const path = `/v2/customers/${encodeURIComponent(merchantId)}/transactions?limit=1`;
	const { transactions } = await ask(path);
	const [newest] = Array.isArray(transactions) ? transactions : [];
	return isRecord(newest) && isRecord(newest.customer)
		? (newest.customer as IDataObject)
		: undefined;
}

async function find(ask: Ask, merchantId: string, email: string): Promise<IDataObject | undefined> {
	const found = await findByEmail(ask, email);
	return found.find((customer) => customer.merchantId === merchantId)?.raw;
}

function noCustomer(why: string): CustomerOutput {
	return { customer: null, customerNote: `${why} The points were added.` };
}
