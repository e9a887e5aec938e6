import { accountMarked, accountOf } from '../account/accounts';
import type { AwardLog } from '../account/AwardLog';
import type { ClockMark } from '../account/ClockMark';
import { merged, type KnownAward, type SecondSend, type SentAward } from '../account/SentAward';
import type { Caller } from '../transport/exchange';
import type { Order } from './postAward';
import type { UnclearAward } from './UnclearAward';

/** What to do about an award of which nobody knows whether it arrived. */
export type IfUnclear = 'check' | 'checkThenSend' | 'report';

/** One item's award. */
export interface AwardJob {
	order: Order;
	ifUnclear: IfUnclear;
	record: AwardRecord;
	/** Sends the award, as long as the run goes on. */
	sender: Caller;
	/** Reads the customer's history, as long as the execution is not canceled. */
	reader: Caller;
}

/** What is remembered of one item over n8n's own retries. */
export interface AwardRecord {
	/** The award that an earlier try has left unclear. */
	readonly unclear: UnclearAward | undefined;
	/** Remembers that the award may have arrived. */
	keepUnclear(award: UnclearAward): void;
	/** Remembers nothing: it has certainly not arrived. */
	forget(): void;
	/** The awards by the same points to the same customer that items of the run have sent. */
	alike(): KnownAward[];
}

/** How it is known that the points were added. */
export interface Confirmed {
	confirmedBy: 'response' | 'history' | 'earlierTry';
	sent: SentAward;
	/** When it was sent; unknown where an earlier version of this node has sent it. */
	clock?: ClockMark;
	/** What became of its second sending, if there was one. */
	secondSend?: SecondSend;
}

/**
 * Lets all executions of this process know that an award has arrived.
 *
 * @param job the award's
 * @param confirmed the award
 * @returns the same
 */
export function noteConfirmed(job: AwardJob, confirmed: Confirmed): Confirmed {
	const { sent, clock, secondSend } = confirmed;
	for (const log of logsOf(job, sent)) log.note({ ...sent, hasArrived: true, secondSend, clock });
	return confirmed;
}

/**
 * Lets all executions of this process know that an award may have arrived.
 *
 * @param job the award's
 * @param unclear the award
 * @returns the same
 */
export function noteUnclear(job: AwardJob, unclear: UnclearAward): UnclearAward {
	const { sent, clock, secondSend } = unclear;
	for (const log of logsOf(job, sent)) log.note({ ...sent, hasArrived: false, secondSend, clock });
	return unclear;
}

/**
 * Adds what other retries of the same execution have found out of an unclear award.
 *
 * @param job the award's
 * @param unclear what this one knows of it
 * @returns what is known now
 */
export function upToDate(job: AwardJob, unclear: UnclearAward): UnclearAward | Confirmed {
	const known = logsOf(job, unclear.sent).flatMap((log) => log.find(unclear.sent) ?? []);
	if (known.length === 0) return unclear;
	const { endedAt, hasArrived, secondSend } = known.reduce(merged);
	const sent = { ...unclear.sent, endedAt };
	const sentTwice = secondSend && { secondSend };
	if (hasArrived) return { confirmedBy: 'earlierTry', sent, ...sentTwice };
	return { ...unclear, sent, ...sentTwice };
}

/**
 * Tells where an award and those like it are noted: a store's key may have been renewed since it was sent,
 * while other executions go on with the old one.
 *
 * @param job the award's
 * @param award the award
 * @returns what is known of the key it was sent with, and of the present one
 */
export function logsOf({ reader }: AwardJob, award: SentAward): AwardLog[] {
	const account = accountOf(reader.connection);
	const before = accountMarked(award.account) ?? account;
	return [...new Set([before.awards, account.awards])];
}
