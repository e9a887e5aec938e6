import fc from 'fast-check';
import type { IDataObject as Json } from 'n8n-workflow';
import type { Fault } from '../../../../dev/stand-in/faults.cts';
import { expectSeen, holdsFor } from '../../../harness/holdsFor.cts';
import { byEmail, byMerchantId, FAST } from '../../../harness/reads.cts';
import { shop } from '../../../harness/shop.cts';

const CUSTOMERS = {
	1001: { email: 'ann@example.com', points: 45 },
	1002: { email: 'bob@example.com', blocked: true },
	1003: { email: 'new@example.com', points: 100 },
	1004: { email: 'no.id@example.com', withoutMerchantId: true },
};

const { standIn, runOperation } = shop(CUSTOMERS);
beforeEach(() => {
	standIn.rewards = [
		{ id: 71, title: '5 off', pointCost: 50 },
		{ id: 72, title: '10 off', pointCost: 51 },
		{ id: 73, title: 'For Ann', pointCost: 0, only: ['1001'] },
		{ id: 74, title: 'Over there', pointCost: 500, siteId: 9 },
	];
	standIn.addByHand({ merchantId: '1001', points: 5, reason: null });
});

async function getAll(customer: Json, own: Json = {}, options: Json = {}, items: Json[] = [{}]) {
	const outcome = await runOperation({
		items,
		onError: 'continueErrorOutput',
		parameters: {
			resource: 'reward',
			operation: 'getAll',
			customer,
			...own,
			options: { ...FAST, ...options },
		},
	});
	expect(standIn.breaches).toEqual([]);
	return outcome;
}

const affordableOf = (rows: Json[]) => rows.map(({ id, affordable }) => [id, affordable]);

describe.each([byMerchantId('1001'), byEmail('ann@example.com')])('$mode', (customer) => {
	test('says what Ann can afford, in ten fields', async () => {
		const { succeeded } = await getAll(customer);

		expect(affordableOf(succeeded)).toEqual([
			[71, true],
			[72, false],
			[73, true],
			[74, false],
		]);
		expect(succeeded[0]).toEqual({
			id: 71,
			title: '5 off',
			description: null,
			point_cost: 50,
			kind: null,
			method: 'voucher',
			discount_type: 'flat',
			discount_amount: 5,
			minimum_spend: null,
			affordable: true,
			sees: 0,
		});
	});

	test('Only Affordable leaves out the others, before the limit counts', async () => {
		const { succeeded } = await getAll(customer, { onlyAffordable: true, limit: 2 });

		expect(affordableOf(succeeded)).toEqual([
			[71, true],
			[73, true],
		]);
	});

	test('Limit, Return All and Simplify do as they say', async () => {
		const limited = await getAll(customer, { limit: 1 });
		const all = await getAll(customer, { limit: 1, returnAll: true, simplify: false });

		expect(limited.succeeded).toHaveLength(1);
		expect(all.succeeded).toHaveLength(4);
		expect(all.succeeded[0]).toMatchObject({ target_type: 'all', affordable: true });
	});
});

test('by email, the balance comes with the customer', async () => {
	await getAll(byEmail('ann@example.com'));

	expect(standIn.count('listCustomers')).toBe(1);
	expect(standIn.count('listTransactions')).toBe(0);
});

describe('Site ID', () => {
	test.each([9, '9', ' 9 '])('%j is asked for', async (siteId) => {
		standIn.siteIds = [8, 9];

		const { succeeded } = await getAll(byMerchantId('1001'), {}, { siteId });

		expect(succeeded.length).toBeGreaterThan(0);
		expect(standIn.requests[0]?.path).toBe('/v2/customers/1001/available_rewards?site_id=9');
	});

	test('that is missing is said to be', async () => {
		standIn.siteIds = [8, 9];

		const { failed } = await getAll(byMerchantId('1001'));

		expect(failed).toMatchObject([
			{
				error: {
					code: 'rejected_by_api',
					description: expect.stringMatching(/LoyaltyLion says: /),
				},
			},
		]);
	});
});

describe('a balance that cannot be read', () => {
	const NONE: Fault[] = [
		{
			kind: 'status',
			status: 200,
			body: '{"transactions":[],"cursor":{"prev":null,"next":null}}',
		},
		{ kind: 'status', status: 403 },
		{ kind: 'status', status: 500 },
		{ kind: 'status', status: 200, body: '{}' },
		{
			kind: 'status',
			status: 200,
			body: '{"transactions":[{"customer":{"merchant_id":"1001"}}]}',
		},
	];

	test.each(NONE)('is no reason to give no rewards: $status $body', async (fault) => {
		standIn.misbehaveAt('listTransactions', fault);

		const { succeeded, hints } = await getAll(byMerchantId('1001'));

		expect(affordableOf(succeeded)).toEqual([71, 72, 73, 74].map((id) => [id, null]));
		expect(hints).toMatchObject([
			{
				message: expect.stringMatching(
					/^For 1 item \(item 0\): the balance could not be read, so "affordable" is null\. /,
				),
			},
		]);
	});

	test.each(NONE)('is a reason to say so where it matters: $status $body', async (fault) => {
		standIn.misbehaveAt('listTransactions', fault);

		const { succeeded, failed } = await getAll(byMerchantId('1001'), { onlyAffordable: true });

		expect(succeeded).toEqual([]);
		expect(failed).toMatchObject([
			{
				error: {
					code: 'lookup_failed',
					message:
						"The customer's balance could not be read, so Only Affordable cannot be told [item 0]",
					description: expect.stringMatching(/Set Customer to By Email/),
					merchantId: '1001',
				},
			},
		]);
	});

	test('is not needed where there is no reward', async () => {
		standIn.rewards = [];
		standIn.misbehaveAt('listTransactions', { kind: 'status', status: 403 });

		const { succeeded, failed } = await getAll(byMerchantId('1001'), { onlyAffordable: true });

		expect([succeeded, failed]).toEqual([[], []]);
		expect(standIn.requests).toHaveLength(1);
	});

	test('is that of a cancel, when that is why', async () => {
		const held = standIn.hold(({ path }) => path.includes('/transactions'));
		let cancel = () => {};
		const running = runOperation({
			items: [{}],
			onError: 'continueErrorOutput',
			parameters: {
				resource: 'reward',
				operation: 'getAll',
				customer: byMerchantId('1001'),
				options: FAST,
			},
			onStart: (execution) => {
				cancel = () => execution.cancel();
			},
		});
		await held.arrived;
		cancel();

		const { succeeded, hints } = await running;
		held.forget();

		expect(succeeded).toEqual([]);
		expect(JSON.stringify(hints)).not.toContain('affordable');
	});
});

