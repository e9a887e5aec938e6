import type { Identity } from '../access.cts';
import type { Shop } from '../Shop.cts';

/** A request that keeps the contract, from somebody who may make it. */
export interface Call {
	/** Of the path, decoded. */
	parameters: Record<string, string>;
	/** With numbers in place of text where the contract says so. */
	query: Record<string, unknown>;
	body: unknown;
	identity: Identity;
}

export interface Reply {
	status: number;
	body: unknown;
	headers?: Record<string, string>;
	/** Whether it was told to break the contract. */
	isDistorted?: boolean;
}

/** What the stand-in does for one operation of the API. */
export interface Handler {
	/** Answers a request, after it has taken effect. */
	answer(shop: Shop, call: Call): Reply;

	/** What a request does whose answer never comes. */
	takeEffect?(shop: Shop, call: Call): void;
}

/** The customer with a merchant ID, if there is one. */
export function customerOf(shop: Shop, { parameters }: Call) {
	const { merchant_id: merchantId = '' } = parameters;
	const customer = Object.hasOwn(shop.customers, merchantId)
		? shop.customers[merchantId]
		: undefined;
	return { merchantId, customer };
}

export const NO_CUSTOMER: Reply = { status: 404, body: { error: 'Customer not found' } };
