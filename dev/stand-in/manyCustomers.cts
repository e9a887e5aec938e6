import type { Customer } from './Shop.cts';

/**
 * Makes customers for a shop, quickly: with merchant IDs as long as Shopify's, in the order of their places.
 *
 * @param count e.g. 100,000
 * @param customerAt what is kept of each, by its place, counted from 0; a member with an email if not given
 */
export function manyCustomers(
	count: number,
	customerAt: (place: number) => Customer = (place) => ({ email: `shopper${place}@example.com` }),
): Record<string, Customer> {
	return Object.fromEntries(
		Array.from({ length: count }, (_, place) => [
			String(FIRST_MERCHANT_ID + place),
			customerAt(place),
		]),
	);
}

const FIRST_MERCHANT_ID = 6_145_600_000_000;
