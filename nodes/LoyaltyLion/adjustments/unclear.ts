import type { IDataObject } from 'n8n-workflow';
import { sentences } from '../errors/answers';
import { ItemFailure, type FailureFacts } from '../errors/ItemFailure';
import type { Adjustment, SecondSend, Sending, SentAdjustment } from './Adjustment';
import type { ClockMark } from './ClockMark';
import type { Flags, KindWords } from './Kind';
import { mayBeTwice } from './words';

/** An adjustment that was sent, and may have arrived. */
export interface UnclearAdjustment<Of extends Adjustment> {
	sent: SentAdjustment<Of>;
	facts: FailureFacts;
	/** When it was sent; unknown where an earlier version of this node has sent it. */
	clock?: ClockMark;
	/** What became of its second sending, if there was one. There is no third. */
	secondSend?: SecondSend;
}

/**
 * The failure of an adjustment of which nobody knows whether it arrived.
 *
 * @param words its kind's
 * @param adjustment the adjustment
 * @param finding what the node itself found out, a sentence or more
 * @returns the failure, to be thrown
 */
export function unclearFailure<Of extends Adjustment>(
	words: KindWords<Of>,
	{ sent, facts, secondSend }: UnclearAdjustment<Of>,
	finding = '',
): ItemFailure {
	const twice = secondSend === 'mayHaveArrived' ? mayBeTwice(words, timesSent(sent)) : '';
	return new ItemFailure({
		...facts,
		description: sentences(facts.description, finding, twice),
		more: secondSendFields(words.flags, { sent, secondSend }),
	});
}

/**
 * What an item says of an adjustment that was sent a second time.
 *
 * @param flags by which it says so
 * @param adjustment the adjustment, and what became of its second sending, if there was one
 * @returns the fields; none when it was sent once
 */
export function secondSendFields(
	flags: Flags,
	{ sent, secondSend }: { sent: Sending; secondSend?: SecondSend | undefined },
): IDataObject {
	if (!secondSend) return {};
	return {
		...(timesSent(sent) === 'twice' && { timesSent: 2 }),
		...(secondSend !== 'refused' && { [flags.mayBeTwice]: true }),
		...(secondSend === 'bothArrived' && { [flags.isTwice]: true }),
	};
}

/** Whether an earlier run had sent it before is not known. */
function timesSent({ byEarlierRun }: Sending): 'twice' | 'onceOrTwice' {
	return byEarlierRun ? 'onceOrTwice' : 'twice';
}
