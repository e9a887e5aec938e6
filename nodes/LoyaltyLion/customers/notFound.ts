import type { FailureFacts } from '../errors/ItemFailure';

/** A customer whom something is done with. */
export interface KnownCustomer {
	merchantId: string;
	/** Only where the customer is chosen by email. */
	email?: string;
}

/**
 * Names the customer in the user's own words.
 *
 * @param customer who it is
 * @returns the email, where that is what the item carries, else the merchant ID
 */
export function nameOf({ email, merchantId }: KnownCustomer): string {
	return email ?? merchantId;
}

/**
 * What is said when LoyaltyLion knows no customer by a merchant ID.
 *
 * @param customer who it is
 * @param nothingDone that nothing was changed, a sentence
 * @returns the words
 */
export function customerNotFound(
	{ merchantId, email }: KnownCustomer,
	nothingDone: string,
): Pick<FailureFacts, 'code' | 'message' | 'description'> {
	return {
		code: 'customer_not_found',
		...(email === undefined
			? {
					message: `LoyaltyLion has no customer with the merchant ID ${merchantId}`,
					description: `${nothingDone} The merchant ID is the customer's ID in your store (on Shopify, the number at the end of the customer page's address), not LoyaltyLion's own ID. Check the value in Customer.`,
				}
			: {
					message: `LoyaltyLion does not know ${email} by the merchant ID that it lists`,
					description: `${nothingDone} LoyaltyLion lists this email with the merchant ID ${merchantId}, and knows no customer by that ID. Look at the customer in LoyaltyLion.`,
				}),
	};
}
