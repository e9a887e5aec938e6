import type { IDataObject } from 'n8n-workflow';
import { isRecord } from '../shared/json';
import { toCustomer, type Customer } from './customer';

/** What a customer is in the program, as LoyaltyLion's dashboard tells them apart. */
export type CustomerStatus = (typeof CUSTOMER_STATUSES)[number];

export const CUSTOMER_STATUSES = ['member', 'guest', 'blocked'] as const;

/**
 * Tells what a customer is: who is blocked is nothing else, and who is no member is a guest.
 *
 * @param customer the customer
 * @returns the status
 */
export function statusOf({ blocked, enrolled }: Customer): CustomerStatus {
	if (blocked) return 'blocked';
	return enrolled ? 'member' : 'guest';
}

/**
 * Makes of a customer what most workflows use. What is LoyaltyLion's own keeps LoyaltyLion's name.
 *
 * @param row the customer as LoyaltyLion returned it
 * @returns ten fields of it; what LoyaltyLion does not say is `null`
 */
export function simplifyCustomer(row: IDataObject): IDataObject {
	const customer = toCustomer(row);
	const { id = null, merchant_id = null, email = null, birthday = null, enrolled_at = null } = row;
	const { points_approved = null, points_pending = null } = row;
	return {
		id,
		merchant_id,
		email,
		name: customer.name ?? null,
		status: statusOf(customer),
		points_approved,
		points_pending,
		tier: tierOf(row),
		birthday,
		enrolled_at,
	};
}

function tierOf({ loyalty_tier_membership: membership }: IDataObject): string | null {
	const tier = isRecord(membership) ? membership.loyalty_tier : undefined;
	const name = isRecord(tier) ? tier.name : undefined;
	return typeof name === 'string' ? name : null;
}
