import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { HANDLERS, type OperationId } from '../../dev/stand-in/operations.cts';
import { StandIn } from '../../dev/stand-in/StandIn.cts';
import { callStandIn, type Method, type Sent } from '../harness/callStandIn.cts';

const TOPIC = 'customers/update';
const ADDRESS = 'https://n8n.example/webhook/1';
const ODD = 'a/b ü?#%';

/** One that is not in need of points. */
const RICH = { points: 1000 };

const standIn = new StandIn({
	apiKeys: {
		pat_write: ['write_customers'],
		pat_read: ['read_customers'],
		pat_none: ['read_orders'],
	},
	sites: { token: 'secret' },
	customers: { [ODD]: RICH, 1001: RICH },
	rewards: [{ id: 7, title: '5 off', pointCost: 100 }],
	rules: { quiz: { points: 20 } },
	requestsPerSecond: Infinity,
});

beforeAll(() => standIn.start());
beforeEach(() => {
	for (const merchantId of [ODD, '1001']) {
		standIn.claimByHand({ merchantId, rewardId: 7 });
		standIn.actByHand({
			name: 'quiz',
			merchantId: `quiz of ${merchantId}`,
			customerId: merchantId,
			points: 20,
			state: 'approved',
		});
	}
	standIn.hook({ programId: 2, topic: TOPIC, address: ADDRESS, serviceIntegrationId: null });
	Object.assign(before, happened());
});
afterEach(() => standIn.reset());
afterAll(() => standIn.stop());

/** What has happened in the shop when a test begins. */
const before = happened();

function happened() {
	const { ledger, claims, refunds, tracked, stateUpdates, customerUpdates } = standIn;
	const { hooks, formerHooks } = standIn;
	const made = [...hooks, ...formerHooks];
	return [ledger, claims, refunds, tracked, stateUpdates, customerUpdates, made, formerHooks].map(
		(events) => events.length,
	);
}

interface Good {
	id: OperationId;
	method: Method;
	/** Of one customer. */
	path: (merchantId: string) => string;
	body?: (merchantId: string) => unknown;
	/** What comes when all is well. */
	status: number;
	/** How many things happen with that. */
	effects?: number;
	/** What the customer's faults go by, if it is not the customer. */
	key?: (merchantId: string) => string;
	/** The keys that may do it beside those that may write; those that may read may do what is read, if not said. */
	keys?: string[];
}

const ANY_KEY = ['pat_read', 'pat_none'];

const of = (merchantId: string) => `/v2/customers/${encodeURIComponent(merchantId)}`;

const OPERATIONS: Good[] = [
	{
		id: 'addPoints',
		method: 'POST',
		path: (id) => `${of(id)}/points`,
		body: () => ({ points: 5, reason: null }),
		status: 201,
		effects: 1,
	},
	{
		id: 'removePoints',
		method: 'POST',
		path: (id) => `${of(id)}/remove_points`,
		body: () => ({ points: 5, reason: 'Returned' }),
		status: 204,
		effects: 1,
	},
	{
		id: 'updateCustomer',
		method: 'PATCH',
		path: of,
		body: () => ({ customer: { birthday: '1990-02-28', blocked: false } }),
		status: 200,
		effects: 1,
	},
	{
		id: 'listTransactions',
		method: 'GET',
		path: (id) => `${of(id)}/transactions?limit=1`,
		status: 200,
	},
	{
		id: 'listAvailableRewards',
		method: 'GET',
		path: (id) => `${of(id)}/available_rewards?site_id=3`,
		status: 200,
	},
	{
		id: 'claimReward',
		method: 'POST',
		path: (id) => `${of(id)}/claimed_rewards`,
		body: () => ({ reward_id: 7 }),
		status: 201,
		effects: 1,
	},
	{
		id: 'refundReward',
		method: 'POST',
		path: (id) => `${of(id)}/claimed_rewards/${id === ODD ? 9001 : 9002}/refund`,
		status: 200,
		effects: 1,
	},
	{
		id: 'trackActivity',
		method: 'POST',
		path: () => '/v2/activities?site_id=3',
		body: (id) => ({ name: 'quiz', customer_id: id, guest: false }),
		status: 201,
		effects: 1,
	},
	{
		id: 'updateActivity',
		method: 'PUT',
		path: (id) => `/v2/activities/quiz/${encodeURIComponent(`quiz of ${id}`)}`,
		body: () => ({ state: 'declined' }),
		status: 204,
		effects: 1,
		key: (id) => `quiz of ${id}`,
	},
];

