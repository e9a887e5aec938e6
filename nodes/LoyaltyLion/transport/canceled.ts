import { ItemFailure } from '../errors/ItemFailure';

/**
 * Makes sure that nothing more is sent once the user has canceled the execution, or the run has stopped.
 *
 * @param signal aborts when that happens
 * @throws {ItemFailure} `not_sent` when it has
 */
export function assertNotCanceled(signal: AbortSignal | undefined): void {
	if (!signal?.aborted) return;
	throw new ItemFailure({
		code: 'not_sent',
		message: 'Not sent: the execution was canceled',
		description: 'Nothing was sent to LoyaltyLion for this item. Run it again to send it.',
	});
}
