import { CUSTOMER_WORDS } from '../customers/listCustomers';
import type { KnownCustomer } from '../customers/notFound';
import { ItemFailure } from '../errors/ItemFailure';
import type { CustomerChoice } from '../fields/customer';
import type { InputItem } from '../run/Operation';
import { toReadFailure, type Client } from '../transport/Client';
import { assertNotCanceled } from '../transport/Patience';
import { theMerchantId } from './theCustomer';

/**
 * Does all that comes before something is changed for a customer.
 *
 * @param item the input item
 * @param given how the user says which customer, and how fast to go
 * @param nothingDone that nothing was changed, a sentence
 * @returns who sends, and whom it is about
 * @throws {ItemFailure} when nothing is to be sent, or it is not clear who is meant
 */
export async function prepare(
	item: InputItem,
	{ choice, ...pace }: { choice: CustomerChoice; requestsPerSecond: number; timeoutMs: number },
	nothingDone: string,
): Promise<{ client: Client; customer: KnownCustomer }> {
	try {
		assertNotCanceled(item.signal);
		item.run.patience.assertLasts();
		const client = await item.run.client(item, pace);
		const merchantId = await theMerchantId(item.run, client, choice);
		return { client, customer: { merchantId, ...choice } };
	} catch (error) {
		throw adding(nothingDone, toReadFailure(error, CUSTOMER_WORDS));
	}
}

function adding(sentence: string, { facts }: ItemFailure): ItemFailure {
	return new ItemFailure({ ...facts, description: `${facts.description} ${sentence}` });
}
