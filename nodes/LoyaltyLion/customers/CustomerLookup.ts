import { chooseCustomer } from './chooseCustomer';
import type { Customer } from './customer';
import { findByEmail } from './findByEmail';
import type { Ask } from './listCustomers';

/** Finds customers by email, each email once for all items of one run of the node. */
export class CustomerLookup {
	private readonly searches = new Map<string, Promise<Customer[]>>();

	/**
	 * Finds the one customer who has an email.
	 *
	 * @param ask reads from LoyaltyLion
	 * @param account whose customers they are: the same text for the same credential
	 * @param email the address
	 * @returns the customer's merchant ID
	 * @throws {ItemFailure} when there is no such one, or when LoyaltyLion could not be asked; the latter is
	 *   not remembered, as it may pass
	 */
	async merchantIdOf(ask: Ask, account: string, email: string): Promise<string> {
		const key = JSON.stringify([account, email.toLowerCase(), email.toUpperCase()]);
		const search = this.searches.get(key) ?? this.begin(key, ask, email);
		return chooseCustomer(await search, email);
	}

	private begin(key: string, ask: Ask, email: string): Promise<Customer[]> {
		const search = findByEmail(ask, email);
		this.searches.set(key, search);
		search.catch(() => this.searches.delete(key));
		return search;
	}
}
