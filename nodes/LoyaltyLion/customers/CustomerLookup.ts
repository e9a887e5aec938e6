import type { Client, ReadWords } from '../transport/Client';
import { chooseCustomer, onlyMember, payableIdOf, type NotPayable } from './chooseCustomer';
import type { Customer } from './customer';
import { CUSTOMER_WORDS, emailKey, findByEmail, findInList } from './listCustomers';

/**
 * From so many different emails on, the list of all customers is read instead of searching for each. A page of it
 * holds 500 customers, so it takes fewer requests in a shop of up to 500 customers for each email, which nobody knows
 * before. It is given up after half as many pages as there are emails, which is in vain in a shop of more than 250
 * customers for each: a request more for every two emails then. Fewer than these are searched for within 5 seconds at
 * LoyaltyLion's limit, which is not worth the risk.
 */
export const MIN_EMAILS = 100;

/**
 * How long a search takes at LoyaltyLion's limit of 20 requests a second, in ms. Searches overlap and pages come one
 * after another, so that reading a list whose pages come slowly can take longer than all searches do.
 */
const SEARCH_MS = 50;

/** What a run of the node is going to look up, as far as that can be told. */
export interface Demand {
	/**
	 * @param signal aborts when nothing more is to be looked up
	 * @returns the emails of all items that have one, in any order; none when there are fewer than {@link MIN_EMAILS}
	 * @throws {ItemFailure} `not_sent` once the signal has aborted
	 */
	emails: (signal: AbortSignal | undefined) => Promise<string[]>;
	/** Tells whether nothing more is asked for than was by now. */
	isOver: () => boolean;
}

/** When it is not known what else is going to be looked up. */
const UNKNOWN: Demand = { emails: async () => [], isOver: () => true };

/**
 * Finds customers by email, each email once for all items of one run of the node. Many emails are looked up in the
 * list of all customers, and searched for one by one when that is too long or cannot be read, and where it has no clear
 * member: a guest may have become one since, in a row of its own, and a list that is read for minutes shows late who is
 * blocked no more.
 */
export class CustomerLookup {
	/** By the account's ID. */
	private readonly accounts = new Map<string, Lookups>();

	/** The keys of the emails that are going to be looked up. */
	private wanted: Promise<Set<string>> | undefined;

	/** Of all accounts' lists: of none is known how many of the emails are to be looked up there. */
	private pagesRead = 0;

	/** When the first page was asked for. */
	private readingSince: number | undefined;

	/**
	 * @param words what is said when the customers cannot be read
	 * @param demand what is going to be looked up
	 */
	constructor(
		private readonly words: ReadWords = CUSTOMER_WORDS,
		private readonly demand: Demand = UNKNOWN,
	) {}

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
		const { id } = client.account;
		const lookups = this.accounts.get(id) ?? {
			list: this.readList(client),
			searches: new Map<string, Promise<Customer[]>>(),
		};
		this.accounts.set(id, lookups);
		const key = emailKey(email);
		const search = lookups.searches.get(key) ?? this.begin(lookups, key, client, email);
		return chooseCustomer(await search, email);
	}

	private begin(
		{ list, searches }: Lookups,
		key: string,
		client: Client,
		email: string,
	): Promise<Customer[]> {
		const search = list.then(async (found) => {
			const listed = found?.get(key) ?? [];
			return onlyMember(listed) ? listed : await findByEmail(client, email, this.words);
		});
		searches.set(key, search);
		search.catch(() => searches.delete(key));
		return search;
	}

	/** Never throws: what is the matter, the search for each email says as well. */
	private async readList(client: Client): Promise<Map<string, Customer[]> | undefined> {
		try {
			const wanted = await (this.wanted ??= this.foresee(client.signals.read));
			if (wanted.size < MIN_EMAILS) return undefined;
			return await findInList(client, wanted, () => this.mayReadPage(wanted.size), this.words);
		} catch {
			return undefined;
		}
	}

	private async foresee(signal: AbortSignal | undefined): Promise<Set<string>> {
		const emails = await this.demand.emails(signal);
		return new Set(emails.map(emailKey));
	}

	private mayReadPage(emailCount: number): boolean {
		this.readingSince ??= performance.now();
		const isSlow = performance.now() - this.readingSince > emailCount * SEARCH_MS;
		const isLong = this.pagesRead >= Math.floor(emailCount / 2);
		if (this.demand.isOver() || isSlow || isLong) return false;
		this.pagesRead++;
		return true;
	}
}

/** What is looked up with one account. */
interface Lookups {
	/** Who has the wanted emails, by {@link emailKey}; nothing when the list was not read to its end. */
	list: Promise<Map<string, Customer[]> | undefined>;
	/** By {@link emailKey}. */
	searches: Map<string, Promise<Customer[]>>;
}
