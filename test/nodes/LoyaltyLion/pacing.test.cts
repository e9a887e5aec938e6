import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { N8n } from '../../../dev/engine/N8n.cts';
import { StandIn } from '../../../dev/stand-in/StandIn.cts';
import { Pacer } from '../../../nodes/LoyaltyLion/transport/Pacer.ts';
import { LIMITS } from '../../../nodes/LoyaltyLion/transport/Patience.ts';
import { type Given, runAddPoints } from '../../harness/addPoints.cts';
import { calls } from '../../harness/calls.cts';

const API_KEY = 'pat_pacing';
const PACED = { requestsPerSecond: 20 };
const BY_EMAIL = { customer: { __rl: true, mode: 'email', value: '={{ $json.email }}' } };

let n8n: N8n;
beforeAll(async () => {
	n8n = await N8n.load();
});

let standIn: StandIn | undefined;
afterEach(async () => await standIn?.stop());
afterEach(() => jest.restoreAllMocks());

/** Opens a shop with a strict limit, and as many customers as are wanted. */
async function open({
	customers,
	requestsPerSecond = 20,
	latencyMs = 60,
	keys = [API_KEY],
}: {
	customers: number;
	requestsPerSecond?: number;
	latencyMs?: number;
	keys?: string[];
}) {
	standIn = await new StandIn({
		apiKeys: Object.fromEntries(keys.map((key) => [key, ['write_customers']])),
		customers: Object.fromEntries(
			Array.from({ length: customers }, (_, index) => [
				`${1001 + index}`,
				{ email: `shopper${index}@example.com` },
			]),
		),
		requestsPerSecond,
		latencyMs,
	}).start();
	return standIn;
}

async function awardAll(shop: StandIn, options: IDataObject, given?: Partial<Given>) {
	const items = Object.keys(shop.customers).map((merchantId) => ({ merchantId, points: 10 }));
	return await runAddPoints(n8n, {
		items,
		credential: { apiKey: API_KEY, baseUrl: shop.url },
		onError: 'continueErrorOutput',
		...given,
		parameters: { ...given?.parameters, options },
	});
}

/** An item for each customer, who is to be looked up. */
function byEmail(shop: StandIn) {
	return Object.values(shop.customers).map(({ email = null }) => ({ email, points: 10 }));
}

function places(output: INodeExecutionData[] | null | undefined) {
	return (output ?? []).map(({ pairedItem }): unknown => Reflect.get(Object(pairedItem), 'item'));
}

function paths({ requests }: Pick<StandIn, 'requests'>) {
	return requests.map(({ path }) => path.split('/')[3]);
}

test.each([60, 400])(
	'at a latency of %i ms, 20 requests a second lose no item',
	async (latencyMs) => {
		const shop = await open({ customers: 100, latencyMs });

		const { output } = await awardAll(shop, PACED);

		expect(places(output[0])).toEqual([...Array(100).keys()]);
		expect(shop.ledger).toHaveLength(100);
		expect(Object.values(shop.balances())).toEqual(Array(100).fill(10));
		expect(paths(shop).slice(0, 20)).toEqual(Object.keys(shop.customers).slice(0, 20));
	},
);

test('lookups count as well', async () => {
	const shop = await open({ customers: 40, latencyMs: 10 });
	const turn = jest.spyOn(Pacer.prototype, 'turn');

	const { succeeded } = await awardAll(shop, PACED, {
		items: byEmail(shop),
		parameters: BY_EMAIL,
	});

	expect(succeeded).toHaveLength(40);
	expect(turn).toHaveBeenCalledTimes(shop.requests.length);
	expect(shop.requests.length).toBeGreaterThanOrEqual(80);
});

test('executions at the same time share the limit fairly', async () => {
	const shop = await open({ customers: 60 });
	const [large, small] = [Object.keys(shop.customers), ['1001', '1002', '1003']];
	const ended: string[] = [];
	const start = async (name: string, ids: string[]) => {
		const items = ids.map((merchantId) => ({ merchantId, points: 10 }));
		const { succeeded } = await awardAll(shop, PACED, { items });
		ended.push(name);
		expect(succeeded).toHaveLength(ids.length);
	};

	await Promise.all([start('large', large), start('another', large), start('small', small)]);

	expect(ended[0]).toBe('small');
	expect(shop.ledger).toHaveLength(123);
});

test('what others take of the limit delays items, and loses none', async () => {
	const shop = await open({ customers: 60, latencyMs: 20 });
	const others = setInterval(() => void shop.limit.take(performance.now()), 100);

	const { succeeded, failed } = await awardAll(shop, PACED).finally(() => clearInterval(others));

	expect(failed).toEqual([]);
	expect(succeeded).toHaveLength(60);
	expect(shop.ledger).toHaveLength(60);
});

test('0 turns it off, and LoyaltyLion’s own limit still loses no item', async () => {
	const shop = await open({ customers: 60, latencyMs: 20 });

	const { succeeded } = await awardAll(shop, { requestsPerSecond: 0 });

	expect(succeeded).toHaveLength(60);
	expect(shop.ledger).toHaveLength(60);
	expect(shop.limit.refused).toBeGreaterThan(0);
});

