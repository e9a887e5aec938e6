import type { Kind } from '../../adjustments/Kind';
import type { PointsAdjustment } from '../../adjustments/kinds/points';
import { requestWords } from '../../adjustments/words';
import { CUSTOMER_WORDS } from '../../customers/listCustomers';
import { newestCustomer } from '../../customers/newestTransaction';
import type { Checking } from '../adjusting/Adjusting';
import { includingCustomer, type includeCustomerField } from './includeCustomer';

/**
 * Makes what checks an item that is about a customer's points. Who was found by email is in LoyaltyLion's list; of a
 * merchant ID only the customer's transactions tell whether there is somebody who has it, with a 404 (LoyaltyLion
 * Admin API, List Transactions).
 *
 * @param kind what would be done with the points
 * @param notDone why it was not, where the customer is wanted and cannot be read, a sentence
 * @returns how it is checked
 */
export function checkingCustomer(
	{ words }: Kind<PointsAdjustment>,
	notDone: string,
): Checking<PointsAdjustment, { includeCustomer: typeof includeCustomerField }> {
	return {
		whyNot: async (adjustment, client, checks) => {
			const { merchantId, email } = adjustment;
			if (email !== undefined) return undefined;
			const { notFound, rejected } = requestWords(words, adjustment);
			return await checks.whyNot(client, merchantId, async () => {
				await newestCustomer(client, merchantId, { ...CUSTOMER_WORDS, notFound, rejected });
				return undefined;
			});
		},
		complete: includingCustomer(notDone),
	};
}
