import { ItemFailure } from './ItemFailure';

/**
 * Makes a failure of whatever was thrown while an item was worked on.
 *
 * @param error what was thrown
 * @returns the failure itself, or one for a fault of this node's own: whether a request had gone out is
 *   not known then
 */
export function toItemFailure(error: unknown): ItemFailure {
	if (error instanceof ItemFailure) return error;
	return new ItemFailure({
		code: 'outcome_unknown',
		message: 'Something unexpected happened in the LoyaltyLion node',
		description:
			"The points may have been added. Look at the customer's points history in LoyaltyLion before you send this item again, and tell the makers of this node.",
	});
}