/** Those that are not about one customer. */
const OF_ALL: Good[] = [
	{ id: 'listCustomers', method: 'GET', path: () => '/v2/customers?limit=1', status: 200 },
	{ id: 'listAllTransactions', method: 'GET', path: () => '/v2/transactions?limit=1', status: 200 },
	{ id: 'listActivities', method: 'GET', path: () => '/v2/activities?limit=1', status: 200 },
	{ id: 'listWebhooks', method: 'GET', path: () => '/v2/webhooks', status: 200, keys: ANY_KEY },
	{
		id: 'createWebhook',
		method: 'POST',
		path: () => '/v2/webhooks',
		body: () => ({ webhook: { topic: TOPIC, address: ADDRESS } }),
		status: 201,
		effects: 1,
		keys: ['pat_read'],
	},
	{
		id: 'deleteWebhook',
		method: 'DELETE',
		path: () => '/v2/webhooks/5001',
		status: 204,
		effects: 1,
		keys: ANY_KEY,
	},
	{ id: 'whoami', method: 'GET', path: () => '/v2/identity/whoami', status: 200, keys: ANY_KEY },
];

const ALL = [...OPERATIONS, ...OF_ALL];

const EFFECTIVE = ALL.filter(({ effects }) => effects);

function requestOf({ method, path, body }: Good, merchantId = ODD): Sent {
	return { method, path: path(merchantId), ...(body && { body: body(merchantId) }) };
}

const call = (sent: Sent) => callStandIn(standIn, sent);

const effects = () => sum(happened()) - sum(before);

const sum = (numbers: number[]) => numbers.reduce((all, each) => all + each, 0);

test('every operation is in the tables here', () => {
	expect(ALL.map(({ id }) => id).sort()).toEqual(Object.keys(HANDLERS).sort());
});

test.each(ALL)('$id is answered, and does what it does once', async (good) => {
	expect(await call(requestOf(good))).toMatchObject({ status: good.status });
	expect(effects()).toBe(good.effects ?? 0);
	expect(standIn.count(good.id)).toBe(1);
	expect(standIn.breaches).toEqual([]);
});

describe('who may', () => {
	const keysOf = ({ method, keys = method === 'GET' ? ['pat_read'] : [] }: Good) => keys;
	const statusWith = async (good: Good, authorization: string) =>
		(await call({ ...requestOf(good), authorization })).status;

	test.each(ALL)('$id: nobody else', async (good) => {
		expect(await statusWith(good, 'Bearer pat_nobody')).toBe(401);
		expect(await statusWith(good, '')).toBe(401);
		for (const key of ANY_KEY.filter((each) => !keysOf(good).includes(each))) {
			expect(await statusWith(good, `Bearer ${key}`)).toBe(403);
		}
		expect(effects()).toBe(0);
	});

	const BY = ALL.flatMap((good) =>
		[...keysOf(good).map((key) => `Bearer ${key}`), `Basic ${btoa('token:secret')}`].map(
			(authorization) => ({ ...good, authorization }),
		),
	);
	test.each(BY)('$id: $authorization', async ({ authorization, ...good }) => {
		expect(await statusWith(good, authorization)).toBe(good.status);
	});
});

