import type { CustomerChoice } from '../fields/customer';
import type { Run } from '../run/Run';
import type { Client } from '../transport/Client';
import { merchantIdOf } from '../customers/chooseCustomer';
import { CustomerLookup } from '../customers/CustomerLookup';

/**
 * Finds out whom an item is about, be the customer blocked or not; each email is looked up once for all items of
 * the run.
 *
 * @param run the run
 * @param client who reads
 * @param choice how the user says which customer
 * @returns the customer's merchant ID
 * @throws {ItemFailure} `customer_not_found`, `customer_ambiguous`, `refused` for one without a merchant ID; and
 *   when LoyaltyLion could not be asked
 */
export async function theMerchantId(
	run: Run,
	client: Client,
	choice: CustomerChoice,
): Promise<string> {
	if ('merchantId' in choice) return choice.merchantId;
	return merchantIdOf(await lookupOf(run).find(client, choice.email), choice.email);
}

/**
 * @param run the run
 * @returns finds customers by email for all items of the run
 */
export function lookupOf(run: Run): CustomerLookup {
	return run.shared(toLookup);
}

function toLookup(): CustomerLookup {
	return new CustomerLookup();
}
