import type { Account } from '../transport/accounts';
import type { Client, ReadWords } from '../transport/Client';
import { chooseCustomer, payableIdOf, type NotPayable } from './chooseCustomer';
import type { Customer } from './customer';
import { CUSTOMER_WORDS, findByEmail } from './listCustomers';

/** Finds customers by email, each email once for all items of one run of the node. */
export class CustomerLookup {
	private readonly accounts = new Map<Account, Map<string, Promise<Customer[]>>>();

	/** @param words what is said when the customers cannot be read */
	constructor(private readonly words: ReadWords = CUSTOMER_WORDS) {}

	/**
	 * Finds the one customer who has an email, and for whom something can be done.
	 *
	 * @param client who reads
	 * @param email the address
	 * @param words what is said of one for whom it cannot
	 * @returns the customer's merchant ID
	 * @throws {ItemFailure} `refused` for one who cannot, and what {@link find} throws
	 */
	async merchantIdOf(client: Client, email: string, words: NotPayable): Promise<string> {
		return payableIdOf(await this.find(client, email), email, words);
	}

	/**
	 * Finds the one customer who has an email.
	 *
	 * @param client who reads
	 * @param email the address
	 * @returns the customer
	 * @throws {ItemFailure} when there is no such one, or when LoyaltyLion could not be asked; the latter is
	 *   not remembered, as it may pass
	 */
	async find(client: Client, email: string): Promise<Customer> {
		const searches = this.accounts.get(client.account) ?? new Map<string, Promise<Customer[]>>();
		this.accounts.set(client.account, searches);
		const key = JSON.stringify([email.toLowerCase(), email.toUpperCase()]);
		const search = searches.get(key) ?? this.begin(searches, key, client, email);
		return chooseCustomer(await search, email);
	}

	private begin(
		searches: Map<string, Promise<Customer[]>>,
		key: string,
		client: Client,
		email: string,
	): Promise<Customer[]> {
		const search = findByEmail(client, email, this.words);
		searches.set(key, search);
		search.catch(() => searches.delete(key));
		return search;
	}
}
