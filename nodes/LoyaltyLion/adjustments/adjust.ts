import type { FailureFacts } from '../errors/ItemFailure';
import type { Adjustment } from './Adjustment';
import {
	noteConfirmed,
	noteUnclear,
	upToDate,
	type AdjustmentJob,
	type Confirmed,
} from './AdjustmentJob';
import { logOf } from './AdjustmentLog';
import { findBoth, findInHistory, type Finding } from './findInHistory';
import { isAnswered, send, type GoingOut } from './send';
import { unclearFailure, type UnclearAdjustment } from './unclear';
import { findingWords, unknownOutcome } from './words';

/**
 * Makes an adjustment, once. What may have arrived is never sent again, unless the customer's history shows
 * that it did not and the user wants it sent then; and that a single time, over all tries of the item.
 *
 * @param job the adjustment's
 * @returns how it is known that it was made
 * @throws {ItemFailure} when it was not, or when that is not known
 */
export async function adjust<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
): Promise<Confirmed<Of>> {
	const { unclear } = job.record;
	const { words } = job.kind;
	const first = unclear ? recall(job, unclear) : await sendFirst(job);
	if ('confirmedBy' in first) return first;
	if (job.ifUnclear === 'report') throw unclearFailure(words, first);
	const finding = await findInHistory(job, first);
	if (typeof finding === 'object') return finding;
	if (!maySendAgain(job, first, finding)) {
		throw unclearFailure(words, first, describe(job, first, finding));
	}
	if (!(await job.makesRow())) throw unclearFailure(words, first, describe(job, first, 'unproven'));
	return await adjustAgain(job, first);
}

/**
 * Makes an adjustment that was sent before, as far as is known, and of which the customer's history shows nothing.
 *
 * @param job the adjustment's
 * @param first what is known of the first sending
 * @returns how it is known that it was made
 * @throws {ItemFailure} when that is not known
 */
export async function adjustAgain<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
	first: UnclearAdjustment<Of>,
): Promise<Confirmed<Of>> {
	const second = await sendAgain(job, first);
	if ('confirmedBy' in second) {
		return second.secondSend === 'mayHaveArrived' ? await findBoth(job, second) : second;
	}
	const lastFinding = await findInHistory(job, second);
	if (typeof lastFinding === 'object') return lastFinding;
	throw unclearFailure(job.kind.words, second, describe(job, second, lastFinding));
}

/** Sends it, while none like it is looked for; what LoyaltyLion has certainly not taken is thrown. */
async function sendFirst<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
): Promise<Confirmed<Of> | UnclearAdjustment<Of>> {
	const { kind, adjustment, record, client } = job;
	return await whileSending(job, async () => {
		const { failure, ...outcome } = await send(kind, client, adjustment, (started) =>
			record.keepUnclear({ ...started, facts: interrupted(job) }),
		);
		if (!failure) return noteConfirmed(job, { confirmedBy: 'response', ...outcome });
		if (failure.isUnclear) return keepUnclear(job, { ...outcome, facts: failure.facts });
		record.forget();
		throw failure;
	});
}

/** Goes on with what an earlier try has left unclear. */
function recall<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
	unclear: UnclearAdjustment<Of>,
): Confirmed<Of> | UnclearAdjustment<Of> {
	const now = upToDate(job, noteUnclear(job, unclear));
	if (!('confirmedBy' in now)) job.record.keepUnclear(now);
	return now;
}

/**
 * What LoyaltyLion has certainly not taken this time stays as unclear as the first sending has left it. That
 * it is sent again is noted before it waits for its turn, so that no other retry of the execution does so too.
 */
async function sendAgain<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
	first: UnclearAdjustment<Of>,
): Promise<Confirmed<Of> | UnclearAdjustment<Of>> {
	const { kind, adjustment, record, client } = job;
	const words = findingWords(kind.words);
	const { clock } = first;
	const { sentAt, byEarlierRun } = first.sent;
	const secondSend = 'mayHaveArrived';
	const toSent = ({ sent }: Pick<GoingOut<Of>, 'sent'>) => ({
		...sent,
		sentAt,
		...(byEarlierRun && { byEarlierRun }),
	});
	const toUnclear = (sending: Pick<GoingOut<Of>, 'sent'>, facts: FailureFacts) =>
		({ ...first, sent: toSent(sending), facts, secondSend }) as const;
	return await whileSending(job, async () => {
		const isMine = await record.claimSecondSend();
		// Nothing may come between what is known now and that it is noted.
		const now = recall(job, first);
		if ('confirmedBy' in now || now.secondSend) return now;
		if (!isMine) throw unclearFailure(kind.words, first, words.sentByAnother);
		noteUnclear(job, toUnclear(first, first.facts));
		const outcome = await send(kind, client, adjustment, (started) =>
			record.keepUnclear(toUnclear(started, interrupted(job))),
		);
		if (!outcome.failure) {
			const { result } = outcome;
			const confirmed = { confirmedBy: 'response', sent: toSent(outcome), secondSend } as const;
			return noteConfirmed(job, {
				...confirmed,
				...(result && { result }),
				...(clock && { clock }),
			});
		}
		const { failure } = outcome;
		if (failure.isUnclear) return keepUnclear(job, toUnclear(outcome, failure.facts));
		const left = isAnswered(failure) ? ({ ...first, secondSend: 'refused' } as const) : first;
		if (left === first) await record.giveBackSecondSend();
		record.keepUnclear(left);
		const known = { ...left.sent, hasArrived: false, secondSend: left.secondSend, clock };
		logOf(kind, client.account).replace(known);
		const finding = `${words.notMade} Sending it again ended so: ${failure.message}.`;
		throw unclearFailure(kind.words, left, finding);
	});
}

async function whileSending<Of extends Adjustment, Result>(
	{ kind, adjustment, client }: AdjustmentJob<Of>,
	post: () => Promise<Result>,
): Promise<Result> {
	return await logOf(kind, client.account).whileSending(adjustment, client.signals.send, post);
}

function keepUnclear<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
	unclear: UnclearAdjustment<Of>,
): UnclearAdjustment<Of> {
	job.record.keepUnclear(unclear);
	return noteUnclear(job, unclear);
}

type Unfound = Extract<Finding<Adjustment>, string>;

function maySendAgain<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
	unclear: UnclearAdjustment<Of>,
	finding: Unfound,
): boolean {
	const isWanted = job.ifUnclear === 'checkThenSend' && finding === 'notMade';
	return isWanted && unclear.secondSend === undefined && isSameKey(job, unclear);
}

function isSameKey<Of extends Adjustment>(
	{ client }: AdjustmentJob<Of>,
	{ sent }: UnclearAdjustment<Of>,
): boolean {
	return sent.account === client.account.mark;
}

function describe<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
	unclear: UnclearAdjustment<Of>,
	finding: Unfound,
): string {
	const words = findingWords(job.kind.words);
	return isSameKey(job, unclear) ? words[finding] : `${words[finding]} ${words.otherKey}`;
}

function interrupted<Of extends Adjustment>({ kind, adjustment }: AdjustmentJob<Of>): FailureFacts {
	return unknownOutcome(
		kind.words,
		adjustment,
		'The execution ended while the request was on its way.',
	);
}
