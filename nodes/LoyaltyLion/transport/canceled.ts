import { ItemFailure } from '../errors/ItemFailure';
import type { RequestContext } from './connect';

/**
 * Makes sure that nothing more is sent once the user has canceled the execution.
 *
 * @param context the node's context; nothing can be canceled while a field is filled in
 * @throws {ItemFailure} `not_sent` when the execution is canceled
 */
export function assertNotCanceled(context: RequestContext): void {
	const signal = 'getExecutionCancelSignal' in context && context.getExecutionCancelSignal();
	if (!signal || !signal.aborted) return;
	throw new ItemFailure({
		code: 'not_sent',
		message: 'Not sent: the execution was canceled',
		description: 'Nothing was sent to LoyaltyLion for this item. Run it again to send it.',
	});
}
