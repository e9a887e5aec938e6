import {
	rowsOf,
	type Adjustment,
	type Knowledge,
	type KnownAdjustment,
	type Rows,
	type SentAdjustment,
	type Sending,
} from './Adjustment';
import { reachesBack, SECOND_MS, SLACK_MS, type History, type Row } from './history';
import type { Kind } from './Kind';

/** A judgement, and the rows that it rests on. */
export interface Judgement {
	verdict: Verdict;
	/** Those that are just as the adjustment makes them. */
	rows: Row[];
	/** How many of them only the adjustment can have made. */
	ownRows: number;
	/** How many there are that it may have made. */
	possibleRows: number;
}

/**
 * What a customer's history says of an adjustment: `unsure` when rows may be its own or those of others,
 * `unproven` when there is no such row, but the history does not prove that there is none.
 */
export type Verdict = 'made' | 'notMade' | 'unsure' | 'unproven';

/** How long after a request was given up LoyaltyLion may still carry it out. */
const LATE_MS = 60_000;

/**
 * Judges whether an adjustment is in its customer's history. A row has no reference to the request that made
 * it. It counts as the adjustment's when it is just as the adjustment makes it, from the time of the request, and
 * when there are more such rows than other adjustments can have made. That there is none counts only when all
 * rows are read as they are documented, all that happened since the request is among them, and nothing of it is
 * left unexplained.
 *
 * The time is LoyaltyLion's own, as the clock of this machine may be wrong.
 *
 * @param kind the adjustment's
 * @param history the customer's
 * @param adjustment what was sent
 * @param others those like it that have arrived, or may have
 * @returns the judgement
 */
export function judge<Of extends Adjustment>(
	kind: Kind<Of>,
	history: History,
	adjustment: SentAdjustment<Of>,
	others: KnownAdjustment<Of>[],
): Judgement {
	const span = spanOf(adjustment, history);
	const own = history.rows.filter((row) => isInTime(row, span) && kind.isOwn(row, adjustment));
	const rivals = others
		.filter((other) => mayShow(other, adjustment))
		.filter((other) => own.some((row) => kind.mayHaveMade(row, other)));
	const ownRows = Math.max(0, own.length - sum(rivals, 'atMost'));
	const possible = history.rows.filter(
		(row) => isSince(row, span) && kind.mayBeOwn(row, adjustment),
	).length;
	const rows = { rows: own, ownRows, possibleRows: possible };
	if (ownRows > 0) return { verdict: 'made', ...rows };

	const explained = kind.isSureToShow
		? sum(
				others.filter((other) => mustShow(other, adjustment)),
				'atLeast',
			)
		: 0;
	if (possible > explained) return { verdict: 'unsure', ...rows };
	const isProven =
		history.isLegible &&
		possible === explained &&
		(history.isComplete || reachesBack(history.rows, span.from));
	return { verdict: isProven ? 'notMade' : 'unproven', ...rows };
}

/** From when to when LoyaltyLion can have carried out a request, in ms since 1970 by its own clock. */
interface Span {
	from: number;
	to: number;
}

/** The answer tells LoyaltyLion's time only as exactly as it is known when it was given. */
function spanOf({ sentAt, endedAt }: Sending, { aheadMs, latencyMs }: History): Span {
	return {
		from: sentAt + aheadMs - SLACK_MS,
		to: endedAt + aheadMs + latencyMs + SECOND_MS + LATE_MS,
	};
}

function isInTime({ createdAt }: Row, { from, to }: Span): boolean {
	return createdAt + SECOND_MS > from && createdAt < to;
}

/**
 * Whatever else may be the adjustment's row keeps it from being sent again. However late: another retry of the
 * same execution may have sent it again in the meantime.
 */
function isSince({ createdAt, exactTo }: Row, { from }: Span): boolean {
	return !(createdAt + exactTo <= from);
}

/** Whether another adjustment's row can be among those from the time of this one. */
function mayShow(other: Sending & Knowledge, adjustment: Sending): boolean {
	const { atLeast, atMost } = rowsOf(other);
	const late = atLeast < atMost ? LATE_MS : 0;
	const from = adjustment.sentAt - 3 * SLACK_MS - SECOND_MS;
	const to = adjustment.endedAt + LATE_MS + 3 * SLACK_MS + SECOND_MS;
	return other.endedAt + late > from && other.sentAt < to;
}

/** Whether another adjustment's row has to be there since this one was sent, when it has had the time to show. */
function mustShow(other: Sending, adjustment: Sending): boolean {
	return other.account === adjustment.account && other.sentAt >= adjustment.sentAt - SLACK_MS;
}

function sum(adjustments: Knowledge[], bound: keyof Rows): number {
	return adjustments.reduce((total, adjustment) => total + rowsOf(adjustment)[bound], 0);
}
