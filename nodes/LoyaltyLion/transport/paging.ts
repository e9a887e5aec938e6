import { hasInvisible } from '../shared/plainText';
import { isRecord } from '../shared/json';
import { unreadable, type Client, type Reading, type ReadWords } from './Client';

/** One page of a list. */
export interface Page {
	/** The rows as they came; they may be anything. */
	rows: unknown[];
	/** Leads to the next page; `undefined` on the last one. */
	next: string | undefined;
	reading: Reading;
}

/**
 * Reads one page of a list (LoyaltyLion Admin API, Pagination).
 *
 * @param client who reads
 * @param list where the list is, and the key that its rows stand under
 * @param query what is asked for, by name; `limit` is the most rows to get, and those without a value are
 *   left out
 * @param words what is said when the answer is no such page
 * @returns the page
 * @throws {ItemFailure} `lookup_failed` when the answer is no page, or does not say whether it is the last one;
 *   and what {@link Client.get} throws
 */
export async function readPage(
	client: Client,
	{ path, key }: { path: string; key: string },
	query: { limit: number } & Record<string, string | number | undefined>,
	words: ReadWords,
): Promise<Page> {
	const reading = await client.get(`${path}?${toQuery(query)}`, words);
	const { [key]: rows, cursor } = reading.body;
	if (!Array.isArray(rows)) throw unreadable(words);
	const next = isRecord(cursor) ? cursor.next : undefined;
	const isLast = next === null || (cursor === undefined && rows.length < query.limit);
	if (isLast) return { rows, next: undefined, reading };
	if (typeof next !== 'string' || next === '' || hasInvisible(next)) throw unreadable(words);
	return { rows, next, reading };
}

/**
 * Leaves out the rows of a list that came before: a row that slips from one page to the next meanwhile
 * comes twice.
 *
 * @param rows all rows
 * @param idOf tells a row's ID; rows without a number for one are kept
 * @returns the rows, each once
 */
export function withoutRepeats<Row>(rows: Row[], idOf: (row: Row) => unknown): Row[] {
	const seen = new Set<number>();
	return rows.filter((row) => {
		const id = idOf(row);
		if (typeof id !== 'number') return true;
		const isNew = !seen.has(id);
		seen.add(id);
		return isNew;
	});
}

/** Percent-encoded: a bare plus sign would be read as a blank. */
function toQuery(parameters: Record<string, string | number | undefined>): string {
	return Object.entries(parameters)
		.flatMap(([name, value]) => (value ? [`${name}=${encodeURIComponent(value)}`] : []))
		.join('&');
}
