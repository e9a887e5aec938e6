import type { Customer } from './customer';
import { listCustomers, MAX_PAGE_SIZE, type Ask } from './listCustomers';

/**
 * Finds all customers who have exactly an email. LoyaltyLion's own filter keeps every email that
 * *contains* it, newest first, so that its first row can be anybody (Admin API, List Customers).
 *
 * Whether that filter minds the case is not documented. Stores keep emails in small letters, so these are
 * asked for first, and what was typed only if nobody was found.
 *
 * @param ask reads from LoyaltyLion
 * @param email the address
 * @returns the customers, each once
 */
export async function findByEmail(ask: Ask, email: string): Promise<Customer[]> {
	const small = email.toLowerCase();
	const found = await search(ask, small, email);
	return found.length > 0 || small === email ? found : await search(ask, email, email);
}

/**
 * Tells whether two addresses are the same but for the blanks around them and the case. Both cases have
 * to agree: the Kelvin sign becomes a "k" in small letters, and is none in capitals.
 *
 * @param one an address
 * @param other another
 * @returns whether they are the same
 */
export function isSameEmail(one: string, other: string): boolean {
	const [a, b] = [one.trim(), other.trim()];
	return a.toLowerCase() === b.toLowerCase() && a.toUpperCase() === b.toUpperCase();
}

async function search(ask: Ask, text: string, email: string): Promise<Customer[]> {
	const found = new Map<string, Customer>();
	const seen = new Set<string>();
	let page = await listCustomers(ask, { limit: MAX_PAGE_SIZE, email: text });
	for (;;) {
		for (const customer of page.customers) {
			// A row that slips from one page to the next meanwhile comes twice.
			if (isSameEmail(customer.email ?? '', email)) found.set(keyOf(customer), customer);
		}
		if (page.next === undefined || seen.has(page.next)) return [...found.values()];
		seen.add(page.next);
		page = await listCustomers(ask, { limit: MAX_PAGE_SIZE, cursor: page.next });
	}
}

function keyOf({ merchantId, raw }: Customer): string {
	return merchantId ?? `without merchant ID: ${JSON.stringify(raw.id)}`;
}
