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
export function customerOf(shop: Shop, { parameters }: Pick<Call, 'parameters'>) {
	const { merchant_id: merchantId = '' } = parameters;
	return { merchantId, customer: shop.customer(merchantId) };
}

export const NO_CUSTOMER = notFound('Customer');

export const BLOCKED = refused('Customer is blocked');

/** How LoyaltyLion words this is not known. */
export const NO_CURSOR: Reply = { status: 400, body: { error: { message: 'Invalid cursor' } } };

/** What a key gets that is missing a scope. */
export const NOT_ALLOWED: Reply = {
	status: 403,
	body: { error: { message: 'This API key is missing a permission' } },
};

/** @param what e.g. Customer */
export function notFound(what: string): Reply {
	return { status: 404, body: { error: `${what} not found` } };
}

/** @param error why, in any words */
export function refused(error: string): Reply {
	return { status: 422, body: { error } };
}

/**
 * Picks out what happened in some time.
 *
 * @param min ISO 8601; included, as is no limit
 * @param max ISO 8601; undefined for no limit
 * @param includesMax whether what happened exactly then is picked, too
 */
export function during(
	{ min, max }: { min: string | undefined; max: string | undefined },
	includesMax: boolean,
) {
	const [from, to] = [min ? Date.parse(min) : -Infinity, max ? Date.parse(max) : Infinity];
	return (time: string) => {
		const at = Date.parse(time);
		return at >= from && (includesMax ? at <= to : at < to);
	};
}
