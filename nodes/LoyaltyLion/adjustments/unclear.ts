import type { IDataObject } from 'n8n-workflow';
import { sentences } from '../errors/answers';
import { ItemFailure, type FailureFacts } from '../errors/ItemFailure';
import type { SecondSend, SentAdjustment } from './Adjustment';
import type { ClockMark } from './ClockMark';

/** An adjustment that was sent, and may have arrived. */
export interface UnclearAdjustment {
	sent: SentAdjustment;
	facts: FailureFacts;
	/** When it was sent; unknown where an earlier version of this node has sent it. */
	clock?: ClockMark;
	/** What became of its second sending, if there was one. There is no third. */
	secondSend?: SecondSend;
}

/**
 * The failure of an adjustment of which nobody knows whether it arrived.
 *
 * @param adjustment the adjustment
 * @param finding what the node itself found out, a sentence or more
 * @returns the failure, to be thrown
 */
export function unclearFailure(
	{ facts, secondSend }: UnclearAdjustment,
	finding = '',
): ItemFailure {
	const twice =
		secondSend === 'mayHaveArrived'
			? 'They were sent twice, so they may even have been added twice.'
			: '';
	return new ItemFailure({
		...facts,
		description: sentences(facts.description, finding, twice),
		more: secondSendFields(secondSend),
	});
}

/**
 * What an item says of an adjustment that was sent a second time.
 *
 * @param secondSend what became of that, if it was
 * @returns the fields; none when it was sent once
 */
export function secondSendFields(secondSend: SecondSend | undefined): IDataObject {
	return {
		...(secondSend && { timesSent: 2 }),
		...(secondSend && secondSend !== 'refused' && { pointsMayHaveBeenAddedTwice: true }),
		...(secondSend === 'bothArrived' && { pointsWereAddedTwice: true }),
	};
}
