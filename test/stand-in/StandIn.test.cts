import { once } from 'node:events';
import { connect } from 'node:net';
import { request } from 'undici';
import { RateLimit } from '../../dev/stand-in/RateLimit.cts';
import { StandIn } from '../../dev/stand-in/StandIn.cts';

const standIn = new StandIn({
	apiKeys: { pat_write: ['write_customers'], pat_read: ['read_customers'] },
	sites: { token: 'se:cret' },
	customers: { 1001: {}, 'a/b ü': {}, 1666: { blocked: true } },
	requestsPerSecond: Infinity,
});

beforeAll(() => standIn.start());
afterEach(() => standIn.reset());
afterAll(() => standIn.stop());

async function call(
	path: string,
	{
		body = { points: 5 },
		authorization = 'Bearer pat_write',
		contentType = 'application/json',
		method = 'POST',
	}: {
		body?: unknown;
		authorization?: string;
		contentType?: string;
		method?: 'GET' | 'POST';
	} = {},
) {
	const answer = await request(standIn.url + path, {
		method,
		headers: { authorization, 'content-type': contentType },
		...(method === 'POST' && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
	});
	return { status: answer.statusCode, body: await answer.body.text() };
}

const ADD = '/v2/customers/1001/points';

test('adds points, and answers 201 with an empty string', async () => {
	expect(await call(ADD, { body: { points: 5, reason: 'hi' } })).toEqual({
		status: 201,
		body: '""',
	});
	expect(await call(ADD, { body: { points: 7, reason: null } })).toEqual({
		status: 201,
		body: '""',
	});
	expect(await call(`/v2/customers/${encodeURIComponent('a/b ü')}/points`)).toMatchObject({
		status: 201,
	});
	expect(standIn.ledger).toEqual([
		{ merchantId: '1001', points: 5, reason: 'hi' },
		{ merchantId: '1001', points: 7, reason: null },
		{ merchantId: 'a/b ü', points: 5, reason: null },
	]);
	expect(standIn.balances()).toEqual({ 1001: 12, 'a/b ü': 5 });
});

test.each([
	{ body: {} },
	{ body: { points: 0 } },
	{ body: { points: 1_000_001 } },
	{ body: { points: 1.5 } },
	{ body: { points: '5' } },
	{ body: { points: 5, reason: 5 } },
	{ body: { points: 5, note: 'x' } },
	{ body: '' },
	{ body: '{' },
	{ body: { points: 5 }, contentType: 'text/plain' },
])('refuses what breaks the contract: %j', async (given) => {
	expect(await call(ADD, given)).toMatchObject({
		status: 400,
		body: expect.stringContaining('"details"'),
	});
	expect(standIn.breaches).toHaveLength(1);
	expect(standIn.ledger).toEqual([]);
});

test.each([
	'/v2/customers/1001/points/',
	'/v2/customers//points',
	'/v2/customers/points',
	'/v2/customers/10/01/points',
])('knows no %s', async (path) => {
	expect(await call(path)).toMatchObject({ status: 404 });
	expect(standIn.breaches).toHaveLength(1);
});

test.each([
	['Bearer pat_write', 201],
	['Bearer pat_read', 403],
	['Bearer pat_nobody', 401],
	['bearer pat_write', 401],
	['pat_write', 401],
	['', 401],
	['Bearer constructor', 401],
	[`Basic ${btoa('token:se:cret')}`, 201],
	[`Basic ${btoa('token:')}`, 401],
	[`Basic ${btoa('token:se')}`, 401],
])('with "%s" answers %i', async (authorization, status) => {
	expect(await call(ADD, { authorization })).toMatchObject({ status });
});

test('knows its customers', async () => {
	expect(await call('/v2/customers/1002/points')).toEqual({
		status: 404,
		body: '{"error":"Customer not found"}',
	});
	expect(await call('/v2/customers/1666/points')).toEqual({
		status: 422,
		body: '{"error":"Customer is blocked"}',
	});
	expect(standIn.ledger).toEqual([]);
});

describe('says who one is', () => {
	const { programs, apiKeys } = standIn.accounts;
	const whoami = (authorization = 'Bearer pat_read') =>
		call('/v2/identity/whoami', { method: 'GET', authorization });
	const identityOf = async (authorization?: string) =>
		(JSON.parse((await whoami(authorization)).body) as { identity: object }).identity;

	test('by a key or a site token', async () => {
		expect(await identityOf()).toEqual({
			kind: 'api_key',
			account_id: 1,
			program_id: 2,
			scopes: ['read_customers'],
			integration: null,
		});
		expect(await identityOf(`Basic ${btoa('token:se:cret')}`)).toEqual({
			kind: 'site',
			account_id: 1,
			program_id: 2,
			integration: null,
		});
		expect(await whoami('Bearer x')).toMatchObject({ status: 401 });
	});

	test('with the program, which several keys may share', async () => {
		Object.assign(apiKeys, { pat_a: [], pat_b: [], pat_c: [] });
		Object.assign(programs, { pat_a: 7, pat_b: 7, pat_c: 8, token: 9 });
		const credentials = ['pat_a', 'pat_b', 'pat_c', 'pat_write']
			.map((key) => `Bearer ${key}`)
			.concat(`Basic ${btoa('token:se:cret')}`);

		expect(await Promise.all(credentials.map(identityOf))).toEqual(
			[7, 7, 8, 2, 9].map((id): unknown => expect.objectContaining({ program_id: id })),
		);
		delete programs.token;
	});

	test('but not the program when it is told not to', async () => {
		standIn.tellsProgram = false;
		expect(await identityOf()).not.toHaveProperty('program_id');
		standIn.reset();
		expect(await identityOf()).toHaveProperty('program_id', 2);
	});

	test.each([403, 404, 503])('or answers %i, as often as it is told to', async (status) => {
		standIn.misbehaveAt('whoami', { kind: 'status', status, times: 1 });

		expect(await whoami()).toMatchObject({ status });
		expect(await whoami()).toMatchObject({ status: 200 });
	});

	test('and counts how often', async () => {
		expect(standIn.count('whoami')).toBe(0);
		await whoami();
		await whoami('Bearer x');
		await call(ADD);

		expect(standIn.count('whoami')).toBe(2);
		expect(standIn.count('addPoints')).toBe(1);
		standIn.reset();
		expect(standIn.count('whoami')).toBe(0);
	});
});

describe('lists customers', () => {
	const many = {
		...Object.fromEntries(
			Array.from({ length: 5 }, (_, index) => [
				`m${index}`,
				{ email: `joann${index}@example.com` },
			]),
		),
		guest: { email: 'ann@example.com', enrolled: false, guest: true, name: 'Ann' },
		nomail: {},
		hidden: { email: 'x@example.com', withoutMerchantId: true },
	};
	const { customers } = standIn;
	beforeEach(() => Object.assign(standIn, { customers: many }));
	afterEach(() => Object.assign(standIn, { customers }));

	interface List {
		customers: unknown[];
		cursor: { prev: string | null; next: string | null };
	}

	async function list(query: string) {
		const given = { method: 'GET' as const, authorization: 'Bearer pat_read' };
		const { status, body } = await call(`/v2/customers${query}`, given);
		return { status, ...(JSON.parse(body) as List) };
	}

	test('newest first, with all that there is of each', async () => {
		expect(await list('')).toMatchObject({
			status: 200,
			customers: [
				{ merchant_id: null, email: 'x@example.com' },
				{ merchant_id: 'nomail', email: null, properties: {} },
				{
					merchant_id: 'guest',
					email: 'ann@example.com',
					enrolled: false,
					guest: true,
					properties: { name: 'Ann' },
				},
				...[4, 3, 2, 1, 0].map((index) => ({
					merchant_id: `m${index}`,
					enrolled: true,
					guest: false,
				})),
			],
			cursor: { prev: null, next: null },
		});
	});

	test('whose email contains a text, page by page, with the cursor alone', async () => {
		const first = await list('?email=ann&limit=4');
		const second = await list(`?limit=4&cursor=${first.cursor.next}`);

		expect(first.customers).toHaveLength(4);
		expect(second).toMatchObject({
			customers: [{ merchant_id: 'm1' }, { merchant_id: 'm0' }],
			cursor: { next: null },
		});
		expect((await list(`?limit=4&cursor=${second.cursor.prev}`)).customers).toEqual(
			first.customers,
		);
	});

	test.each(['?limit=0', '?limit=501', '?limit=x', '?page=2', '?merchant_id=m1'])(
		'refuses %s',
		async (query) => {
			expect(await list(query)).toMatchObject({ status: 400 });
			expect(standIn.breaches).toHaveLength(1);
		},
	);

	test('and what they have, which may lag behind', async () => {
		await call('/v2/customers/m1/points', { body: { points: 5 } });
		standIn.showNoNewPoints();
		await call('/v2/customers/m1/points', { body: { points: 7, reason: 'late' } });

		expect((await list('?email=joann1')).customers).toMatchObject([{ points_approved: 5 }]);
		const { body } = await call('/v2/customers/m1/transactions?limit=1', { method: 'GET' });
		expect(JSON.parse(body)).toMatchObject({
			transactions: [
				{
					customer: { merchant_id: 'm1', points_approved: 5 },
					points_approved: 7,
					adjustment: { note: 'late' },
				},
			],
		});
		expect(await call('/v2/customers/nobody/transactions', { method: 'GET' })).toMatchObject({
			status: 404,
		});
	});
});

test('takes its time to answer when told to', async () => {
	const slow = await new StandIn({ apiKeys: { pat_write: [] }, latencyMs: 100 }).start();
	const started = performance.now();

	await request(`${slow.url}/v2/identity/whoami`, {
		headers: { authorization: 'Bearer pat_write' },
	});

	expect(performance.now() - started).toBeGreaterThanOrEqual(95);
	await slow.stop();
});

test.each([true, false])(
	'misbehaves as told, with the points added before it: %p',
	async (after) => {
		standIn.misbehaveFor('1001', { kind: 'status', status: 503, body: 'no', after });

		expect(await call(ADD)).toEqual({ status: 503, body: 'no' });
		expect(standIn.balances()).toEqual(after ? { 1001: 5 } : {});
		expect(await call('/v2/customers/a%2Fb%20%C3%BC/points')).toMatchObject({ status: 201 });
	},
);

describe('holds requests', () => {
	const isOfFirst = ({ path }: { path: string }) => path === ADD;

	test('until they are released, and answers them normally then', async () => {
		const held = standIn.hold(isOfFirst);
		const answer = call(ADD);
		await held.arrived;

		expect(await call('/v2/customers/a%2Fb%20%C3%BC/points')).toMatchObject({ status: 201 });
		expect(standIn.balances()).toEqual({ 'a/b ü': 5 });
		held.release();
		expect(await answer).toMatchObject({ status: 201 });
		expect(standIn.balances()).toEqual({ 1001: 5, 'a/b ü': 5 });
		expect(await call(ADD)).toMatchObject({ status: 201 });
	});

	test('and misbehaves only then', async () => {
		standIn.misbehaveFor('1001', { kind: 'status', status: 503, after: true, times: 1 });
		const held = standIn.hold(isOfFirst);
		const answer = call(ADD);
		await held.arrived;

		expect(standIn.ledger).toEqual([]);
		held.release();
		expect(await answer).toMatchObject({ status: 503 });
		expect(standIn.balances()).toEqual({ 1001: 5 });
	});

	test('each by the last hold that fits', async () => {
		const first = standIn.hold(isOfFirst);
		const answers = [call(ADD, { body: { points: 5 } })];
		await first.arrived;
		const second = standIn.hold(isOfFirst);
		answers.push(call(ADD, { body: { points: 7 } }));
		await second.arrived;

		second.release();
		await answers[1];
		expect(standIn.balances()).toEqual({ 1001: 7 });
		first.release();
		await answers[0];
		expect(standIn.balances()).toEqual({ 1001: 12 });
	});

	test('and drops them, unanswered, when all is forgotten', async () => {
		const held = standIn.hold(isOfFirst);
		const answer = call(ADD).catch((error: unknown) => error);
		await held.arrived;

		standIn.reset();

		expect(await answer).toBeInstanceOf(Error);
		expect(standIn.ledger).toEqual([]);
		expect(await call(ADD)).toMatchObject({ status: 201 });
	});
});

describe('is idle', () => {
	test('when nobody is connected', async () => {
		await call(ADD);

		await standIn.idle();

		expect(standIn.ledger).toHaveLength(1);
		expect(standIn.breaches).toEqual([]);
	});

	test('only when all is done that was sent by those who are gone', async () => {
		const held = standIn.hold(({ path }) => path === ADD);
		const { socket, isClosed } = send(`${HEAD}Content-Length: 12\r\n\r\n{"points":5}`);
		await held.arrived;
		socket.destroy();
		await isClosed;
		let isIdle = false;
		const idle = standIn.idle().then(() => {
			isIdle = true;
		});
		// What takes longer than all that has to be done when nobody is held.
		await call('/v2/customers/a%2Fb%20%C3%BC/points');

		expect(isIdle).toBe(false);
		held.release();
		await idle;
		expect(standIn.balances()).toEqual({ 1001: 5, 'a/b ü': 5 });
	});

	test('also when half a request came, which is none', async () => {
		const arrival = standIn.arrival(ADD);
		const { socket, isClosed } = send(`${HEAD}Content-Length: 12\r\n\r\n{"poi`);
		await arrival;
		socket.destroy();
		await isClosed;
		await standIn.idle();

		expect(standIn.ledger).toEqual([]);
		expect(standIn.breaches).toEqual([]);
	});

	const HEAD = `POST ${ADD} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer pat_write\r\nContent-Type: application/json\r\n`;

	function send(message: string) {
		const socket = connect(Number(new URL(standIn.url).port), '127.0.0.1');
		socket.write(message);
		return { socket, isClosed: once(socket, 'close') };
	}
});

test('holds to its limit over real requests', async () => {
	const strict = await new StandIn({
		apiKeys: { pat_write: ['write_customers'] },
		customers: { 1001: {} },
	}).start();
	const send = () =>
		request(strict.url + ADD, {
			method: 'POST',
			headers: { authorization: 'Bearer pat_write', 'content-type': 'application/json' },
			body: '{"points":1}',
		});

	const statuses = (await Promise.all(Array.from({ length: 50 }, send))).map(
		({ statusCode }) => statusCode,
	);

	expect(strict.ledger).toHaveLength(statuses.filter((status) => status === 201).length);
	expect(statuses).toContain(429);
	await strict.stop();
});

test('the limit is a sliding window: no second holds more than allowed', () => {
	const limit = new RateLimit(2);

	expect([0, 900, 999, 1000, 1001, 1899, 1900, 2000].map((now) => limit.take(now))).toEqual([
		true, // 0
		true, // 900
		false, // 0 and 900 are in the last second
		true, // 0 is out of it
		false,
		false,
		true, // 900 is out of it
		true, // 1000 is out of it
	]);
});
