import { accountOf } from '../account/accounts';
import type { ClockMark } from '../account/ClockMark';
import { rowsOf, type KnownAward, type SecondSend, type SentAward } from '../account/SentAward';
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
	confirmedBy: 'response' | 'history';
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
export function noteConfirmed({ sender }: AwardJob, confirmed: Confirmed): Confirmed {
	const { sent, clock, secondSend } = confirmed;
	const rows = rowsOf(true, secondSend);
	accountOf(sender.connection).awards.note({ ...sent, rows, ...(clock && { clock }) });
	return confirmed;
}

/**
 * Lets all executions of this process know that an award may have arrived.
 *
 * @param job the award's
 * @param unclear the award
 * @returns the same
 */
export function noteUnclear({ sender }: AwardJob, unclear: UnclearAward): UnclearAward {
	const { sent, clock, secondSend } = unclear;
	const rows = rowsOf(false, secondSend);
	accountOf(sender.connection).awards.note({ ...sent, rows, ...(clock && { clock }) });
	return unclear;
}
