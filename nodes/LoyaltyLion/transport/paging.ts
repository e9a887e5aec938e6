import type { IDataObject } from 'n8n-workflow';
import { ItemFailure } from '../errors/ItemFailure';
import { hasInvisible } from '../shared/plainText';
import { isRecord } from '../shared/json';
import { unreadable, type Client, type Reading, type ReadWords } from './Client';

/** The most rows that LoyaltyLion returns in one answer (Admin API, Pagination). */
export const MAX_PAGE_SIZE = 500;

/** After so many pages in a row that bring nothing new, a list is taken for one without an end. */
const MAX_STALE_PAGES = 50;

/** Where a list is, and the key that its rows stand under. */
export interface List {
	/** Begins with a slash, percent-encoded, without a query. */
	path: string;
	key: string;
}

/** What a list is asked for, by name; those without a value are left out. */
export type Query = Record<string, string | number | undefined>;

/** One page of a list. */
export interface Page {
	/** The rows as they came; they may be anything. */
	rows: unknown[];
	/** Leads to the next page; `undefined` on the last one. */
	next: string | undefined;
	reading: Reading;
}

/**
 * Reads as much of a list as is wanted, in its order, and no more pages than that takes. No page is bigger than
 * what is wanted. Of a row that is not wanted, nothing is kept.
 *
 * @param client who reads
 * @param list which list
 * @param wanted `most` is how many rows, Infinity for all; `query` what LoyaltyLion is asked to keep; `toOutput`
 *   makes of a row what comes out, and `undefined` of one that does not
 * @param words what is said when the list cannot be read
 * @returns what comes out
 * @throws {ItemFailure} what {@link readPages} throws
 */
export async function readList(
	client: Client,
	list: List,
	{
		most,
		query,
		toOutput,
	}: { most: number; query: Query; toOutput: (row: IDataObject) => IDataObject | undefined },
	words: ReadWords,
): Promise<IDataObject[]> {
	const output: IDataObject[] = [];
	const limit = Math.min(most, MAX_PAGE_SIZE);
	for await (const rows of readPages(client, list, { ...query, limit }, words)) {
		for (const row of rows) {
			const out = toOutput(row);
			if (out) output.push(out);
			if (output.length === most) return output;
		}
	}
	return output;
}

/**
 * Reads a list page by page, each when it is asked for, until the last one. A row that slips from one page to the
 * next meanwhile is given once.
 *
 * @param client who reads; its signal ends the reading between two pages, too
 * @param list which list
 * @param query what is asked for; a cursor remembers all of it but the `limit`, so that nothing else is sent with one
 *   (Admin API, Pagination)
 * @param words what is said when the list cannot be read
 * @yields the rows of a page that have not come before
 * @throws {ItemFailure} `lookup_failed` when the list is sent in circles, and what {@link readPage} throws
 */
export async function* readPages(
	client: Client,
	list: List,
	query: Query & { limit: number },
	words: ReadWords,
): AsyncGenerator<IDataObject[]> {
	const known = new Known();
	let stalePages = 0;
	for await (const { rows, isLast } of readEachPage(client, list, query, words)) {
		const countBefore = known.count;
		yield rows.filter(({ id }) => known.isNew(id));
		stalePages = known.count > countBefore ? 0 : stalePages + 1;
		if (!isLast && stalePages === MAX_STALE_PAGES) throw endless(words);
	}
}

/**
 * The same for a list of which little is wanted: it remembers no row, so that one that slips from one page to the
 * next is given twice, and one who reads a list without an end has to stop.
 *
 * @param client who reads
 * @param list which list
 * @param query what is asked for, as {@link readPages} takes it
 * @param words what is said when the list cannot be read
 * @yields the rows of a page, and whether it is the last one
 * @throws {ItemFailure} `lookup_failed` when a page leads to one that has been, and what {@link readPage} throws
 */
export async function* readEachPage(
	client: Client,
	list: List,
	query: Query & { limit: number },
	words: ReadWords,
): AsyncGenerator<{ rows: IDataObject[]; isLast: boolean }> {
	const cursors = new Set<string>();
	let which: Query & { limit: number } = query;
	for (;;) {
		const { rows, next } = await readPage(client, list, which, words);
		yield { rows: rows.filter(isRow), isLast: next === undefined };
		if (next === undefined) return;
		if (cursors.has(next)) throw endless(words);
		cursors.add(next);
		which = { cursor: next, limit: query.limit };
	}
}

/**
 * Reads one page of a list (LoyaltyLion Admin API, Pagination).
 *
 * @param client who reads
 * @param list which list
 * @param query what is asked for; `limit` is the most rows to get
 * @param words what is said when the answer is no such page
 * @returns the page
 * @throws {ItemFailure} `lookup_failed` when the answer is no page, or does not say whether it is the last one;
 *   and what {@link Client.get} throws
 */
export async function readPage(
	client: Client,
	{ path, key }: List,
	query: Query & { limit: number },
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
	const known = new Known();
	return rows.filter((row) => known.isNew(idOf(row)));
}

/**
 * Writes a query, percent-encoded: a bare plus sign would be read as a blank.
 *
 * @param parameters by name; those without a value are left out
 * @returns what stands behind the question mark
 */
export function toQuery(parameters: Query): string {
	return Object.entries(parameters)
		.flatMap(([name, value]) =>
			value === undefined || value === '' ? [] : [`${name}=${encodeURIComponent(value)}`],
		)
		.join('&');
}

/** The IDs of rows that have come. */
class Known {
	private readonly ids = new Set<number>();

	get count(): number {
		return this.ids.size;
	}

	/** Rows without a number for an ID cannot be told apart. */
	isNew(id: unknown): boolean {
		if (typeof id !== 'number') return true;
		const isNew = !this.ids.has(id);
		this.ids.add(id);
		return isNew;
	}
}

function isRow(row: unknown): row is IDataObject {
	return isRecord(row) && !Array.isArray(row);
}

function endless({ unanswered }: ReadWords): ItemFailure {
	return new ItemFailure({
		code: 'lookup_failed',
		message: unanswered,
		description:
			'LoyaltyLion sent pages of the list again that it had sent before, so the list did not come to its end. Try again a little later.',
	});
}
