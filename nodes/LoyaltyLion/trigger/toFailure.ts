import { ItemFailure } from '../errors/ItemFailure';
import { inputFailure, InvalidInput } from '../fields/InvalidInput';

/**
 * Makes a failure of whatever keeps the trigger from its work.
 *
 * @param error what was thrown
 * @returns the failure itself, or one that says what to check
 */
export function toFailure(error: unknown): ItemFailure {
	if (error instanceof ItemFailure) return error;
	if (error instanceof InvalidInput) return inputFailure(error);
	return inputFailure({
		message: 'The LoyaltyLion Trigger could not be read',
		advice: 'Open it, and check its fields.',
	});
}
