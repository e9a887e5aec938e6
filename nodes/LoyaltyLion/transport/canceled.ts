import { ItemFailure } from '../errors/ItemFailure';
import { MAX_UNCLEAR_IN_A_ROW, type Patience } from './Patience';

/**
 * Makes sure that nothing more is sent once the user has canceled the execution, or the run has stopped.
 *
 * @param signal aborts when that happens
 * @throws {ItemFailure} `not_sent` when it has
 */
export function assertNotCanceled(signal: AbortSignal | undefined): void {
	if (signal?.aborted) throw CANCELED;
}

/** The same for every item: a list of many that is canceled has to come to its end at once. */
const CANCELED = new ItemFailure({
	code: 'not_sent',
	message: 'Not sent: the execution was canceled',
	description: 'Nothing was sent to LoyaltyLion for this item. Run it again to send it.',
});

/**
 * Makes sure that nothing more is sent that changes something once LoyaltyLion has left the outcome of one
 * request after another unclear.
 *
 * @param patience the run's
 * @throws {ItemFailure} `not_sent` when it has
 */
export function assertPatience(patience: Patience): void {
	if (!patience.hasRunOut) return;
	throw new ItemFailure({
		code: 'not_sent',
		message: `Not sent: LoyaltyLion gave no clear answer ${MAX_UNCLEAR_IN_A_ROW} times in a row`,
		description:
			'LoyaltyLion, or the way to it, seems to be out of order, and this item could have become unclear too. Nothing was sent for it. Send it again once LoyaltyLion works.',
	});
}