test('a reward without a price is neither affordable nor not', async () => {
	standIn.rewards = [{ id: 71, title: 'Surprise', pointCost: 1, more: { point_cost: null } }];
	const body = JSON.stringify({ rewards: [{ id: 71, point_cost: null }, 'none', { id: 72 }] });
	standIn.misbehaveAt('listAvailableRewards', { kind: 'status', status: 200, body });

	const { succeeded } = await getAll(byEmail('ann@example.com'));
	const affordable = await getAll(byEmail('ann@example.com'), { onlyAffordable: true });

	expect(affordableOf(succeeded)).toEqual([
		[71, null],
		[72, null],
	]);
	expect(affordable.succeeded).toEqual([]);
});

test.each([
	{ customer: byEmail('x@example.com'), code: 'customer_not_found' },
	{ customer: byMerchantId('4711'), code: 'customer_not_found' },
	{ customer: byEmail('no.id@example.com'), code: 'refused' },
])('$customer.mode $customer.value: $code', async ({ customer, code }) => {
	const { failed } = await getAll(customer);

	expect(failed).toMatchObject([{ error: { code } }]);
});

test.each([
	{ own: { onlyAffordable: '={{ "maybe" }}' }, message: 'Only Affordable can\'t be "maybe"' },
	{ own: { onlyAffordable: '={{ $json.x }}' }, message: 'Only Affordable comes to nothing' },
	{ own: { limit: -1 }, message: "Limit can't be -1" },
	{ own: { simplify: '={{ 5 }}' }, message: "Simplify can't be 5" },
	{ options: { siteId: 'main' }, message: 'Site ID can\'t be "main"' },
	{ options: { siteId: '0' }, message: 'Site ID can\'t be "0"' },
	{ options: { siteId: '={{ $json.x }}' }, message: 'Site ID comes to nothing' },
])('refuses $own $options before anything is asked', async ({ own, options, message }) => {
	const { failed } = await getAll(byMerchantId('1001'), own, options);

	expect(failed).toMatchObject([
		{ error: { code: 'invalid_input', message: `${message} [item 0]`, merchantId: '1001' } },
	]);
	expect(standIn.requests).toEqual([]);
});

test('links each reward to the item that it was read for', async () => {
	const emails = ['ann@example.com', 'x@example.com', 'new@example.com'];
	const items = emails.map((email) => ({ email }));

	const { succeeded, failed, output } = await getAll(byEmail('={{ $json.email }}'), {}, {}, items);

	expect(succeeded.map(({ sees, id }) => [sees, id])).toEqual([
		...[71, 72, 73, 74].map((id) => [0, id]),
		...[71, 72, 74].map((id) => [2, id]),
	]);
	expect(output[0]?.map(({ pairedItem }) => pairedItem)).toEqual(
		[0, 0, 0, 0, 2, 2, 2].map((item) => ({ item })),
	);
	expect(failed).toMatchObject([{ sees: 1, error: { code: 'customer_not_found' } }]);
});

test('whatever there is, what comes out is what the customer can be offered and pay', async () => {
	const given = fc.record({
		costs: fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 8, size: 'max' }),
		points: fc.integer({ min: 1, max: 100 }),
		onlyAffordable: fc.boolean(),
		isByEmail: fc.boolean(),
		limit: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
	});
	const seen = { none: 0, some: 0, cut: 0, tooDear: 0 };

	await holdsFor(given, async ({ costs, points, onlyAffordable, isByEmail, limit }) => {
		standIn.reset();
		standIn.rewards = costs.map((pointCost, id) => ({ id, title: `Reward ${id}`, pointCost }));
		standIn.addByHand({ merchantId: '1002', points, reason: null });
		const all = costs.map((cost, id) => ({ id, affordable: cost <= points }));
		const wanted = all.filter(({ affordable }) => affordable || !onlyAffordable);

		const { succeeded } = await getAll(
			isByEmail ? byEmail('bob@example.com') : byMerchantId('1002'),
			{ onlyAffordable, ...(limit === undefined ? { returnAll: true } : { limit }) },
		);
		seen.none += wanted.length === 0 ? 1 : 0;
		seen.some += wanted.length > 1 ? 1 : 0;
		seen.cut += wanted.length > (limit ?? Infinity) ? 1 : 0;
		seen.tooDear += wanted.length < all.length ? 1 : 0;

		expect(affordableOf(succeeded)).toEqual(
			wanted.slice(0, limit).map(({ id, affordable }) => [id, affordable]),
		);
	});
	expectSeen(seen);
});
