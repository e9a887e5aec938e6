import { rowsOf, merged, type KnownAdjustment, type SentAdjustment } from './Adjustment';
import {
	logsOf,
	noteConfirmed,
	upToDate,
	type AdjustmentJob,
	type Confirmed,
} from './AdjustmentJob';
import { checkHistory, LOOKS_AFTER_MS, type Check } from './checkHistory';
import { isOfAnotherProcess, wasClockSet } from './ClockMark';
import type { History } from './history';
import { judge, type Verdict } from './judge';
import type { UnclearAdjustment } from './unclear';

/**
 * What looking for an adjustment has come to: `timesBroken` when it is not there, but the times that it was sent
 * at and looked for cannot be compared; `unread` when its history could not be read.
 */
export type Finding = Confirmed | Exclude<Verdict, 'added'> | 'timesBroken' | 'unread';

/** How many looks there are for points that are certainly there once: only whether twice is not known. */
const LOOKS_FOR_BOTH = 3;

/**
 * Looks for an unclear adjustment in its customer's history, while none like it is sent.
 *
 * @param job the adjustment's
 * @param unclear the adjustment
 * @returns what the last look has come to; never throws
 */
export async function findInHistory(
	job: AdjustmentJob,
	unclear: UnclearAdjustment,
): Promise<Finding> {
	const seen = { possibleRows: 0 };
	const look = (history: History) => findingOf(job, unclear, history, seen);
	return await inCheck<Finding>(job, unclear.sent, {
		looks: LOOKS_AFTER_MS.length,
		conclude: look,
		isFinal: (finding) => typeof finding === 'object',
		unread: 'unread',
	});
}

/**
 * Looks whether the customer's history shows both rows of an adjustment that was sent twice, and the second time
 * confirmed.
 *
 * @param job the adjustment's
 * @param confirmed the adjustment
 * @returns the same, with what is known of it now; never throws
 */
export async function findBoth(job: AdjustmentJob, confirmed: Confirmed): Promise<Confirmed> {
	const { sent, clock } = confirmed;
	const look = (history: History) => {
		if (wasClockSet(clock)) return confirmed;
		if (!showsBoth(job, sent, history)) return confirmed;
		return noteConfirmed(job, { ...confirmed, secondSend: 'bothArrived' });
	};
	return await inCheck(job, sent, {
		looks: LOOKS_FOR_BOTH,
		conclude: look,
		isFinal: ({ secondSend }) => secondSend === 'bothArrived',
		unread: confirmed,
	});
}

async function inCheck<Result>(
	job: AdjustmentJob,
	sent: SentAdjustment,
	check: Omit<Check<Result>, 'adjustment' | 'since'>,
): Promise<Result> {
	const { client } = job;
	const look = async () => {
		const ends = [sent, ...others(job, sent)].map(({ endedAt }) => endedAt);
		return await checkHistory(client, { ...check, adjustment: sent, since: Math.max(...ends) });
	};
	const whileChecked = logsOf(job, sent).reduce(
		(inner, log) => async () => await log.whileChecking(sent, client.signals.read, inner),
		look,
	);
	return await whileChecked();
}

/**
 * Notes at once when it is found, as others who look at the same time go on from that. Of a history that shows
 * less than one before, nothing is concluded.
 */
function findingOf(
	job: AdjustmentJob,
	before: UnclearAdjustment,
	history: History,
	seen: { possibleRows: number },
): Finding {
	const unclear = upToDate(job, before);
	if ('confirmedBy' in unclear) return unclear;
	const { sent, clock, secondSend } = unclear;
	// Times from before and after the clock was set say nothing of each other.
	if (wasClockSet(clock)) return 'timesBroken';
	const isSameKey = sent.account === job.client.account.mark;
	const usable = isSameKey ? history : naming(history);
	const { verdict, possibleRows } = judge(
		usable,
		sent,
		possibleOwners(job, sent).map(byClockOfNow),
	);
	const showsLess = possibleRows < seen.possibleRows;
	seen.possibleRows = Math.max(possibleRows, seen.possibleRows);
	if (verdict === 'notAdded' && showsLess) return 'unproven';
	if (verdict === 'notAdded' && isOfAnotherProcess(clock)) return 'timesBroken';
	if (verdict !== 'added') return verdict;
	const hasBoth = secondSend === 'mayHaveArrived' && showsBoth(job, sent, usable);
	return noteConfirmed(job, {
		confirmedBy: 'history',
		sent: { ...sent, endedAt: Date.now() },
		...(clock && { clock }),
		...(secondSend && { secondSend: hasBoth ? 'bothArrived' : secondSend }),
	});
}

/** A row of one that is looked for just now must not be taken for the second. */
function showsBoth(job: AdjustmentJob, sent: SentAdjustment, history: History): boolean {
	return judge(history, sent, others(job, sent).map(byClockOfNow)).ownRows > 1;
}

/** With another key it may be another store's history, so that the points alone prove nothing there. */
function naming(history: History): History {
	return { ...history, rows: history.rows.filter(({ note }) => note !== undefined) };
}

/**
 * The adjustments like it that other rows may belong to. Those that are looked for just now are left out: as soon
 * as one of them has found its row, it is known.
 */
function possibleOwners(job: AdjustmentJob, adjustment: SentAdjustment): KnownAdjustment[] {
	const logs = logsOf(job, adjustment);
	return others(job, adjustment).filter(
		(each) => rowsOf(each).atLeast > 0 || !logs.some((log) => log.isChecking(each)),
	);
}

/** All adjustments like it. The run remembers its own also when n8n was started anew since. */
function others(job: AdjustmentJob, adjustment: SentAdjustment): KnownAdjustment[] {
	const remembered = job.record.alike();
	const logs = new Set([adjustment, ...remembered].flatMap((each) => logsOf(job, each)));
	const known = [...remembered, ...[...logs].flatMap((log) => log.alike(adjustment))];
	const bySentAt = new Map<number, KnownAdjustment>();
	for (const each of known) {
		const before = bySentAt.get(each.sentAt);
		bySentAt.set(each.sentAt, before ? merged(before, each) : each);
	}
	bySentAt.delete(adjustment.sentAt);
	return [...bySentAt.values()];
}

/** Once the clock was set, an adjustment of before can have been made whenever. */
function byClockOfNow(adjustment: KnownAdjustment): KnownAdjustment {
	return wasClockSet(adjustment.clock)
		? { ...adjustment, sentAt: -Infinity, endedAt: Infinity }
		: adjustment;
}
