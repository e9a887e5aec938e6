import { manyCustomers } from '../../dev/stand-in/manyCustomers.cts';
import { StandIn } from '../../dev/stand-in/StandIn.cts';
import { callStandIn, type Method } from '../harness/callStandIn.cts';

const standIn = new StandIn({
	apiKeys: { pat_write: ['write_customers'] },
	customers: {
		1001: { points: 100, email: 'ann@example.com', birthday: '1990-11-30' },
		1002: { points: 20, pointsPending: 5, createdAt: '2026-01-02T00:00:00Z' },
		1666: { points: 500, blocked: true },
	},
	rewards: [
		{ id: 7, title: '5 off', pointCost: 40 },
		{ id: 8, title: 'Money off', pointCost: 10, discountType: 'custom', discountAmount: 1 },
		{ id: 9, title: 'Mug', pointCost: 0, method: 'store_fulfilment', only: ['1001'], siteId: 3 },
		{ id: 10, title: 'Shirt', pointCost: 1, needsVariant: true },
		{ id: 11, title: 'House', pointCost: 9000 },
	],
	rules: { quiz: { points: 20, title: 'Quiz' }, review: { points: 30, needsApproval: true } },
	requestsPerSecond: Infinity,
});

beforeAll(() => standIn.start());
afterEach(() => {
	const { breaches } = standIn;
	standIn.reset();
	if (breaches.length > 0) throw new Error(breaches.join());
});
afterAll(() => standIn.stop());

async function call(method: Method, path: string, body?: unknown) {
	const answer = await callStandIn(standIn, { method, path, ...(body !== undefined && { body }) });
	return { status: answer.status, body: answer.body as Record<string, unknown> };
}

const get = async (path: string) => (await call('GET', path)).body;

interface List {
	cursor: { prev: string | null; next: string | null };
	[rows: string]: unknown;
}

