import type { KnownAward, SentAward } from '../account/SentAward';
import { inOneLine, reachesBack, SECOND_MS, SLACK_MS, type History, type Row } from './history';

/**
 * What a customer's history says of an award: `unsure` when rows may be its own or those of others,
 * `unproven` when there is no such row, but the history does not prove that there is none.
 */
export type Verdict = 'added' | 'notAdded' | 'unsure' | 'unproven';

/** How long after a request was given up LoyaltyLion may still carry it out. */
const LATE_MS = 60_000;

/**
 * Judges whether an award is in its customer's history. A row has no reference to the request that made
 * it. It counts as the award's when it is an adjustment by the same points, with the same reason where it
 * names one, from the time of the request, and when there are more such rows than other awards can have
 * made. That there is none counts only when all rows are read as they are documented, all that happened
 * since the request is among them, and nothing of it is left unexplained.
 *
 * The time is LoyaltyLion's own, as the clock of this machine may be wrong.
 *
 * @param history the customer's
 * @param award what was sent
 * @param others awards by the same points to the same customer that were added, or may have been
 * @returns the verdict, and how many rows there are that only the award can have made
 */
export function judge(
	history: History,
	award: SentAward,
	others: KnownAward[],
): { verdict: Verdict; ownRows: number } {
	const span = spanOf(award, history);
	const own = history.rows.filter((row) => isOwn(row, award, span));
	const rivals = others.filter((other) => mayShow(other, award));
	const ownRivals = own.some(({ note }) => note === undefined)
		? rivals
		: rivals.filter(({ reason }) => inOneLine(reason) === inOneLine(award.reason));
	const ownRows = Math.max(0, own.length - sum(ownRivals, 'atMost'));
	if (ownRows > 0) return { verdict: 'added', ownRows };

	const possible = history.rows.filter((row) => mayBeOwn(row, award, span)).length;
	const explained = sum(
		rivals.filter((other) => mustShow(other, award)),
		'atLeast',
	);
	if (possible > explained) return { verdict: 'unsure', ownRows };
	const isProven =
		history.isLegible &&
		possible === explained &&
		(history.isComplete || reachesBack(history.rows, span.from));
	return { verdict: isProven ? 'notAdded' : 'unproven', ownRows };
}

/** From when to when LoyaltyLion can have carried out a request, in ms since 1970 by its own clock. */
interface Span {
	from: number;
	to: number;
}

/** The answer tells LoyaltyLion's time only as exactly as it is known when it was given. */
function spanOf({ sentAt, endedAt }: SentAward, { aheadMs, latencyMs }: History): Span {
	return {
		from: sentAt + aheadMs - SLACK_MS,
		to: endedAt + aheadMs + latencyMs + SECOND_MS + LATE_MS,
	};
}

function isOwn(row: Row, { points, reason }: SentAward, { from, to }: Span): boolean {
	const { isAdjustment, approved, note, createdAt } = row;
	const isSameReason = note === undefined || note === inOneLine(reason);
	const isInTime = createdAt + SECOND_MS > from && createdAt < to;
	return isAdjustment && approved === points && isSameReason && isInTime;
}

/** Whatever else may be the award's row keeps it from being sent again. */
function mayBeOwn(row: Row, { points }: SentAward, { from, to }: Span): boolean {
	const { isAdjustment, approved, pending, createdAt, exactTo } = row;
	const isOutOfTime = createdAt + exactTo <= from || createdAt - exactTo / 2 >= to;
	const amounts = [approved, pending, approved + pending];
	const isAnother = !amounts.includes(points) && !(isAdjustment && approved + pending === 0);
	return !isOutOfTime && (!isAnother || amounts.some(Number.isNaN));
}

/** Whether another award's row can be among those from the time of this one. */
function mayShow(other: KnownAward, award: SentAward): boolean {
	const late = other.rows.atLeast < other.rows.atMost ? LATE_MS : 0;
	const from = award.sentAt - 3 * SLACK_MS - SECOND_MS;
	const to = award.endedAt + LATE_MS + 3 * SLACK_MS + SECOND_MS;
	return other.endedAt + late > from && other.sentAt < to;
}

/** Whether another award's row has to be among them, when it has had the time to show. */
function mustShow(other: KnownAward, award: SentAward): boolean {
	if (other.account !== award.account) return false;
	return other.sentAt >= award.sentAt - SLACK_MS && other.endedAt <= award.endedAt + LATE_MS;
}

function sum(awards: KnownAward[], bound: 'atLeast' | 'atMost'): number {
	return awards.reduce((total, { rows }) => total + rows[bound], 0);
}
