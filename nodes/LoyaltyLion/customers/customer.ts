import type { IDataObject } from 'n8n-workflow';
import { readMerchantId } from '../fields/customer';

/** As much of a LoyaltyLion customer as is looked at; all of it may be missing (Admin API, List Customers). */
export interface Customer {
	/** The customer's ID in the store, where there is one that can stand in an address. */
	merchantId: string | undefined;
	email: string | undefined;
	enrolled: boolean;
	guest: boolean;
	/** Anything but a plain no counts as blocked. */
	blocked: boolean;
	/** The points that can be spent now. */
	pointsApproved: number | undefined;
	name: string | undefined;
	/** The customer as LoyaltyLion returned it. */
	raw: IDataObject;
}

/**
 * Reads one row of an answer.
 *
 * @param row what LoyaltyLion returned
 * @returns the same, with what is missing or of another type as `undefined` or `false`
 */
export function toCustomer(row: IDataObject): Customer {
	return {
		merchantId: merchantIdOf(row.merchant_id),
		email: textOf(row.email),
		enrolled: row.enrolled === true,
		guest: row.guest === true,
		blocked: ![undefined, null, false].some((no) => no === row.blocked),
		pointsApproved: typeof row.points_approved === 'number' ? row.points_approved : undefined,
		name: nameOf(row.properties),
		raw: row,
	};
}

/** What would not be taken from the user is not taken from a row either. */
function merchantIdOf(value: unknown): string | undefined {
	try {
		return readMerchantId(value);
	} catch {
		return undefined;
	}
}

function nameOf(properties: IDataObject[string]): string | undefined {
	if (typeof properties !== 'object' || properties === null) return undefined;
	const { name, first_name: first, last_name: last } = properties as IDataObject;
	return textOf(name) ?? textOf([first, last].map(textOf).filter(Boolean).join(' '));
}

function textOf(value: unknown): string | undefined {
	return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
