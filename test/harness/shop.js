const { N8n } = require('../../dev/engine/N8n');
const { runAddPoints } = require('./addPoints');
const { StandIn } = require('../../dev/stand-in/StandIn');

const API_KEY = 'pat_0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const READ_ONLY_KEY = 'pat_ffffffffffffffffffffffffffffffff';
const SITE = { siteToken: 'site-token-5522', siteSecret: 'site-secret-9911' };

/** Three customers whom all is well with, and one whom LoyaltyLion refuses. */
const CUSTOMERS = { 1001: {}, 1002: {}, 1003: {}, 1666: { blocked: true } };

/**
 * A stand-in of LoyaltyLion and n8n's engine, for the tests of one file; begun and ended around them,
 * and with a clean ledger for each.
 *
 * @param {Record<string, import('../../dev/stand-in/StandIn').Customer>} [customers] by merchant ID
 */
function shop(customers = CUSTOMERS) {
	const standIn = new StandIn({
		apiKeys: { [API_KEY]: ['write_customers'], [READ_ONLY_KEY]: ['read_customers'] },
		sites: { [SITE.siteToken]: SITE.siteSecret },
		customers,
		requestsPerSecond: Infinity,
	});
	/** @type {N8n} */
	let n8n;

	beforeAll(async () => {
		n8n = await N8n.load();
		await standIn.start();
	});
	afterEach(() => standIn.reset());
	afterAll(() => standIn.stop());

	/** The fields of a credential that may add points. */
	const credential = () => ({ apiKey: API_KEY, baseUrl: standIn.url });

	return {
		standIn,
		n8n: () => n8n,
		credential,
		/**
		 * Runs Add Points for some items, with that credential unless another is given.
		 * @param {Partial<import('./addPoints').Given> & Pick<import('./addPoints').Given, 'items'>} given
		 */
		run: (given) => runAddPoints(n8n, { credential: credential(), ...given }),
	};
}

module.exports = { API_KEY, READ_ONLY_KEY, SITE, shop };
