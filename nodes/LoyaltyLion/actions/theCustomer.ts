import { emailAhead, type CustomerChoice } from '../fields/customer';
import type { Run } from '../run/Run';
import type { Client, ReadWords } from '../transport/Client';
import { merchantIdOf } from '../customers/chooseCustomer';
import { CustomerLookup, MIN_EMAILS } from '../customers/CustomerLookup';
import { CUSTOMER_WORDS } from '../customers/listCustomers';
import { assertNotCanceled } from '../transport/Patience';
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

/**
 * Makes what finds customers by email for all items of a run. Many emails are found together.
 *
 * @param run the run
 * @param words what is said when the customers cannot be read
 * @param isDone tells of an item, counted from 0, whether no customer is to be found for it any more
 * @returns the lookup
 */
export function newLookup(
	run: Run,
	words: ReadWords,
	isDone: (itemIndex: number) => boolean,
): CustomerLookup {
	return new CustomerLookup(words, {
		emails: async (signal) => await emailsAhead(run, isDone, signal),
		isOver: () => run.isStopped,
	});
}

function toLookup(run: Run): CustomerLookup {
	return newLookup(run, CUSTOMER_WORDS, () => false);
}

function toReadingLookup(run: Run): CustomerLookup {
	return newLookup(run, READ_CUSTOMER_WORDS, () => false);
}

async function emailsAhead(
	run: Run,
	isDone: (itemIndex: number) => boolean,
	signal: AbortSignal | undefined,
): Promise<string[]> {
	const emails: string[] = [];
	const itemCount = run.context.getInputData().length;
	if (itemCount < MIN_EMAILS) return emails;
	for (let itemIndex = 0; itemIndex < itemCount && !run.isStopped; itemIndex++) {
		if (run.breaks.areDue) await run.breaks.take();
		assertNotCanceled(signal);
		const email = isDone(itemIndex) ? undefined : emailAhead(run.parameters, itemIndex);
		if (email !== undefined) emails.push(email);
	}
	return emails;
}
