import type { IDataObject } from 'n8n-workflow';
import { isRecord } from '../shared/json';
import { unreadable, type Client, type Reading, type ReadWords } from '../transport/Client';
import { readPage, withoutRepeats } from '../transport/paging';

const PAGE_SIZE = 100;

/** A customer who gets so many points at a time is no shopper. */
const MAX_PAGES = 10;

/** By how much the clocks of LoyaltyLion's machines may differ, and how exactly rows are in order of time. */
export const SLACK_MS = 2000;

/** As exact as the `Date` header is, and a `created_at` without fractions of a second. */
export const SECOND_MS = 1000;

/** What a customer's history holds, newest rows first, and when it was read. */
export interface History {
	rows: Row[];
	/** Whether it holds every row that there is. */
	isComplete: boolean;
	/** Whether every row could be read as LoyaltyLion documents it. */
	isLegible: boolean;
	/** By how much LoyaltyLion's clock was ahead of this machine's, in ms. */
	aheadMs: number;
	/** How long its first page took, in ms: the time above is no more exact than that. */
	latencyMs: number;
}

/** One transaction. What cannot be read is `NaN`. */
export interface Row {
	id: unknown;
	/** What has brought it about. */
	resource: unknown;
	/** The claimed reward, where that has. */
	claimed: IDataObject | undefined;
	/** Points that can be spent. */
	approved: number;
	/** Points that wait for approval. */
	pending: number;
	/** The reason, in one line, where the row names one. */
	note: string | undefined;
	/** In ms since 1970, by LoyaltyLion's clock. */
	createdAt: number;
	/** How exactly `createdAt` can be known to be meant, in ms: zeros at its end may have been cut. */
	exactTo: number;
}

/**
 * Reads a customer's history: `GET /v2/customers/{merchant_id}/transactions` (LoyaltyLion Admin API).
 *
 * @param client who reads
 * @param merchantId the customer's ID in the store
 * @param since how far back to read, in ms since 1970 by this machine's clock
 * @returns the rows, and further back where that cannot be told from them
 * @throws {ItemFailure} when the history could not be read, or when its answer does not tell reliably what
 *   time it is: without its `Date`, after a long wait, or out of a cache
 */
export async function readHistory(
	client: Client,
	merchantId: string,
	since: number,
): Promise<History> {
	const list = {
		path: `/v2/customers/${encodeURIComponent(merchantId)}/transactions`,
		key: 'transactions',
	};
	const rows: Row[] = [];
	let isLegible = true;
	let times: { aheadMs: number; latencyMs: number } | undefined;
	let cursor: string | undefined;
	for (let count = 0; count < MAX_PAGES; count++) {
		const page = await readPage(client, list, { limit: PAGE_SIZE, cursor }, HISTORY_WORDS);
		times ??= timesOf(client, page.reading);
		const read = page.rows.filter(isRecord).map(toRow);
		isLegible &&= read.length === page.rows.length && read.every(isWhole);
		rows.push(...read);
		cursor = page.next;
		if (cursor === undefined || reachesBack(rows, since + times.aheadMs - SLACK_MS)) break;
	}
	if (!times) throw unreadable(HISTORY_WORDS);
	const isComplete = cursor === undefined;
	return { rows: withoutRepeats(rows, ({ id }) => id), isComplete, isLegible, ...times };
}

/**
 * Tells whether rows show all that happened since some time: that takes rows in order, newest first, as
 * LoyaltyLion documents them, with one before that time.
 *
 * @param rows the first rows of a history
 * @param time in ms since 1970, by LoyaltyLion's clock
 * @returns whether the rows themselves prove it
 */
export function reachesBack(rows: Row[], time: number): boolean {
	const [newest, oldest] = [rows[0], rows.at(-1)];
	if (!newest || !oldest || !(newest.createdAt > oldest.createdAt)) return false;
	const isInOrder = rows.every(
		({ createdAt }, index) => !(createdAt > (rows[index - 1]?.createdAt ?? Infinity) + SLACK_MS),
	);
	return isInOrder && oldest.createdAt + oldest.exactTo + SLACK_MS < time;
}

/**
 * Writes a reason as it is compared.
 *
 * @param text the reason, or none
 * @returns the same without what a list may change of it: line breaks, and blanks in a row or at its ends
 */
export function inOneLine(text: string | null): string {
	return (text ?? '').replace(/\s+/g, ' ').trim();
}

/** What a customer's history is asked for in; that it cannot be read is told in other words. */
const HISTORY_WORDS: ReadWords = {
	unanswered: "LoyaltyLion could not be asked for the customer's points history",
	wanted: 'list of transactions',
	forbidden: "read a customer's points history",
	missingScope:
		'It needs the write_customers scope; if it has that, add read_customers too. Open it in LoyaltyLion under Manage > API keys, then try again.',
	scope: 'write_customers',
	rejected: () => ({
		message: "LoyaltyLion did not accept the request for the customer's points history",
		description: 'Check the value in Customer.',
	}),
};

function timesOf(client: Client, reading: Reading) {
	const { date = '', age = '0', askedAt, answeredAt } = reading;
	const aheadMs = Date.parse(date) - answeredAt;
	const latencyMs = answeredAt - askedAt;
	const isStale = Number(age) > 0 || client.account.clock.isStale(reading);
	if (Number.isNaN(aheadMs) || latencyMs > SLACK_MS || latencyMs < 0 || isStale) {
		throw unreadable(HISTORY_WORDS);
	}
	return { aheadMs, latencyMs };
}

function toRow(row: Record<string, unknown>): Row {
	const { id, resource, points_approved, points_pending, created_at, adjustment, claimed_reward } =
		row;
	const note = isRecord(adjustment) ? adjustment.note : undefined;
	return {
		id,
		resource,
		claimed: isRecord(claimed_reward) ? (claimed_reward as IDataObject) : undefined,
		approved: pointsOf(points_approved),
		pending: pointsOf(points_pending ?? 0),
		note: typeof note === 'string' && note.trim() !== '' ? inOneLine(note) : undefined,
		...timeOf(created_at),
	};
}

function pointsOf(value: unknown): number {
	return typeof value === 'number' && Number.isInteger(value) ? value : NaN;
}

function isWhole({ approved, pending, createdAt }: Row): boolean {
	return ![approved, pending, createdAt].some(Number.isNaN);
}

/** A time without a zone could be any. */
function timeOf(text: unknown): Pick<Row, 'createdAt' | 'exactTo'> {
	const createdAt =
		typeof text === 'string' && /(Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : NaN;
	const exactTo = UNITS_MS.find((unit) => createdAt % unit === 0) ?? 1;
	return { createdAt, exactTo: Math.max(exactTo, SECOND_MS) };
}

/** A day, an hour, a minute. */
const UNITS_MS = [86_400_000, 3_600_000, 60_000];