/** What breaks the contract, by the operation, put over its good request. */
const BREACHES: [OperationId, string, Partial<Sent>][] = [
	...ALL.flatMap((good): [OperationId, string, Partial<Sent>][] => {
		const { path, body } = requestOf(good);
		const more = `${path}${path.includes('?') ? '&' : '?'}`;
		return [
			[good.id, 'a query parameter that is not known', { path: `${more}foo=1` }],
			...(body === undefined
				? [[good.id, 'a body', { body: {} }] as [OperationId, string, Partial<Sent>]]
				: ([
						[good.id, 'no body', { body: '' }],
						[good.id, 'no JSON', { body: '{' }],
						[good.id, 'an array', { body: [body] }],
						[good.id, 'another type of content', { contentType: 'text/plain' }],
						[good.id, 'a key that is not known', { body: { ...body, foo: 1 } }],
					] as [OperationId, string, Partial<Sent>][])),
		];
	}),
	...['listCustomers', 'listTransactions', 'listAllTransactions', 'listActivities'].flatMap((id) =>
		[
			'limit=0',
			'limit=501',
			'limit=x',
			'limit=',
			'limit=1.5',
			'limit=1&limit=2',
			'since_id=-1',
			'since_id=x',
			'cursor=',
			'created_at_min=2026-02-29T00%3A00%3A00Z',
			'created_at_max=2026-11-24T25%3A00%3A00Z',
			'created_at_max=2026-11-24T00%3A00%3A00',
			'created_at_max=2026-11-24T00%3A00%3A00+01%3A00',
			'created_at_max=2026-11-24',
			'created_at_max=yesterday',
			'page=2',
			'per_page=2',
		].map((query): [OperationId, string, Partial<Sent>] => {
			const good = ALL.find((each) => each.id === id) ?? fail(id);
			const [path] = requestOf(good).path.split('?');
			return [good.id, query, { path: `${path}?${query}` }];
		}),
	),
	...['merchant_id=1', 'sort_field=email', 'sort_direction=up', 'updated_at_min=x'].map(
		(query): [OperationId, string, Partial<Sent>] => [
			'listCustomers',
			query,
			{ path: `/v2/customers?${query}` },
		],
	),
	['listAllTransactions', 'a merchant ID', { path: '/v2/transactions?customer_id=abc' }],
	['listTransactions', 'a type that is not known', { path: `${of(ODD)}/transactions?type=xml` }],
	['listTransactions', 'an ID', { path: `${of(ODD)}/transactions?customer_id=1` }],
	['listTransactions', 'no UTF-8', { path: '/v2/customers/%E0%A4%A/transactions' }],
	['listAvailableRewards', 'no number', { path: `${of(ODD)}/available_rewards?site_id=x` }],
	['refundReward', 'no number', { path: `${of(ODD)}/claimed_rewards/x/refund` }],
	...[
		{},
		{ points: 0 },
		{ points: -5 },
		{ points: 1.5 },
		{ points: '5' },
		{ points: null },
		{ points: 5, reason: 5 },
	].map((body) => breach('removePoints', body)),
	...[
		{},
		{ birthday: '1990-02-28' },
		{ customer: {} },
		{ customer: { birthday: null } },
		{ customer: { birthday: '1990-02-30' } },
		{ customer: { birthday: '1990-2-3' } },
		{ customer: { birthday: '1990-02-03T00:00:00Z' } },
		{ customer: { birthday: '' } },
		{ customer: { blocked: 'true' } },
		{ customer: { blocked: null } },
		{ customer: { blocked: true, email: 'a@example.com' } },
	].map((body) => breach('updateCustomer', body)),
	...[
		{},
		{ reward_id: '7' },
		{ reward_id: 7.5 },
		{ reward_id: 7, multiplier: 0 },
		{ reward_id: 7, multiplier: '2' },
		{ reward_id: 7, variant_id: 5 },
		{ reward_id: 7, site_id: 3 },
	].map((body) => breach('claimReward', body)),
	...[
		{},
		{ name: 'quiz' },
		{ customer_id: ODD },
		{ name: 'quiz', customer_id: 1001 },
		{ name: '', customer_id: ODD },
		{ name: 'my quiz', customer_id: ODD },
		{ name: 'quiz', customer_id: '' },
		{ name: 'quiz', customer_id: ODD, guest: 'false' },
		{ name: 'quiz', customer_id: ODD, properties: '{}' },
		{ name: 'quiz', customer_id: ODD, merchant_id: 5 },
		{ name: 'quiz', customer_id: ODD, date: '2026-11-24' },
		{ name: 'quiz', customer_id: ODD, date: '2026-02-30T00:00:00Z' },
	].map((body) => breach('trackActivity', body)),
	['deleteWebhook', 'no number', { path: '/v2/webhooks/x' }],
	...[
		{},
		{ topic: TOPIC, address: ADDRESS },
		{ webhook: { topic: TOPIC } },
		{ webhook: { address: ADDRESS } },
		{ webhook: { topic: TOPIC, address: 'http://n8n.example/webhook/1' } },
		{ webhook: { topic: TOPIC, address: 'https://' } },
		{ webhook: { topic: 'customer.points_earned', address: ADDRESS } },
		{ webhook: { topic: 'rewards/store_fulfilment', address: ADDRESS } },
		{ webhook: { topic: TOPIC, address: ADDRESS, service_integration_id: '1' } },
		{ webhook: { topic: TOPIC, address: ADDRESS, format: 'json' } },
	].map((body) => breach('createWebhook', body)),
	...[{}, { state: 'pending' }, { state: 'voided' }, { state: null }].map((body) =>
		breach('updateActivity', body),
	),
];

function breach(id: OperationId, body: unknown): [OperationId, string, Partial<Sent>] {
	return [id, JSON.stringify(body), { body }];
}

function fail(what: string): never {
	throw new Error(what);
}

