import type { CustomerChoice } from '../fields/customer';
import type { Run } from '../run/Run';
import type { Client } from '../transport/Client';
import { merchantIdOf } from '../customers/chooseCustomer';
import { CustomerLookup } from '../customers/CustomerLookup';
import { READ_CUSTOMER_WORDS } from './readingWords';

/**
 * Finds out whom an item is about, be the customer blocked or not; each email is looked up once for all items of
 * the run.
 *
 * @param run the run
 * @param client who reads
 * @param choice how the user says which customer
 * @param lookup finds customers by email for all items of the run
 * @returns the customer's merchant ID
 * @throws {ItemFailure} `customer_not_found`, `customer_ambiguous`, `refused` for one without a merchant ID; and
 *   when LoyaltyLion could not be asked
 */
export async function theMerchantId(
	run: Run,
	client: Client,
	choice: CustomerChoice,
	lookup: CustomerLookup = lookupOf(run),
): Promise<string> {
	if ('merchantId' in choice) return choice.merchantId;
	return merchantIdOf(await lookup.find(client, choice.email), choice.email);
}

/**
 * @param run the run
 * @returns finds customers by email for all items of the run
 */
export function lookupOf(run: Run): CustomerLookup {
	return run.shared(toLookup);
}

/**
 * @param run the run of an operation that only reads
 * @returns finds customers by email for all items of the run, and says what reading needs
 */
export function readingLookupOf(run: Run): CustomerLookup {
	return run.shared(toReadingLookup);
}

function toLookup(): CustomerLookup {
	return new CustomerLookup();
}

function toReadingLookup(): CustomerLookup {
	return new CustomerLookup(READ_CUSTOMER_WORDS);
}
