import type { FailureFacts } from '../errors/ItemFailure';
import {
	noteConfirmed,
	noteUnclear,
	upToDate,
	type AdjustmentJob,
	type Confirmed,
} from './AdjustmentJob';
import { logOf } from './AdjustmentLog';
import { findBoth, findInHistory, type Finding } from './findInHistory';
import { isAnswered, send, type Sending } from './send';
import { unclearFailure, type UnclearAdjustment } from './unclear';
import { unknownOutcome } from './words';

/**
 * Adds points, once. What may have arrived is never sent again, unless the customer's history shows
 * that it did not and the user wants it sent then; and that a single time, over all tries of the item.
 *
 * @param job whose, and how many
 * @returns how it is known that the points were added
 * @throws {ItemFailure} when they were not, or when that is not known
 */
export async function adjust(job: AdjustmentJob): Promise<Confirmed> {
	const { unclear } = job.record;
	const first = unclear ? recall(job, unclear) : await sendFirst(job);
	if ('confirmedBy' in first) return first;
	if (job.ifUnclear === 'report') throw unclearFailure(first);
	const finding = await findInHistory(job, first);
	if (typeof finding === 'object') return finding;
	if (!maySendAgain(job, first, finding)) throw unclearFailure(first, words(job, first, finding));
	return await adjustAgain(job, first);
}

/**
 * Adds points that were sent before, as far as is known, and of which the customer's history shows nothing.
 *
 * @param job whose, and how many
 * @param first what is known of the first sending
 * @returns how it is known that the points were added
 * @throws {ItemFailure} when that is not known
 */
export async function adjustAgain(
	job: AdjustmentJob,
	first: UnclearAdjustment,
): Promise<Confirmed> {
	const second = await sendAgain(job, first);
	if ('confirmedBy' in second) {
		return second.secondSend === 'mayHaveArrived' ? await findBoth(job, second) : second;
	}
	const lastFinding = await findInHistory(job, second);
	if (typeof lastFinding === 'object') return lastFinding;
	throw unclearFailure(second, words(job, second, lastFinding));
}

/** Sends it, while none like it is looked for; what LoyaltyLion has certainly not taken is thrown. */
async function sendFirst(job: AdjustmentJob): Promise<Confirmed | UnclearAdjustment> {
	const { adjustment, record, client } = job;
	const toUnclear = (sending: Sending, facts: FailureFacts) => ({ ...sending, facts });
	return await whileSending(job, async () => {
		const { failure, ...sending } = await send(client, adjustment, (started) =>
			record.keepUnclear(toUnclear(started, unknownOutcome(adjustment, INTERRUPTED))),
		);
		if (!failure) return noteConfirmed(job, { confirmedBy: 'response', ...sending });
		if (failure.isUnclear) return keepUnclear(job, toUnclear(sending, failure.facts));
		record.forget();
		throw failure;
	});
}

/** Goes on with what an earlier try has left unclear. */
function recall(job: AdjustmentJob, unclear: UnclearAdjustment): Confirmed | UnclearAdjustment {
	const now = upToDate(job, noteUnclear(job, unclear));
	if (!('confirmedBy' in now)) job.record.keepUnclear(now);
	return now;
}

/**
 * What LoyaltyLion has certainly not taken this time stays as unclear as the first sending has left it. That
 * it is sent again is noted before it waits for its turn, so that no other retry of the execution does so too.
 */
async function sendAgain(
	job: AdjustmentJob,
	first: UnclearAdjustment,
): Promise<Confirmed | UnclearAdjustment> {
	const { adjustment, record, client } = job;
	const { clock } = first;
	const { sentAt, byEarlierRun } = first.sent;
	const secondSend = 'mayHaveArrived';
	const toSent = ({ sent }: Pick<Sending, 'sent'>) => ({
		...sent,
		sentAt,
		...(byEarlierRun && { byEarlierRun }),
	});
	const toUnclear = (sending: Pick<Sending, 'sent'>, facts: FailureFacts) =>
		({ ...first, sent: toSent(sending), facts, secondSend }) as const;
	return await whileSending(job, async () => {
		const isMine = await record.claimSecondSend();
		// Nothing may come between what is known now and that it is noted.
		const now = recall(job, first);
		if ('confirmedBy' in now || now.secondSend) return now;
		if (!isMine) throw unclearFailure(first, SENT_BY_ANOTHER);
		noteUnclear(job, toUnclear(first, first.facts));
		const { failure, ...sending } = await send(client, adjustment, (started) =>
			record.keepUnclear(toUnclear(started, unknownOutcome(adjustment, INTERRUPTED))),
		);
		if (!failure) {
			const confirmed = { confirmedBy: 'response', sent: toSent(sending), secondSend } as const;
			return noteConfirmed(job, { ...confirmed, ...(clock && { clock }) });
		}
		if (failure.isUnclear) return keepUnclear(job, toUnclear(sending, failure.facts));
		const left = isAnswered(failure) ? ({ ...first, secondSend: 'refused' } as const) : first;
		if (left === first) await record.giveBackSecondSend();
		record.keepUnclear(left);
		const known = { ...left.sent, hasArrived: false, secondSend: left.secondSend, clock };
		logOf(client.account).replace(known);
		const finding = `${FINDINGS.notAdded} Sending it again ended so: ${failure.message}.`;
		throw unclearFailure(left, finding);
	});
}

async function whileSending<Result>(
	{ adjustment, client }: AdjustmentJob,
	post: () => Promise<Result>,
): Promise<Result> {
	return await logOf(client.account).whileSending(adjustment, client.signals.send, post);
}

function keepUnclear(job: AdjustmentJob, unclear: UnclearAdjustment): UnclearAdjustment {
	job.record.keepUnclear(unclear);
	return noteUnclear(job, unclear);
}

type Unfound = Exclude<Finding, Confirmed>;

function maySendAgain(job: AdjustmentJob, unclear: UnclearAdjustment, finding: Unfound): boolean {
	const isWanted = job.ifUnclear === 'checkThenSend' && finding === 'notAdded';
	return isWanted && unclear.secondSend === undefined && isSameKey(job, unclear);
}

function isSameKey({ client }: AdjustmentJob, { sent }: UnclearAdjustment): boolean {
	return sent.account === client.account.mark;
}

function words(job: AdjustmentJob, unclear: UnclearAdjustment, finding: Unfound): string {
	return isSameKey(job, unclear) ? FINDINGS[finding] : `${FINDINGS[finding]} ${OTHER_KEY}`;
}

const INTERRUPTED = 'The execution ended while the request was on its way.';

const SENT_BY_ANOTHER =
	'The node looked there and did not find them, but another run has sent them again by now, or the node could not make sure that none does. So they were not sent again.';

const OTHER_KEY =
	'They were sent with another API key or Base URL than the LoyaltyLion credential has now, so they are not sent again.';

const FINDINGS: Record<Unfound, string> = {
	notAdded: 'The node looked there and did not find them, but LoyaltyLion may show them late.',
	unsure: 'The node looked there and found points that may be these, or others.',
	unproven:
		'The node looked there and did not find them, but cannot tell for certain from what LoyaltyLion shows.',
	timesBroken:
		"The node looked there and cannot tell for certain, as n8n was started anew, or its machine's clock was set, since they were sent.",
	unread: 'The node could not read that history itself.',
};
