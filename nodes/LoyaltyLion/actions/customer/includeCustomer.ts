import type { PointsAdjustment } from '../../adjustments/kinds/points';
import { readBack, type CustomerOutput } from '../../customers/readBack';
import type { Field } from '../../fields/Field';
import { readFlag } from '../../fields/values';
import type { Client } from '../../transport/Client';

/** Whether the customer is returned as well. */
export const includeCustomerField: Field<boolean> = {
	property: {
		displayName: 'Include Customer',
		name: 'includeCustomer',
		type: 'boolean',
		default: false,
		description:
			'Whether to return the customer too, e.g. to mail the new balance (points_approved). LoyaltyLion may show the new balance a little late.',
	},
	read: readFlag,
};

/**
 * Makes what reads the customer back when that is wanted.
 *
 * @param done what was done all the same when the customer cannot be read, a sentence
 * @returns what an item says besides that succeeded
 */
export function includingCustomer(done: string) {
	return async (
		{ adjustment }: { adjustment: PointsAdjustment },
		client: Promise<Client>,
		{ includeCustomer }: { includeCustomer: boolean },
	): Promise<CustomerOutput | Record<string, never>> =>
		includeCustomer ? await readBack(client, adjustment, done) : {};
}