/** All rows of a list, page after page, each of which is asked for with its cursor alone. */
async function readAll(path: string, key: string, limit: number) {
	const [address] = path.split('?');
	const pages: unknown[][] = [];
	let page = (await get(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}`)) as List;
	for (;;) {
		pages.push(page[key] as unknown[]);
		if (page.cursor.next === null) return pages;
		page = (await get(`${address}?limit=${limit}&cursor=${page.cursor.next}`)) as List;
	}
}

describe('removes points', () => {
	const remove = (points: number, id = '1001') =>
		call('POST', `/v2/customers/${id}/remove_points`, { points, reason: 'Returned' });

	test('with no body in the answer, and as a row of the history', async () => {
		expect(await remove(30)).toEqual({ status: 204, body: '' });
		expect(standIn.ledger).toEqual([{ merchantId: '1001', points: -30, reason: 'Returned' }]);
		expect(standIn.balances()).toMatchObject({ 1001: 70 });
		expect(await get('/v2/customers/1001/transactions')).toMatchObject({
			transactions: [
				{
					customer: { points_approved: 70 },
					points_approved: -30,
					resource: 'adjustment',
					adjustment: { note: 'Returned' },
				},
			],
		});
	});

	test.each([
		['refuse', 422, [], 100],
		['stopAtZero', 204, [-100], 0],
		['goBelowZero', 204, [-130], -30],
	] as const)('more than there are: %s', async (ifTooFew, status, rows, left) => {
		standIn.ifTooFew = ifTooFew;

		expect(await remove(130)).toMatchObject({ status });
		expect(standIn.ledger.map(({ points }) => points)).toEqual(rows);
		expect(standIn.balanceOf('1001')).toBe(left);
	});

	test('none of nothing, without a row', async () => {
		standIn.ifTooFew = 'stopAtZero';
		await remove(100);

		expect(await remove(5)).toMatchObject({ status: 204 });
		expect(standIn.ledger).toHaveLength(1);
	});

	test('also when nobody is told', async () => {
		standIn.misbehaveOn('removePoints', '1001', { kind: 'status', status: 500, after: true });
		await remove(30);
		await remove(80);

		expect(standIn.ledger).toEqual([{ merchantId: '1001', points: -30, reason: 'Returned' }]);
	});

	test('not of who is blocked', async () => {
		expect(await remove(5, '1666')).toMatchObject({ status: 422 });
	});
});

describe('updates customers', () => {
	const update = (customer: object, id = '1001') =>
		call('PATCH', `/v2/customers/${id}`, { customer });

	test('and shows them changed until all is forgotten', async () => {
		const now = Date.now();
		expect(await update({ birthday: '2000-02-29' })).toMatchObject({
			status: 200,
			body: { customer: { merchant_id: '1001', birthday: '2000-02-29', blocked: false } },
		});
		const { body } = await update({ blocked: true });
		expect(body).toMatchObject({ customer: { birthday: '2000-02-29', blocked: true } });
		const { updated_at } = body.customer as { updated_at: string };
		expect(Date.parse(updated_at)).toBeGreaterThanOrEqual(now);
		expect(await call('POST', '/v2/customers/1001/points', { points: 5 })).toMatchObject({
			status: 422,
		});
		expect(standIn.customerUpdates).toEqual([
			{ merchantId: '1001', birthday: '2000-02-29' },
			{ merchantId: '1001', blocked: true },
		]);

		standIn.reset();
		expect(await get('/v2/customers?email=ann')).toMatchObject({
			customers: [{ birthday: '1990-11-30', blocked: false }],
		});
	});

	test('who are blocked no longer, too', async () => {
		await update({ blocked: false }, '1666');

		expect(await call('POST', '/v2/customers/1666/points', { points: 5 })).toMatchObject({
			status: 201,
		});
	});
});

describe('lists customers', () => {
	const idsOf = async (query: string) =>
		((await get(`/v2/customers?${query}`)).customers as { id: number }[]).map(({ id }) => id);

	test.each([
		['limit=2', [3, 2]],
		['sort_direction=asc', [1, 2, 3]],
		['since_id=0', [1, 2, 3]],
		['since_id=1&limit=1', [2]],
		['since_id=3', []],
		['created_at_min=2026-01-02T00%3A00%3A00Z', [2]],
		['created_at_max=2026-01-02T00%3A00%3A00Z', [3, 2, 1]],
		['created_at_max=2026-01-02T00%3A59%3A59%2B01%3A00', [3, 1]],
		['sort_field=updated_at', [2, 3, 1]],
		['sort_field=updated_at&sort_direction=asc', [1, 3, 2]],
		['updated_at_min=2025-01-01T00%3A01%3A00Z&updated_at_max=2025-01-01T00%3A02%3A00Z', [1]],
	])('%s', async (query, ids) => {
		expect(await idsOf(query)).toEqual(ids);
	});

	test('of whom those come last in order of change to whom something has happened', async () => {
		standIn.addByHand({ merchantId: '1001', points: 1, reason: null });

		expect(await idsOf('sort_field=updated_at')).toEqual([1, 2, 3]);
	});

	test('with all that is kept of them', async () => {
		expect(await get('/v2/customers?since_id=1&limit=1')).toMatchObject({
			customers: [
				{
					id: 2,
					merchant_id: '1002',
					email: null,
					points_approved: 20,
					points_pending: 5,
					points_spent: 0,
					rewards_claimed: 0,
					birthday: null,
					created_at: '2026-01-02T00:00:00Z',
					updated_at: '2026-01-02T00:00:00Z',
				},
			],
		});
	});

	test('but not by a cursor that it never gave', async () => {
		expect(await call('GET', '/v2/customers?cursor=x')).toMatchObject({ status: 400 });
		expect(await call('GET', '/v2/customers?cursor=e30')).toMatchObject({ status: 400 });
	});

	test('thousands of them, each once, as they were when the list began', async () => {
		const { customers } = standIn;
		const many = manyCustomers(3001, (place) => ({ birthday: place % 2 ? '1990-01-01' : null }));
		Object.assign(standIn, { customers: many });

		const pages = await readAll('/v2/customers?sort_direction=asc', 'customers', 500);

		Object.assign(standIn, { customers });
		expect(pages.map((page) => page.length)).toEqual([500, 500, 500, 500, 500, 500, 1]);
		const rows = pages.flat() as { merchant_id: string; birthday: string | null }[];
		expect(rows.map(({ merchant_id }) => merchant_id)).toEqual(Object.keys(many));
		expect(rows.filter(({ birthday }) => birthday !== null)).toHaveLength(1500);
	});
});

describe('lists transactions', () => {
	const HOUR_MS = 3_600_000;

	const minusHours = (hours: number) =>
		encodeURIComponent(new Date(standIn.now() - hours * HOUR_MS).toISOString());

	/** Five of them, of two customers, an hour apart. */
	beforeEach(() => {
		standIn.addByHand({ merchantId: '1001', points: 5, reason: 'one' }, 5 * HOUR_MS);
		standIn.addByHand({ merchantId: '1002', points: 6, reason: 'two' }, 4 * HOUR_MS);
		standIn.expireByHand('1001', 7, 3 * HOUR_MS);
		standIn.claimByHand({ merchantId: '1001', rewardId: 7 }, 2 * HOUR_MS);
		const quiz = { name: 'quiz', merchantId: 'q1', customerId: '1002', points: 20 };
		standIn.actByHand({ ...quiz, state: 'pending' }, HOUR_MS);
	});

	const idsOf = async (path: string) =>
		((await get(path)).transactions as { id: number }[]).map(({ id }) => id);

	test.each([
		['', [5, 4, 3, 2, 1]],
		['?type=json&limit=2', [5, 4]],
		['?customer_id=2', [5, 2]],
		['?customer_id=99', []],
		['?since_id=0&limit=2', [1, 2]],
		['?since_id=3', [4, 5]],
	])('of the whole program%s', async (query, ids) => {
		expect(await idsOf(`/v2/transactions${query}`)).toEqual(ids);
	});

	test('of a time', async () => {
		const query = `?created_at_min=${minusHours(3.5)}&created_at_max=${minusHours(1.5)}`;

		expect(await idsOf(`/v2/transactions${query}`)).toEqual([4, 3]);
		expect(await idsOf(`/v2/customers/1001/transactions${query}`)).toEqual([4, 3]);
	});

	test('from a time on, and before another', async () => {
		const [, second] = (await get('/v2/transactions?since_id=0')).transactions as {
			created_at: string;
		}[];
		const time = encodeURIComponent(second?.created_at ?? '');

		expect(await idsOf(`/v2/transactions?created_at_min=${time}`)).toEqual([5, 4, 3, 2]);
		expect(await idsOf(`/v2/transactions?created_at_max=${time}`)).toEqual([1]);
	});

	test('page by page, without those that came meanwhile', async () => {
		const first = (await get('/v2/transactions?limit=2')) as List;
		standIn.addByHand({ merchantId: '1001', points: 9, reason: 'late' });
		const second = (await get(`/v2/transactions?limit=2&cursor=${first.cursor.next}`)) as List;

		expect(second.transactions).toMatchObject([{ id: 3 }, { id: 2 }]);
		expect(await get(`/v2/transactions?limit=2&cursor=${second.cursor.prev}`)).toMatchObject({
			transactions: [{ id: 5 }, { id: 4 }],
			cursor: { prev: null },
		});
	});

	test('with what each is about', async () => {
		expect(await get('/v2/transactions')).toMatchObject({
			transactions: [
				{
					customer: { id: 2, merchant_id: '1002', points_approved: 26, points_pending: 25 },
					points_approved: 0,
					points_pending: 20,
					resource: 'activity',
					activity: { merchant_id: 'q1', value: 20, state: 'pending', rule: { title: 'Quiz' } },
				},
				{
					customer: { id: 1, points_approved: 58, points_spent: 40 },
					points_approved: -40,
					resource: 'claimed_reward',
					claimed_reward: { point_cost: 40, redeemable: { code: 'LL-9001' }, reward: { id: 7 } },
				},
				{ points_approved: -7, resource: 'expiry', expiry: {} },
				{ points_approved: 6, resource: 'adjustment', adjustment: { note: 'two' } },
				{ points_approved: 5, resource: 'adjustment', adjustment: { note: 'one' } },
			],
		});
	});

	test('late, or not at first', async () => {
		standIn.historyLagMs = 2.5 * HOUR_MS;
		expect(await idsOf('/v2/transactions')).toEqual([3, 2, 1]);
		expect(await idsOf('/v2/customers/1001/transactions')).toEqual([3, 1]);

		standIn.looksInVain = 1;
		expect(await idsOf('/v2/transactions')).toEqual([]);
		expect(await idsOf('/v2/transactions')).toEqual([3, 2, 1]);
	});
});

describe('rewards', () => {
	const claim = (body: object, id = '1001', query = '') =>
		call('POST', `/v2/customers/${id}/claimed_rewards${query}`, body);
	const refund = (claimed: number, id = '1001') =>
		call('POST', `/v2/customers/${id}/claimed_rewards/${claimed}/refund`);

	test('are offered whether or not there are points for them, by whom and where', async () => {
		const idsOf = async (path: string) =>
			((await get(`/v2/customers/${path}`)).rewards as { id: number }[]).map(({ id }) => id);

		expect(await idsOf('1001/available_rewards')).toEqual([7, 8, 9, 10, 11]);
		expect(await idsOf('1001/available_rewards?site_id=4')).toEqual([7, 8, 10, 11]);
		expect(await idsOf('1002/available_rewards?site_id=3')).toEqual([7, 8, 10, 11]);
	});

	test('are claimed, with a voucher, for points', async () => {
		expect(await claim({ reward_id: 7 })).toMatchObject({
			status: 201,
			body: {
				claimed_reward: {
					id: 9001,
					point_cost: 40,
					redeemable: { code: 'LL-9001' },
					reward: { id: 7, title: '5 off' },
					state: 'approved',
				},
			},
		});
		expect(standIn.claims).toMatchObject([
			{ id: 9001, merchantId: '1001', rewardId: 7, points: 40, state: 'approved' },
		]);
		expect(standIn.balances()).toMatchObject({ 1001: 60 });
		expect(await get('/v2/customers?email=ann')).toMatchObject({
			customers: [{ points_approved: 60, points_spent: 40, rewards_claimed: 1 }],
		});
	});

	test('without a voucher, with a multiplier, a variant, a site', async () => {
		expect(await claim({ reward_id: 9 }, '1001', '?site_id=3')).toMatchObject({
			body: { claimed_reward: { redeemable: { fulfilled: false } } },
		});
		expect(await claim({ reward_id: 8, multiplier: 3 })).toMatchObject({
			body: { claimed_reward: { point_cost: 30 } },
		});
		expect(await claim({ reward_id: 10, variant_id: '123' })).toMatchObject({ status: 201 });
		expect(standIn.claims).toMatchObject([
			{ rewardId: 9, siteId: 3, code: null },
			{ rewardId: 8, multiplier: 3 },
			{ rewardId: 10, variantId: '123' },
		]);
	});

	test.each([
		['too few points', { reward_id: 11 }, '1001', 422],
		['too few points for so many', { reward_id: 8, multiplier: 11 }, '1001', 422],
		['no multiplier of others', { reward_id: 7, multiplier: 2 }, '1001', 422],
		['no variant', { reward_id: 10 }, '1001', 422],
		['who is blocked', { reward_id: 7 }, '1666', 422],
		['no such reward', { reward_id: 12 }, '1001', 404],
		['not offered to everybody', { reward_id: 9 }, '1002', 404],
	])('are not claimed: %s', async (_why, body, id, status) => {
		expect(await claim(body, id)).toMatchObject({ status });
		expect(standIn.claims).toEqual([]);
	});

	test('cost what they cost each time, whether or not anybody is told', async () => {
		standIn.misbehaveOn('claimReward', '1001', { kind: 'reset', after: true });
		for (let times = 0; times < 3; times++) await claim({ reward_id: 7 }).catch(() => {});

		expect(standIn.claims).toHaveLength(2);
		expect(standIn.balanceOf('1001')).toBe(20);
	});

	test('are refunded once', async () => {
		await claim({ reward_id: 7 });

		expect(await refund(9001)).toMatchObject({
			status: 200,
			body: { claimed_reward: { id: 9001, state: 'void' }, remote_resource_deleted: true },
		});
		expect(await refund(9001)).toMatchObject({ status: 422 });
		expect(standIn.refunds).toEqual([{ merchantId: '1001', claimedRewardId: 9001, points: 40 }]);
		expect(standIn.balanceOf('1001')).toBe(100);
		expect(await get('/v2/customers/1001/transactions')).toMatchObject({
			transactions: [
				{ points_approved: 40, claimed_reward: { id: 9001, state: 'void' } },
				{ points_approved: -40, claimed_reward: { id: 9001, state: 'void' } },
			],
		});
	});

	test('are refunded without their voucher, and not of others', async () => {
		standIn.deletesVouchers = false;
		const { id } = standIn.claimByHand({ merchantId: '1002', rewardId: 7 });

		expect(await refund(id)).toMatchObject({ status: 404 });
		expect(await refund(id, '1002')).toMatchObject({ body: { remote_resource_deleted: false } });
	});

	test('need a site where there are several', async () => {
		standIn.siteIds = [3, 4];

		expect(await claim({ reward_id: 7 })).toMatchObject({
			status: 400,
			body: { error: { details: { site_id: 'is required' } } },
		});
		expect(await call('GET', '/v2/customers/1001/available_rewards')).toMatchObject({
			status: 400,
		});
		expect(await claim({ reward_id: 7 }, '1001', '?site_id=5')).toMatchObject({ status: 404 });
		expect(await claim({ reward_id: 7 }, '1001', '?site_id=4')).toMatchObject({ status: 201 });
	});

	test('are those of the beginning again when all is forgotten', async () => {
		standIn.rewards = [];
		standIn.reset();

		expect((await get('/v2/customers/1002/available_rewards')).rewards).toHaveLength(4);
	});
});

describe('activities', () => {
	const QUIZ = { name: 'quiz', customer_id: '1001', merchant_id: 'a/1', guest: false };
	const track = (body: object, query = '') => call('POST', `/v2/activities${query}`, body);
	const update = (state: string, name = 'quiz') =>
		call('PUT', `/v2/activities/${name}/${encodeURIComponent(QUIZ.merchant_id)}`, { state });
	const points = () => standIn.balanceOf('1001') - 100;

	test('are tracked, and give what their rule gives', async () => {
		const sent = { ...QUIZ, properties: { url: '/a' }, date: '2026-11-24T10:00:00+01:00' };

		expect(await track(sent)).toEqual({ status: 201, body: '' });
		expect(standIn.tracked).toEqual([sent]);
		expect(standIn.activities).toMatchObject([
			{ name: 'quiz', merchantId: 'a/1', customerId: '1001', points: 20, state: 'approved' },
		]);
		expect(points()).toBe(20);
	});

	test.each([
		['no rule', { ...QUIZ, name: 'poll' }],
		['the rule of every object', { ...QUIZ, name: 'constructor' }],
		['a guest', { ...QUIZ, guest: true }],
		['who is not said to be no guest', { name: 'quiz', customer_id: '1001' }],
		['who is not known', { ...QUIZ, customer_id: '1003' }],
		['who is blocked', { ...QUIZ, customer_id: '1666' }],
	])('are tracked all the same: %s', async (_who, sent) => {
		expect(await track(sent)).toEqual({ status: 201, body: '' });
		expect(standIn.tracked).toEqual([sent]);
		expect(standIn.activities).toEqual([]);
	});

	test.each([
		[false, 40],
		[true, 20],
	])('are tracked again, which is dropped: %p', async (dropsRepeats, given) => {
		standIn.dropsRepeats = dropsRepeats;
		await track(QUIZ);
		await track(QUIZ);

		expect(standIn.timesTracked('quiz', 'a/1')).toBe(2);
		expect(points()).toBe(given);
	});

	test('without an ID are never dropped', async () => {
		standIn.dropsRepeats = true;
		const { merchant_id, ...withoutId } = QUIZ;
		await track(withoutId);
		await track(withoutId);

		expect(standIn.activities).toHaveLength(2);
		expect(standIn.timesTracked('quiz', merchant_id)).toBe(0);
	});

	test('need an email and a site where LoyaltyLion wants them', async () => {
		Object.assign(standIn, { needsCustomerEmail: true, siteIds: [3, 4] });

		expect(await track(QUIZ)).toMatchObject({ status: 400 });
		expect(await track(QUIZ, '?site_id=3')).toMatchObject({ status: 400 });
		expect(await track({ ...QUIZ, customer_email: 'a@example.com' }, '?site_id=3')).toMatchObject({
			status: 201,
		});
		expect(standIn.tracked).toHaveLength(1);
	});

	test.each([
		['quiz', 'declined', 204, 'void', 0],
		['quiz', 'void', 204, 'void', 0],
		['quiz', 'approved', 204, 'approved', 20],
		['review', 'approved', 204, 'approved', 30],
		['review', 'declined', 204, 'declined', 0],
		['review', 'void', 422, 'pending', 0],
	])('of the rule %s become %s: %i, %s', async (name, state, status, becomes, left) => {
		await track({ ...QUIZ, name });

		expect(await update(state, name)).toMatchObject({ status });
		expect(standIn.activities).toMatchObject([{ state: becomes }]);
		expect(standIn.stateUpdates).toHaveLength(status === 204 ? 1 : 0);
		expect(points()).toBe(left);
		expect(await get('/v2/customers?email=ann')).toMatchObject({
			customers: [{ points_approved: 100 + left, points_pending: becomes === 'pending' ? 30 : 0 }],
		});
	});

	test('take back what they gave in a row of its own, once', async () => {
		await track(QUIZ);
		await update('void');
		await update('void');
		expect(await update('approved')).toMatchObject({ status: 422 });

		expect(await get('/v2/customers/1001/transactions')).toMatchObject({
			transactions: [
				{ points_approved: -20, activity: { state: 'void' } },
				{ points_approved: 20, activity: { state: 'void' } },
			],
		});
	});

	test('are listed, newest first, page by page', async () => {
		for (const merchant_id of ['a', 'b', 'c']) await track({ ...QUIZ, merchant_id });

		const pages = await readAll('/v2/activities', 'activities', 2);

		expect(pages).toMatchObject([
			[
				{
					merchant_id: 'c',
					value: 20,
					state: 'approved',
					customer: { merchant_id: '1001' },
					rule: { name: 'quiz', title: 'Quiz' },
				},
				{ merchant_id: 'b' },
			],
			[{ merchant_id: 'a' }],
		]);
		expect(await get('/v2/activities?since_id=7001')).toMatchObject({
			activities: [{ merchant_id: 'b' }, { merchant_id: 'c' }],
		});
	});

	test('are listed of a time', async () => {
		const quiz = { name: 'quiz', customerId: '1001', points: 20, state: 'approved' as const };
		const old = standIn.actByHand({ ...quiz, merchantId: 'old' }, 60_000);
		standIn.actByHand({ ...quiz, merchantId: 'new' });
		const time = encodeURIComponent(old.createdAt);

		expect((await get(`/v2/activities?created_at_min=${time}`)).activities).toHaveLength(2);
		expect(await get(`/v2/activities?created_at_max=${time}`)).toMatchObject({ activities: [] });
	});
});

test('what the stand-in gets wrong is a breach, and keeps nobody waiting', async () => {
	const { customers } = standIn;
	Object.assign(standIn, { customers: { 1: { more: { points_approved: 'many' } } } });

	await expect(call('GET', '/v2/customers')).rejects.toThrow();

	Object.assign(standIn, { customers });
	expect(standIn.breaches).toEqual([
		expect.stringContaining('broke the contract of listCustomers'),
	]);
	standIn.breaches = [];
});
