import { accountOf } from '../account/accounts';
import { unknownOutcome } from '../errors/answers';
import type { FailureFacts } from '../errors/ItemFailure';
import { noteConfirmed, noteUnclear, upToDate, type AwardJob, type Confirmed } from './AwardJob';
import { findBoth, findInHistory, type Finding } from './findInHistory';
import { isAnswered, postAward, type Sending } from './postAward';
import { unclearFailure, type UnclearAward } from './UnclearAward';

/**
 * Makes an award, once. What may have arrived is never sent again, unless the customer's history shows
 * that it did not and the user wants it sent then; and that a single time, over all tries of the item.
 *
 * @param job the award
 * @returns how it is known that the points were added
 * @throws {ItemFailure} when they were not, or when that is not known
 */
export async function giveAward(job: AwardJob): Promise<Confirmed> {
	const { unclear } = job.record;
	const first = unclear ? recall(job, unclear) : await send(job);
	if ('confirmedBy' in first) return first;
	if (job.ifUnclear === 'report') throw unclearFailure(first);
	const finding = await findInHistory(job, first);
	if (typeof finding === 'object') return finding;
	if (!maySendAgain(job, first, finding)) throw unclearFailure(first, words(job, first, finding));
	const second = await sendAgain(job, first);
	if ('confirmedBy' in second) {
		return second.secondSend === 'mayHaveArrived' ? await findBoth(job, second) : second;
	}
	const lastFinding = await findInHistory(job, second);
	if (typeof lastFinding === 'object') return lastFinding;
	throw unclearFailure(second, words(job, second, lastFinding));
}

/** Sends it, while none like it is looked for; what LoyaltyLion has certainly not taken is thrown. */
async function send(job: AwardJob): Promise<Confirmed | UnclearAward> {
	const { order, record, sender } = job;
	const toUnclear = (sending: Sending, facts: FailureFacts) => ({ ...sending, facts });
	return await whileSending(job, async () => {
		const { failure, ...sending } = await postAward(sender, order, (started) =>
			record.keepUnclear(toUnclear(started, unknownOutcome(order, INTERRUPTED))),
		);
		if (!failure) return noteConfirmed(job, { confirmedBy: 'response', ...sending });
		if (failure.pointsMayHaveBeenAdded) return keepUnclear(job, toUnclear(sending, failure.facts));
		record.forget();
		throw failure;
	});
}

/** Goes on with what an earlier try has left unclear. */
function recall(job: AwardJob, unclear: UnclearAward): Confirmed | UnclearAward {
	const now = upToDate(job, noteUnclear(job, unclear));
	if (!('confirmedBy' in now)) job.record.keepUnclear(now);
	return now;
}

/**
 * What LoyaltyLion has certainly not taken this time stays as unclear as the first sending has left it. That
 * it is sent again is noted before it waits for its turn, so that no other retry of the execution does so too.
 */
async function sendAgain(job: AwardJob, first: UnclearAward): Promise<Confirmed | UnclearAward> {
	const { order, record, sender } = job;
	const { clock } = first;
	const { sentAt } = first.sent;
	const secondSend = 'mayHaveArrived';
	const toUnclear = ({ sent }: Pick<Sending, 'sent'>, facts: FailureFacts) =>
		({ ...first, sent: { ...sent, sentAt }, facts, secondSend }) as const;
	const { awards } = accountOf(sender.connection);
	return await whileSending(job, async () => {
		const now = recall(job, first);
		if ('confirmedBy' in now || now.secondSend) return now;
		noteUnclear(job, toUnclear(first, first.facts));
		const { failure, ...sending } = await postAward(sender, order, (started) =>
			record.keepUnclear(toUnclear(started, unknownOutcome(order, INTERRUPTED))),
		);
		if (!failure) {
			const sent = { ...sending.sent, sentAt };
			const confirmed = { confirmedBy: 'response', sent, secondSend } as const;
			return noteConfirmed(job, { ...confirmed, ...(clock && { clock }) });
		}
		if (failure.pointsMayHaveBeenAdded) return keepUnclear(job, toUnclear(sending, failure.facts));
		const left = isAnswered(failure) ? ({ ...first, secondSend: 'refused' } as const) : first;
		record.keepUnclear(left);
		awards.replace({ ...left.sent, hasArrived: false, secondSend: left.secondSend, clock });
		const finding = `${FINDINGS.notAdded} Sending it again ended so: ${failure.message}.`;
		throw unclearFailure(left, finding);
	});
}

async function whileSending<Result>(
	{ order, sender }: AwardJob,
	post: () => Promise<Result>,
): Promise<Result> {
	return await accountOf(sender.connection).awards.whileSending(order, sender.signal, post);
}

function keepUnclear(job: AwardJob, unclear: UnclearAward): UnclearAward {
	job.record.keepUnclear(unclear);
	return noteUnclear(job, unclear);
}

type Unfound = Exclude<Finding, Confirmed>;

function maySendAgain(job: AwardJob, unclear: UnclearAward, finding: Unfound): boolean {
	const isWanted = job.ifUnclear === 'checkThenSend' && finding === 'notAdded';
	return isWanted && unclear.secondSend === undefined && isSameKey(job, unclear);
}

function isSameKey({ sender }: AwardJob, { sent }: UnclearAward): boolean {
	return sent.account === accountOf(sender.connection).mark;
}

function words(job: AwardJob, unclear: UnclearAward, finding: Unfound): string {
	return isSameKey(job, unclear) ? FINDINGS[finding] : `${FINDINGS[finding]} ${OTHER_KEY}`;
}

const INTERRUPTED = 'The execution ended while the request was on its way.';

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
