import { rowsOf, type KnownAdjustment, type Rows, type SentAdjustment } from './Adjustment';
import { inOneLine, reachesBack, SECOND_MS, SLACK_MS, type History, type Row } from './history';

/** A judgement, and the rows that it rests on. */
export interface Judgement {
	verdict: Verdict;
	/** How many there are that only the adjustment can have made. */
	ownRows: number;
	/** How many there are that it may have made. */
	possibleRows: number;
}

/**
 * What a customer's history says of an adjustment: `unsure` when rows may be its own or those of others,
 * `unproven` when there is no such row, but the history does not prove that there is none.
 */
export type Verdict = 'added' | 'notAdded' | 'unsure' | 'unproven';

/** How long after a request was given up LoyaltyLion may still carry it out. */
const LATE_MS = 60_000;

/**
 * Judges whether an adjustment is in its customer's history. A row has no reference to the request that made
 * it. It counts as the adjustment's when it is an adjustment by the same points, with the same reason where it
 * names one, from the time of the request, and when there are more such rows than other adjustments can have
 * made. That there is none counts only when all rows are read as they are documented, all that happened
 * since the request is among them, and nothing of it is left unexplained.
 *
 * The time is LoyaltyLion's own, as the clock of this machine may be wrong.
 *
 * @param history the customer's
 * @param adjustment what was sent
 * @param others adjustments by the same points to the same customer that were added, or may have been
 * @returns the judgement
 */
export function judge(
	history: History,
	adjustment: SentAdjustment,
	others: KnownAdjustment[],
): Judgement {
	const span = spanOf(adjustment, history);
	const own = history.rows.filter((row) => isOwn(row, adjustment, span));
	const rivals = others.filter((other) => mayShow(other, adjustment));
	const ownRivals = own.some(({ note }) => note === undefined)
		? rivals
		: rivals.filter(({ reason }) => inOneLine(reason) === inOneLine(adjustment.reason));
	const ownRows = Math.max(0, own.length - sum(ownRivals, 'atMost'));
	const possible = history.rows.filter((row) => mayBeOwn(row, adjustment, span)).length;
	const rows = { ownRows, possibleRows: possible };
	if (ownRows > 0) return { verdict: 'added', ...rows };

	const explained = sum(
		others.filter((other) => mustShow(other, adjustment)),
		'atLeast',
	);
	if (possible > explained) return { verdict: 'unsure', ...rows };
	const isProven =
		history.isLegible &&
		possible === explained &&
		(history.isComplete || reachesBack(history.rows, span.from));
	return { verdict: isProven ? 'notAdded' : 'unproven', ...rows };
}

/** From when to when LoyaltyLion can have carried out a request, in ms since 1970 by its own clock. */
interface Span {
	from: number;
	to: number;
}

/** The answer tells LoyaltyLion's time only as exactly as it is known when it was given. */
function spanOf({ sentAt, endedAt }: SentAdjustment, { aheadMs, latencyMs }: History): Span {
	return {
		from: sentAt + aheadMs - SLACK_MS,
		to: endedAt + aheadMs + latencyMs + SECOND_MS + LATE_MS,
	};
}

function isOwn(row: Row, { points, reason }: SentAdjustment, { from, to }: Span): boolean {
	const { isAdjustment, approved, note, createdAt } = row;
	const isSameReason = note === undefined || note === inOneLine(reason);
	const isInTime = createdAt + SECOND_MS > from && createdAt < to;
	return isAdjustment && approved === points && isSameReason && isInTime;
}

/**
 * Whatever else may be the adjustment's row keeps it from being sent again. However late: another retry of the
 * same execution may have sent it again in the meantime.
 */
function mayBeOwn(row: Row, { points }: SentAdjustment, { from }: Span): boolean {
	const { isAdjustment, approved, pending, createdAt, exactTo } = row;
	const isOutOfTime = createdAt + exactTo <= from;
	const amounts = [approved, pending, approved + pending];
	const isAnother = !amounts.includes(points) && !(isAdjustment && approved + pending === 0);
	return !isOutOfTime && (!isAnother || amounts.some(Number.isNaN));
}

/** Whether another adjustment's row can be among those from the time of this one. */
function mayShow(other: KnownAdjustment, adjustment: SentAdjustment): boolean {
	const { atLeast, atMost } = rowsOf(other);
	const late = atLeast < atMost ? LATE_MS : 0;
	const from = adjustment.sentAt - 3 * SLACK_MS - SECOND_MS;
	const to = adjustment.endedAt + LATE_MS + 3 * SLACK_MS + SECOND_MS;
	return other.endedAt + late > from && other.sentAt < to;
}

/** Whether another adjustment's row has to be there since this one was sent, when it has had the time to show. */
function mustShow(other: KnownAdjustment, adjustment: SentAdjustment): boolean {
	return other.account === adjustment.account && other.sentAt >= adjustment.sentAt - SLACK_MS;
}

function sum(adjustments: KnownAdjustment[], bound: keyof Rows): number {
	return adjustments.reduce((total, adjustment) => total + rowsOf(adjustment)[bound], 0);
}
