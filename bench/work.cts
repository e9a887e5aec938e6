import { manyCustomers } from '../dev/stand-in/manyCustomers.cts';
import type { Customer } from '../dev/stand-in/StandIn.cts';

export const CREDENTIAL = { apiKey: 'pat_benchmark' };

/** How many newer customers' emails contain that of another: "joann7@…" beside "ann7@…". */
export const LOOKALIKES = 10;

/** What is to be done, in every contender the same. */
export interface Work {
	/** How many. */
	items: number;
	/** How many customers there are, named by email; without it each item names another customer, by merchant ID. */
	emails?: number;
	/** How many customers the shop has beside them, newer ones; none if not given. */
	others?: number;
	/** Which of all rows is the first; that with 0 if not given. */
	first?: number;
}

/** An input item. */
export interface Row {
	merchantId: string;
	email: string;
	points: number;
	/** Another for each item, so that awards can be told apart. */
	reason: string;
}

/** The input items of some work. */
export function rowsOf({ items, emails = Infinity, first = 0 }: Work): Row[] {
	return Array.from({ length: items }, (_, row) => {
		const index = first + row;
		return {
			merchantId: String(FIRST_MERCHANT_ID + (index % emails)),
			email: `ann${index % emails}@example.com`,
			points: 1 + (index % 100),
			reason: `Quiz ${index}`,
		};
	});
}

/**
 * The customers of the shop in which it is done.
 *
 * @returns by merchant ID
 */
export function customersOf(work: Work): Record<string, Customer> {
	const known = rowsOf(work).map(({ merchantId, email }) => [merchantId, { email }] as const);
	const lookalikes = Array.from(
		{ length: work.emails === undefined ? 0 : LOOKALIKES },
		(_, index) =>
			[String(FIRST_LOOKALIKE_ID + index), { email: `jo${rowsOf(work)[index]?.email}` }] as const,
	);
	return {
		...Object.fromEntries([...known, ...lookalikes]),
		...manyCustomers(work.others ?? 0),
	};
}

const FIRST_MERCHANT_ID = 6145627226296;
const FIRST_LOOKALIKE_ID = 7145627226296;
