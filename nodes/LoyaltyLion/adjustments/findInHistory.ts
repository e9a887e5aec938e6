import {
	rowsOf,
	merged,
	type Adjustment,
	type KnownAdjustment,
	type SentAdjustment,
} from './Adjustment';
import {
	logsOf,
	noteConfirmed,
	upToDate,
	type AdjustmentJob,
	type Confirmed,
} from './AdjustmentJob';
import { checkHistory, LOOKS_AFTER_MS, type Check } from './checkHistory';
import { isOfAnotherProcess, wasClockSet } from './ClockMark';
import type { History, Row } from './history';
import { judge, type Verdict } from './judge';
import type { Kind, Learned } from './Kind';
import type { UnclearAdjustment } from './unclear';

/**
 * What looking for an adjustment has come to: `timesBroken` when it is not there, but the times that it was sent
 * at and looked for cannot be compared; `unread` when its history could not be read.
 */
export type Finding<Of extends Adjustment> =
	| Confirmed<Of>
	| Exclude<Verdict, 'made'>
	| 'timesBroken'
	| 'unread';

/** How many looks there are for an adjustment that is certainly there once: only whether twice is not known. */
const LOOKS_FOR_BOTH = 3;

/**
 * Looks for an unclear adjustment in its customer's history, while none like it is sent.
 *
 * @param job the adjustment's
 * @param unclear the adjustment
 * @returns what the last look has come to; never throws
 */
export async function findInHistory<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
	unclear: UnclearAdjustment<Of>,
): Promise<Finding<Of>> {
	const seen = { possibleRows: 0 };
	const look = (history: History) => findingOf(job, unclear, history, seen);
	return await inCheck<Of, Finding<Of>>(job, unclear.sent, {
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
export async function findBoth<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
	confirmed: Confirmed<Of>,
): Promise<Confirmed<Of>> {
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

async function inCheck<Of extends Adjustment, Result>(
	job: AdjustmentJob<Of>,
	sent: SentAdjustment<Of>,
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
function findingOf<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
	before: UnclearAdjustment<Of>,
	history: History,
	seen: { possibleRows: number },
): Finding<Of> {
	const unclear = upToDate(job, before);
	if ('confirmedBy' in unclear) return unclear;
	const { sent, clock, secondSend } = unclear;
	// Times from before and after the clock was set say nothing of each other.
	if (wasClockSet(clock)) return 'timesBroken';
	const isSameKey = sent.account === job.client.account.mark;
	const usable = isSameKey ? history : telling(job.kind, history);
	const { verdict, possibleRows, rows } = judge(
		job.kind,
		usable,
		sent,
		possibleOwners(job, sent).map(byClockOfNow),
	);
	const showsLess = possibleRows < seen.possibleRows;
	seen.possibleRows = Math.max(possibleRows, seen.possibleRows);
	if (verdict === 'notMade' && showsLess) return 'unproven';
	if (verdict === 'notMade' && isOfAnotherProcess(clock)) return 'timesBroken';
	if (verdict !== 'made') return verdict;
	const hasBoth = secondSend === 'mayHaveArrived' && showsBoth(job, sent, usable);
	const { facts, ...learned } = learnFrom(job, sent, rows);
	return noteConfirmed(job, {
		confirmedBy: 'history',
		sent: { ...sent, ...facts, endedAt: Date.now() },
		...learned,
		...(clock && { clock }),
		...(secondSend && { secondSend: hasBoth ? 'bothArrived' : secondSend }),
	});
}

/** Of several rows that may be its own, one that is not known to be another's. */
function learnFrom<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
	sent: SentAdjustment<Of>,
	rows: Row[],
): Learned<Of> {
	const { kind } = job;
	const known = others(job, sent);
	const own = rows.find((row) => !known.some((other) => kind.isCertainlyOf(row, other)));
	return own ? kind.learn(own) : { facts: {} };
}

/** A row of one that is looked for just now must not be taken for the second. */
function showsBoth<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
	sent: SentAdjustment<Of>,
	history: History,
): boolean {
	return judge(job.kind, history, sent, others(job, sent).map(byClockOfNow)).ownRows > 1;
}

/** With another key it may be another store's history, so that an amount alone proves nothing there. */
function telling<Of extends Adjustment>(kind: Kind<Of>, history: History): History {
	return { ...history, rows: history.rows.filter((row) => kind.isTelling(row)) };
}

/**
 * The adjustments like it that other rows may belong to. Those that are looked for just now are left out: as soon
 * as one of them has found its row, it is known.
 */
function possibleOwners<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
	adjustment: SentAdjustment<Of>,
): KnownAdjustment<Of>[] {
	const logs = logsOf(job, adjustment);
	return others(job, adjustment).filter(
		(each) => rowsOf(each).atLeast > 0 || !logs.some((log) => log.isChecking(each)),
	);
}

/** All adjustments like it. The run remembers its own also when n8n was started anew since. */
function others<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
	adjustment: SentAdjustment<Of>,
): KnownAdjustment<Of>[] {
	const remembered = job.record.alike();
	const logs = new Set([adjustment, ...remembered].flatMap((each) => logsOf(job, each)));
	const known = [...remembered, ...[...logs].flatMap((log) => log.alike(adjustment))];
	const bySentAt = new Map<number, KnownAdjustment<Of>>();
	for (const each of known) {
		const before = bySentAt.get(each.sentAt);
		bySentAt.set(each.sentAt, before ? merged(before, each) : each);
	}
	bySentAt.delete(adjustment.sentAt);
	return [...bySentAt.values()];
}

/** Once the clock was set, an adjustment of before can have been made whenever. */
function byClockOfNow<Of extends Adjustment>(adjustment: KnownAdjustment<Of>): KnownAdjustment<Of> {
	return wasClockSet(adjustment.clock)
		? { ...adjustment, sentAt: -Infinity, endedAt: Infinity }
		: adjustment;
}
