import { unreadableList } from '../errors/lookups';
import { withoutRepeats } from '../transport/withoutRepeats';
import type { Customer } from './customer';
import { listCustomers, MAX_PAGE_SIZE, type Ask } from './listCustomers';

/** More pages than any email is part of others'; who gets there is sent in circles. */
const MAX_PAGES = 50;

/**
 * Finds all customers who have exactly an email. LoyaltyLion's own filter keeps every email that
 * *contains* it, newest first, so that its first row can be anybody (Admin API, List Customers). Whether
 * that filter minds the case is not documented; stores keep emails in small letters, so these are asked
 * for.
 *
 * @param ask reads from LoyaltyLion
 * @param email the address
 * @returns the customers, each once
 * @throws {ItemFailure} `lookup_failed` when the list does not end; and what `ask` throws
 */
export async function findByEmail(ask: Ask, email: string): Promise<Customer[]> {
	const found: Customer[] = [];
	let which: { email: string } | { cursor: string } = { email: email.toLowerCase() };
	for (let pages = 0; pages < MAX_PAGES; pages++) {
		const { customers, next } = await listCustomers(ask, { limit: MAX_PAGE_SIZE, ...which });
		found.push(...customers.filter((customer) => isSameEmail(customer.email ?? '', email)));
		if (next === undefined) return withoutRepeats(found, ({ raw }) => raw.id);
		which = { cursor: next };
	}
	throw unreadableList();
}

/** Both cases have to agree: the Kelvin sign becomes a "k" in small letters, and is none in capitals. */
function isSameEmail(one: string, other: string): boolean {
	const [a, b] = [one.trim(), other.trim()];
	return a.toLowerCase() === b.toLowerCase() && a.toUpperCase() === b.toUpperCase();
}