describe('a breach of the contract', () => {
	test.each(BREACHES)('%s with %s', async (id, _what, change) => {
		const good = ALL.find((each) => each.id === id) ?? fail(id);

		expect(await call({ ...requestOf(good), ...change })).toMatchObject({
			status: 400,
			body: { error: { message: 'Invalid request', details: expect.any(Object) } },
		});
		expect(standIn.breaches).toEqual([expect.stringContaining(`${id}: `)]);
		expect(effects()).toBe(0);
	});

	test.each(EFFECTIVE)('$id counts when the answer is a fault, too', async (good) => {
		standIn.misbehaveAt(good.id, { kind: 'status', status: 503, after: true });
		const { path } = requestOf(good);

		expect(
			await call({ ...requestOf(good), path: `${path}${path.includes('?') ? '&' : '?'}foo=1` }),
		).toMatchObject({ status: 503 });
		expect(standIn.breaches).toHaveLength(1);
		expect(effects()).toBe(0);
	});

	test.each<[Method, string]>([
		['PUT', of(ODD)],
		['POST', of(ODD)],
		['GET', of(ODD)],
		['GET', `${of(ODD)}/points`],
		['POST', `${of(ODD)}/remove_points/`],
		['POST', '/v2/customers/a/b/remove_points'],
		['GET', `${of(ODD)}/claimed_rewards`],
		['POST', `${of(ODD)}/adjust_points`],
		['POST', '/v2/activities/quiz/1'],
		['GET', '/v2/rewards'],
		['PUT', '/v2/webhooks/5001'],
		['GET', '/v2/webhooks/5001'],
	])('is %s %s, which LoyaltyLion does not have', async (method, path) => {
		expect(await call({ method, path })).toMatchObject({ status: 404 });
		expect(standIn.breaches).toHaveLength(1);
	});
});

describe('goes wrong when it is told to', () => {
	test.each(ALL)('$id, as often as that', async (good) => {
		standIn.misbehaveAt(
			good.id,
			{ kind: 'status', status: 429, body: '{}', headers: { 'Retry-After': '1' }, times: 1 },
			{ kind: 'reset', times: 1 },
			{ kind: 'status', status: 503, body: '{}', times: 2 },
		);
		const sent = requestOf(good);

		expect(await call(sent)).toMatchObject({ status: 429 });
		await expect(call(sent)).rejects.toThrow();
		expect(await call(sent)).toMatchObject({ status: 503 });
		expect(await call(sent)).toMatchObject({ status: 503 });
		expect(effects()).toBe(0);
		expect(await call(sent)).toMatchObject({ status: good.status });
		expect(effects()).toBe(good.effects ?? 0);
	});

	test.each(OPERATIONS)('$id for one customer only', async (good) => {
		const { id, status, key = (merchantId: string) => merchantId } = good;
		standIn.misbehaveOn(id, key('1001'), { kind: 'status', status: 503, body: '{}' });

		expect(await call(requestOf(good, '1001'))).toMatchObject({ status: 503 });
		expect(await call(requestOf(good))).toMatchObject({ status });
	});

	test.each(EFFECTIVE)('$id, and its answer is lost after it was done', async (good) => {
		standIn.misbehaveAt(good.id, { kind: 'reset', after: true, times: 1 });

		await expect(call(requestOf(good))).rejects.toThrow();

		expect(effects()).toBe(1);
		expect(standIn.breaches).toEqual([]);
	});

	test.each(ALL)('$id, held until it is let go', async (good) => {
		const held = standIn.hold(({ method }) => method === good.method);
		const answer = call(requestOf(good));
		await held.arrived;

		expect(effects()).toBe(0);
		held.release();
		expect(await answer).toMatchObject({ status: good.status });
		expect(effects()).toBe(good.effects ?? 0);
	});
});

describe('whom it does not know', () => {
	test.each(OPERATIONS.filter(({ id }) => id !== 'trackActivity'))('$id', async (good) => {
		const sent = requestOf(good, 'constructor');

		expect(await call(sent)).toEqual({
			status: 404,
			body: { error: expect.stringMatching(/^(Customer|Activity) not found$/) },
		});
		expect(effects()).toBe(0);
		expect(standIn.breaches).toEqual([]);
	});
});

interface Documented {
	operationId: OperationId;
	'x-inferred'?: string[];
}

test('what is not documented is marked so, at every operation', () => {
	const { paths } = parse(
		readFileSync(join(__dirname, '../../dev/stand-in/openapi.yaml'), 'utf8'),
	) as { paths: Record<string, Record<string, Documented>> };
	const operations = Object.values(paths).flatMap((path) => Object.values(path));

	expect(operations).toHaveLength(ALL.length);
	for (const operation of operations) {
		expect(operation).toHaveProperty('x-inferred', expect.arrayContaining([expect.any(String)]));
	}
});
