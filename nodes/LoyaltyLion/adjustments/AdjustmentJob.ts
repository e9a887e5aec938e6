import { accountMarked } from '../transport/accounts';
import type { Client } from '../transport/Client';
import {
	merged,
	sentOf,
	type Adjustment,
	type KnownAdjustment,
	type SecondSend,
	type Sending,
	type SentAdjustment,
} from './Adjustment';
import { logOf, type AdjustmentLog } from './AdjustmentLog';
import type { ClockMark } from './ClockMark';
import type { Kind, Learned } from './Kind';
import type { UnclearAdjustment } from './unclear';

/** What to do about an adjustment of which nobody knows whether it arrived. */
export type IfUnclear = 'check' | 'checkThenSend' | 'report';

/** One item's adjustment. */
export interface AdjustmentJob<Of extends Adjustment> {
	kind: Kind<Of>;
	adjustment: Of;
	ifUnclear: IfUnclear;
	record: AdjustmentRecord<Of>;
	client: Client;
	/** Tells whether it is sure to have a row in the history if it has arrived; must not throw. */
	makesRow: () => Promise<boolean>;
}

/** What is remembered of one item over n8n's own retries. */
export interface AdjustmentRecord<Of extends Adjustment> {
	/** What an earlier try has left unclear. */
	readonly unclear: UnclearAdjustment<Of> | undefined;
	/** Remembers that it may have arrived. */
	keepUnclear(unclear: UnclearAdjustment<Of>): void;
	/** Remembers nothing: it has certainly not arrived. */
	forget(): void;
	/** Those like it that items of the run have sent. */
	alike(): KnownAdjustment<Of>[];
	/** Tells whether it may be sent a second time, and lets nobody else do so. */
	claimSecondSend(): Promise<boolean>;
	/** Lets it be sent a second time after all: this time it was certainly not taken. */
	giveBackSecondSend(): Promise<void>;
}

/** How it is known that an adjustment was made. */
export interface Confirmed<Of extends Adjustment> {
	confirmedBy: 'response' | 'history' | 'earlierTry';
	sent: SentAdjustment<Of>;
	/** What came of it, where that is at hand. */
	result?: Learned<Of>['result'];
	/** When it was sent; unknown where an earlier version of this node has sent it. */
	clock?: ClockMark;
	/** What became of its second sending, if there was one. */
	secondSend?: SecondSend;
}

/**
 * Lets all executions of this process know that an adjustment has arrived.
 *
 * @param job whose it is
 * @param confirmed the adjustment
 * @returns the same
 */
export function noteConfirmed<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
	confirmed: Confirmed<Of>,
): Confirmed<Of> {
	const { sent, clock, secondSend } = confirmed;
	for (const log of logsOf(job, sent)) log.note({ ...sent, hasArrived: true, secondSend, clock });
	return confirmed;
}

/**
 * Lets all executions of this process know that an adjustment may have arrived.
 *
 * @param job whose it is
 * @param unclear the adjustment
 * @returns the same
 */
export function noteUnclear<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
	unclear: UnclearAdjustment<Of>,
): UnclearAdjustment<Of> {
	const { sent, clock, secondSend } = unclear;
	for (const log of logsOf(job, sent)) log.note({ ...sent, hasArrived: false, secondSend, clock });
	return unclear;
}

/**
 * Adds what other retries of the same execution have found out of an unclear adjustment.
 *
 * @param job whose it is
 * @param unclear what this one knows of it
 * @returns what is known now
 */
export function upToDate<Of extends Adjustment>(
	job: AdjustmentJob<Of>,
	unclear: UnclearAdjustment<Of>,
): UnclearAdjustment<Of> | Confirmed<Of> {
	const known = logsOf(job, unclear.sent).flatMap((log) => log.find(unclear.sent) ?? []);
	if (known.length === 0) return unclear;
	const latest = known.reduce(merged);
	const { hasArrived, secondSend } = latest;
	const sent = { ...unclear.sent, ...sentOf(latest) };
	const sentTwice = secondSend && { secondSend };
	if (hasArrived) return { confirmedBy: 'earlierTry', sent, ...sentTwice };
	return { ...unclear, sent, ...sentTwice };
}

/**
 * Tells where an adjustment and those like it are noted: a store's key may have been renewed since it was sent,
 * while other executions go on with the old one.
 *
 * @param job whose it is
 * @param adjustment the adjustment
 * @returns what is known of the key it was sent with, and of the present one
 */
export function logsOf<Of extends Adjustment>(
	{ kind, client }: AdjustmentJob<Of>,
	adjustment: Sending,
): AdjustmentLog<Of>[] {
	const before = accountMarked(adjustment.account) ?? client.account;
	return [...new Set([before, client.account])].map((account) => logOf(kind, account));
}
