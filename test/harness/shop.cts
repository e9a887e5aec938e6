import { N8n } from '../../dev/engine/N8n.cts';
import { type Customer, StandIn } from '../../dev/stand-in/StandIn.cts';
import { ADDING, type Doing, REWARDS, withPlenty } from './doing.cts';
import { type Given, runAddPoints, runOperation } from './addPoints.cts';

export const API_KEY = 'pat_0f1e2d3c4b5a69788796a5b4c3d2e1f0';
export const READ_ONLY_KEY = 'pat_ffffffffffffffffffffffffffffffff';
export const SITE = { siteToken: 'site-token-5522', siteSecret: 'site-secret-9911' };

/** Once for each file: what its tests change of the node is changed in the one that was loaded first. */
let loading: Promise<N8n> | undefined;

/** Three customers whom all is well with, and one whom LoyaltyLion refuses. */
const CUSTOMERS = { 1001: {}, 1002: {}, 1003: {}, 1666: { blocked: true } };

/**
 * A stand-in of LoyaltyLion and n8n's engine, for the tests of one file; begun and ended around them,
 * and with a clean ledger for each.
 *
 * @param customers by merchant ID
 * @param doing what `run` does
 */
export function shop(customers: Record<string, Customer> = CUSTOMERS, doing: Doing = ADDING) {
	const standIn = new StandIn({
		apiKeys: { [API_KEY]: ['write_customers'], [READ_ONLY_KEY]: ['read_customers'] },
		sites: { [SITE.siteToken]: SITE.siteSecret },
		customers: withPlenty(customers, doing),
		requestsPerSecond: Infinity,
		rewards: REWARDS,
	});
	let n8n: N8n;

	beforeAll(async () => {
		n8n = await (loading ??= N8n.load());
		await standIn.start();
	});
	afterEach(() => {
		standIn.reset();
		n8n.processedData.reset();
	});
	afterAll(() => standIn.stop());

	/** The fields of a credential that may add points. */
	const credential = () => ({ apiKey: API_KEY, baseUrl: standIn.url });

	return {
		standIn,
		n8n: () => n8n,
		credential,
		/** Runs Add Points, or what else is to be done, for some items, with that credential unless another is given. */
		run: ({ parameters, ...given }: Partial<Given> & Pick<Given, 'items'>) =>
			runAddPoints(n8n, {
				credential: credential(),
				...given,
				parameters: { ...doing.parameters, ...parameters },
			}),
		/** The same for any operation: `parameters` are all that the node has. */
		runOperation: (given: Partial<Given> & Pick<Given, 'items'>) =>
			runOperation(n8n, { credential: credential(), ...given }),
	};
}
