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
	{ sent, facts, secondSend }: UnclearAdjustment,
	finding = '',
): ItemFailure {
	const twice = secondSend === 'mayHaveArrived' ? MAY_BE_TWICE[timesSent(sent)] : '';
	return new ItemFailure({
		...facts,
		description: sentences(facts.description, finding, twice),
		more: secondSendFields({ sent, secondSend }),
	});
}

/**
 * What an item says of an adjustment that was sent a second time.
 *
 * @param adjustment the adjustment, and what became of its second sending, if there was one
 * @returns the fields; none when it was sent once
 */
export function secondSendFields({
	sent,
	secondSend,
}: {
	sent: SentAdjustment;
	secondSend?: SecondSend | undefined;
}): IDataObject {
	if (!secondSend) return {};
	return {
		...(timesSent(sent) === 'twice' && { timesSent: 2 }),
		...(secondSend !== 'refused' && { pointsMayHaveBeenAddedTwice: true }),
		...(secondSend === 'bothArrived' && { pointsWereAddedTwice: true }),
	};
}

/** Whether an earlier run had sent it before is not known. */
function timesSent({ byEarlierRun }: SentAdjustment): 'twice' | 'onceOrTwice' {
	return byEarlierRun ? 'onceOrTwice' : 'twice';
}

const MAY_BE_TWICE = {
	twice: 'They were sent twice, so they may even have been added twice.',
	onceOrTwice:
		'They were sent now, and may have been sent by an earlier run, so they may even have been added twice.',
};
