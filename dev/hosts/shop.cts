import { type Customer, StandIn } from '../stand-in/StandIn.cts';

export const API_KEY = 'pat_0f1e2d3c4b5a69788796a5b4c3d2e1f0';

/** With what its events are signed. */
export const SITE_SECRET = 'ss_5d41402abc4b2a76b9719d911017c592';

/** The shop of the tests in whole hosts. */
const CUSTOMERS = {
	6145627226296: { email: 'ann@example.com', name: 'Ann Lee' },
	6145627226297: { email: 'joann@example.com', name: 'Jo Ann Kim' },
	6145627226298: { email: 'li.wei@example.com', name: 'Li Wei' },
	6145627226299: { email: 'maria.lopez@example.com', name: 'Maria López' },
	6145627226301: { email: 'sam@example.com', name: 'Sam Doe', blocked: true },
};

/**
 * Opens a shop.
 *
 * @param customers by merchant ID
 * @param requestsPerSecond how many it takes; Infinity for no limit
 */
export async function openShop(
	customers: Record<string, Customer> = CUSTOMERS,
	requestsPerSecond = 20,
) {
	const standIn = new StandIn({
		apiKeys: {
			[API_KEY]: ['write_customers', 'read_orders', 'read_unsubscribes'],
			pat_reader: ['read_customers'],
		},
		sites: { shop: SITE_SECRET },
		customers,
		requestsPerSecond,
		latencyMs: 30,
	});
	return await standIn.start();
}

/** The fields of a credential that may add points in a shop, and checks its events. */
export function credentialFields(shop: StandIn) {
	return { authentication: 'apiKey', apiKey: API_KEY, siteSecret: SITE_SECRET, baseUrl: shop.url };
}
