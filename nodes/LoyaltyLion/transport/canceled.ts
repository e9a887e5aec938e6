import type { IExecuteFunctions } from 'n8n-workflow';
import { ItemFailure } from '../errors/ItemFailure';

/**
 * Makes sure that nothing more is sent once the user has canceled the execution.
 *
 * @param context the running node
 * @throws {ItemFailure} `not_sent` when the execution is canceled
 */
export function assertNotCanceled(context: IExecuteFunctions): void {
	if (!context.getExecutionCancelSignal()?.aborted) return;
	throw new ItemFailure({
		code: 'not_sent',
		message: 'Not sent: the execution was canceled',
		description: 'Nothing was sent to LoyaltyLion for this item. Run it again to send it.',
	});
}
