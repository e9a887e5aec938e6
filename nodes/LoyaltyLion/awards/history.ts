import type { SentAward } from '../account/SentAward';
import { unreadableList } from '../errors/lookups';
import { isRecord } from '../shared/isRecord';
import type { Caller } from '../transport/exchange';
import { get, type Reading } from '../transport/get';
import { nextCursor, toQuery } from '../transport/paging';
import { withoutRepeats } from '../transport/withoutRepeats';

/** What a customer's history says of an award. */
export type Verdict = 'added' | 'notAdded' | 'unsure';

const PAGE_SIZE = 100;

/** A customer who gets so many points at a time is no shopper. */
const MAX_PAGES = 10;

/** By how much the clocks of LoyaltyLion's machines may differ. */
const SLACK_MS = 2000;

/** As exact as the `Date` header is, and a `created_at` without fractions of a second. */
const SECOND_MS = 1000;

/** How long after a request was given up LoyaltyLion may still carry it out. */
const LATE_MS = 60_000;

/**
 * Looks for an award in the customer's history: `GET /v2/customers/{merchant_id}/transactions` (LoyaltyLion
 * Admin API). A row has no reference to the request that made it. It counts as the award's when it is an
 * adjustment by the same points, with the same reason where it names one, from the time of the request, and
 * when there are more such rows than other awards that can have made them.
 *
 * The time is LoyaltyLion's own, from the `Date` header, as the clock of this machine may be wrong.
 *
 * @param caller who looks
 * @param award what was sent
 * @param others awards by the same points to the same customer that are known to have been added
 * @returns whether the award was added; `unsure` when the rows allow for either
 * @throws {ItemFailure} when the history could not be read
 */
export async function lookInHistory(
	caller: Caller,
	award: SentAward,
	others: SentAward[],
): Promise<Verdict> {
	const { rows, isWhole, span } = await readRows(caller, award);
	const alike = rows.filter(({ points }) => points === award.points);
	const inTime = alike.filter(({ createdAt }) => isWithin(createdAt, span));
	const own = inTime.filter(
		({ isAdjustment, note }) =>
			isAdjustment && (note === undefined || note === inOneLine(award.reason)),
	);
	const rivals = others.filter((other) => mayShow(other, award));
	const ownRivals = own.some(({ note }) => note === undefined)
		? rivals
		: rivals.filter(({ reason }) => inOneLine(reason) === inOneLine(award.reason));
	if (own.length > ownRivals.length) return 'added';

	// Whatever else may be the award's row keeps it from being sent again.
	const undated = alike.filter(({ createdAt }) => Number.isNaN(createdAt));
	const certain = rivals.filter((other) => mustShow(other, award));
	const isExplained = undated.length === 0 && inTime.length <= certain.length;
	return isWhole && isExplained ? 'notAdded' : 'unsure';
}

interface Row {
	id: unknown;
	isAdjustment: boolean;
	/** `NaN` if not said. */
	points: number;
	/** The reason, where the row names one. */
	note: string | undefined;
	/** In ms since 1970; `NaN` if not said. */
	createdAt: number;
}

/** From when to when LoyaltyLion can have carried out a request, in ms since 1970 by its own clock. */
interface Span {
	from: number;
	to: number;
}

/** The newest rows, as far back as the request. */
async function readRows(caller: Caller, award: SentAward) {
	const path = `/v2/customers/${encodeURIComponent(award.merchantId)}/transactions`;
	const rows: Row[] = [];
	let span: Span | undefined;
	let cursor: string | undefined;
	for (let page = 0; page < MAX_PAGES; page++) {
		const query = toQuery({ limit: String(PAGE_SIZE), cursor });
		const reading = await get(caller, `${path}?${query}`);
		const { transactions } = reading.body;
		span ??= spanOf(award, reading);
		if (!Array.isArray(transactions) || !span) throw unreadableList();
		rows.push(...transactions.filter(isRecord).map(toRow));
		cursor = nextCursor(reading.body, transactions.length < PAGE_SIZE);
		const oldest = rows.at(-1)?.createdAt ?? NaN;
		const isWhole = cursor === undefined || oldest + SECOND_MS < span.from;
		if (isWhole) return { rows: withoutRepeats(rows, ({ id }) => id), isWhole, span };
	}
	if (!span) throw unreadableList();
	return { rows: withoutRepeats(rows, ({ id }) => id), isWhole: false, span };
}

/** The answer tells LoyaltyLion's time only as exactly as it is known when it was given. */
function spanOf(
	{ sentAt, endedAt }: SentAward,
	{ date = '', askedAt, answeredAt }: Reading,
): Span | undefined {
	const serverNow = Date.parse(date);
	if (Number.isNaN(serverNow) || answeredAt - askedAt > SLACK_MS) return undefined;
	const ahead = serverNow - answeredAt;
	const latency = answeredAt - askedAt;
	return { from: sentAt + ahead - SLACK_MS, to: endedAt + ahead + latency + SECOND_MS + LATE_MS };
}

function toRow(row: Record<string, unknown>): Row {
	const { id, resource, points_approved: points, created_at: createdAt, adjustment } = row;
	const note = isRecord(adjustment) ? adjustment.note : undefined;
	return {
		id,
		isAdjustment: resource === 'adjustment',
		points: Number(points),
		note: typeof note === 'string' && note.trim() !== '' ? inOneLine(note) : undefined,
		createdAt: timeOf(createdAt),
	};
}

/** A time without a zone could be any. */
function timeOf(text: unknown): number {
	return typeof text === 'string' && /(Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : NaN;
}

function isWithin(createdAt: number, { from, to }: Span): boolean {
	return createdAt + SECOND_MS > from && createdAt < to;
}

/** Whether another award's row can be among those from the time of this one. */
function mayShow(other: SentAward, award: SentAward): boolean {
	const from = award.sentAt - 3 * SLACK_MS - SECOND_MS;
	const to = award.endedAt + LATE_MS + 3 * SLACK_MS + SECOND_MS;
	return other.sentAt !== award.sentAt && other.endedAt > from && other.sentAt < to;
}

/** Whether another award's row has to be among them, when it has had the time to show. */
function mustShow(other: SentAward, award: SentAward): boolean {
	if (other.account !== award.account) return false;
	return other.sentAt >= award.sentAt - SLACK_MS && other.endedAt <= award.endedAt + LATE_MS;
}

function inOneLine(text: string | null): string {
	return (text ?? '').replace(/\s+/g, ' ').trim();
}