test('two workflows of different Requests per Second share the limit, and neither starves', async () => {
	const shop = await open({ customers: 100 });
	const done: string[] = [];
	const start = async (name: string, requestsPerSecond: number, count: number) => {
		const ids = Object.keys(shop.customers).slice(0, count);
		const items = ids.map((merchantId) => ({ merchantId, points: 10 }));
		const { succeeded } = await awardAll(shop, { requestsPerSecond }, { items });
		done.push(name);
		expect(succeeded).toHaveLength(count);
	};

	await Promise.all([start('slow', 5, 10), start('fast', 20, 100)]);

	expect(done).toEqual(['slow', 'fast']);
	// A busy machine lets one or two come late; unless they shared it, dozens would be refused.
	expect(shop.limit.refused).toBeLessThan(10);
});

test('a raised limit is used', async () => {
	const shop = await open({ customers: 300, requestsPerSecond: 200 });
	const turn = jest.spyOn(Pacer.prototype, 'turn');

	const { succeeded } = await awardAll(shop, { requestsPerSecond: 200 });

	expect(succeeded).toHaveLength(300);
	const used = turn.mock.calls.map(([{ requestsPerSecond }]) => requestsPerSecond);
	expect(new Set(used)).toEqual(new Set([200]));
});

test('of 1,000 items at 200 a second, with every tenth answer lost after the add, each is awarded once', async () => {
	const shop = await open({ customers: 1000, requestsPerSecond: 200, latencyMs: 30 });
	const lost = Object.keys(shop.customers).filter((_, index) => index % 10 === 0);
	for (const merchantId of lost) {
		shop.misbehaveFor(merchantId, { kind: 'reset', after: true, times: 1 });
	}

	const { output, succeeded, failed } = await awardAll(shop, {
		requestsPerSecond: 200,
		ifUnclear: 'check',
	});

	expect(failed).toEqual([]);
	expect(places(output[0])).toEqual([...Array(1000).keys()]);
	expect(shop.ledger).toHaveLength(1000);
	expect(new Set(Object.values(shop.balances()))).toEqual(new Set([10]));
	const found = succeeded.filter(({ confirmedBy }) => confirmedBy === 'history');
	expect(found.map(({ merchantId }) => merchantId)).toEqual(lost);
});

describe('a storm of 429', () => {
	test.each([
		{ says: 'nothing', headers: {} },
		{ says: 'seconds', headers: { 'Retry-After': '1' } },
		{ says: 'a date', headers: { 'Retry-After': new Date(Date.now() + 1000).toUTCString() } },
		{ says: 'nonsense', headers: { 'Retry-After': 'soon' } },
	])('that says $says is waited out', async ({ headers }) => {
		const shop = await open({ customers: 6, requestsPerSecond: Infinity, latencyMs: 5 });
		for (const merchantId of Object.keys(shop.customers)) {
			shop.misbehaveFor(merchantId, { kind: 'status', status: 429, headers, times: 2 });
		}

		const { succeeded } = await awardAll(shop, { requestsPerSecond: 100 });

		expect(succeeded).toHaveLength(6);
		expect(shop.ledger).toHaveLength(6);
	});

	test('keeps everybody waiting as long as LoyaltyLion wants', async () => {
		const shop = await open({ customers: 10, requestsPerSecond: Infinity, latencyMs: 0 });
		const headers = { 'Retry-After': '2' };
		shop.misbehaveFor('1001', { kind: 'status', status: 429, headers, times: 1 });
		const isLookup = ({ path }: { path: string }) => path.startsWith('/v2/customers?');
		const isOfFirst = ({ path }: { path: string }) => path.includes('shopper0');
		// The others cannot be sent before it is known that all are to wait.
		const others = shop.hold((request) => isLookup(request) && !isOfFirst(request));
		const arrived = shop.arrival('/v2/customers/1001/points');
		const refused = calls(Pacer.prototype, 'refused');
		const running = awardAll(shop, PACED, { items: byEmail(shop), parameters: BY_EMAIL });
		await arrived;
		const began = performance.now();
		await refused;
		others.release();

		const { succeeded } = await running;

		expect(succeeded).toHaveLength(10);
		expect(performance.now() - began).toBeGreaterThan(2000);
		const points = shop.requests.filter((request) => !isLookup(request));
		expect(paths({ requests: points }).slice(0, 3)).toEqual(['1001', '1001', '1002']);
	});

	test('is outlived, however often one item is refused, as long as others get through', async () => {
		const shop = await open({ customers: 300, requestsPerSecond: Infinity, latencyMs: 0 });
		shop.misbehaveFor('1002', { kind: 'status', status: 429, times: 25 });

		const { succeeded, failed } = await awardAll(shop, PACED);

		expect(failed).toEqual([]);
		expect(succeeded).toHaveLength(300);
		expect(paths(shop).filter((id) => id === '1002')).toHaveLength(26);
	});

	test('is given up when nothing is taken for long, with no points added and nothing lost', async () => {
		const shop = await open({ customers: 3, requestsPerSecond: Infinity, latencyMs: 0 });
		const real = LIMITS.refused;
		LIMITS.refused = { ...real, ms: 2000 };
		shop.misbehaveFor('1002', { kind: 'status', status: 429 });

		const { succeeded, failed } = await awardAll(shop, PACED).finally(() => {
			LIMITS.refused = real;
		});

		expect(succeeded).toHaveLength(2);
		expect(failed).toMatchObject([
			{ merchantId: '1002', error: { code: 'rate_limited', pointsMayHaveBeenAdded: false } },
		]);
		expect(paths(shop).filter((id) => id === '1002').length).toBeGreaterThan(2);
	});
});
