import type { IDataObject as Json } from 'n8n-workflow';
import type { Customer } from '../../../../dev/stand-in/StandIn.cts';
import { byEmail, byMerchantId, FAST } from '../../../harness/reads.cts';
import { shop } from '../../../harness/shop.cts';

const TIER = {
	started_at: '2026-01-01T00:00:00Z',
	expires_at: null,
	manual: false,
	loyalty_tier: { id: 3, name: 'Gold', number: 2 },
};

const CUSTOMERS: Record<string, Customer> = {
	1001: {
		email: 'ann@example.com',
		name: 'Ann Lee',
		points: 50,
		pointsPending: 7,
		birthday: '1990-11-24',
		more: { loyalty_tier_membership: TIER },
	},
	1002: { email: 'joann@example.com', enrolled: false, guest: true },
	1003: { email: 'bob@example.com', blocked: true },
	1004: { email: 'twin@example.com' },
	1005: { email: 'twin@example.com' },
	1006: { email: 'no.id@example.com', withoutMerchantId: true },
	1007: { email: 'new@example.com' },
	'a/b?c': { email: 'odd@example.com' },
};

const { standIn, runOperation } = shop(CUSTOMERS);
beforeEach(() => {
	for (const merchantId of ['1001', '1002', '1003', 'a/b?c']) {
		standIn.addByHand({ merchantId, points: 5, reason: null });
	}
});

async function get(customer: Json, own: Json = {}, items: Json[] = [{}]) {
	const outcome = await runOperation({
		items,
		onError: 'continueErrorOutput',
		parameters: { resource: 'customer', operation: 'get', customer, ...own, options: FAST },
	});
	expect(standIn.breaches).toEqual([]);
	return outcome;
}

const SIMPLE_ANN = {
	id: 1,
	merchant_id: '1001',
	email: 'ann@example.com',
	name: 'Ann Lee',
	status: 'member',
	points_approved: 55,
	points_pending: 7,
	tier: 'Gold',
	birthday: '1990-11-24',
	enrolled_at: expect.stringMatching(/^2025-/),
};

test.each([byEmail('ann@example.com'), byEmail(' ANN@example.com'), byMerchantId('1001')])(
	'$mode $value is Ann, in ten fields',
	async (customer) => {
		const { succeeded } = await get(customer);

		expect(succeeded).toEqual([{ ...SIMPLE_ANN, sees: 0 }]);
	},
);

test('a customer from the list is the one with that merchant ID', async () => {
	const { succeeded } = await get({ __rl: true, mode: 'list', value: '1001' });

	expect(succeeded).toMatchObject([SIMPLE_ANN]);
});

test.each([byEmail('ann@example.com'), byMerchantId('1001')])(
	'$mode without Simplify is all that LoyaltyLion says',
	async (customer) => {
		const { succeeded } = await get(customer, { simplify: false });

		expect(succeeded).toMatchObject([
			{
				id: 1,
				points_approved: 55,
				properties: { name: 'Ann Lee' },
				loyalty_tier_membership: TIER,
				linked_merchant_ids: [],
			},
		]);
	},
);

test.each([
	['joann@example.com', 'guest', null],
	['bob@example.com', 'blocked', null],
	['new@example.com', 'member', null],
])('%s is a %s', async (email, status, tier) => {
	const { succeeded } = await get(byEmail(email));

	expect(succeeded).toMatchObject([{ email, status, tier, name: null, birthday: null }]);
});

test('a customer without a merchant ID is found by email', async () => {
	const { succeeded } = await get(byEmail('no.id@example.com'));

	expect(succeeded).toMatchObject([{ id: 6, merchant_id: null }]);
});

test('a merchant ID is one part of a path', async () => {
	const { succeeded } = await get(byMerchantId('a/b?c'));

	expect(succeeded).toMatchObject([{ merchant_id: 'a/b?c', email: 'odd@example.com' }]);
});

test('by merchant ID, asks for the newest transaction, and for the one customer behind it', async () => {
	await get(byMerchantId('1001'));
	await get(byMerchantId('1003'));

	expect(standIn.requests.map(({ path }) => path)).toEqual([
		'/v2/customers/1001/transactions?limit=1',
		'/v2/customers?since_id=0&limit=1',
		'/v2/customers/1003/transactions?limit=1',
		'/v2/customers?since_id=2&limit=1',
	]);
});

test.each([
	{
		customer: byEmail('nobody@example.com'),
		code: 'customer_not_found',
		subject: { merchantId: null, email: 'nobody@example.com' },
		says: /Check how the email is written/,
	},
	{
		customer: byEmail('twin@example.com'),
		code: 'customer_ambiguous',
		subject: { merchantId: null, email: 'twin@example.com' },
		says: /merchant ID 1005 \(member\), merchant ID 1004 \(member\)/,
	},
	{
		customer: byMerchantId('4711'),
		code: 'customer_not_found',
		subject: { merchantId: '4711' },
		says: /Check the value in Customer/,
	},
	{
		customer: byMerchantId('1007'),
		code: 'customer_not_readable',
		subject: { merchantId: '1007' },
		says: /no transactions .*set Customer to By Email/,
	},
])('$customer.mode $customer.value fails: $code', async ({ customer, code, subject, says }) => {
	const { failed, hints } = await get(customer);

	expect(failed).toMatchObject([
		{ error: { code, description: expect.stringMatching(says), ...subject } },
	]);
	expect(hints).toHaveLength(1);
	expect(JSON.stringify([failed, hints])).not.toMatch(/points (were|can)/i);
});

describe('a transaction that leads to nobody is no sign that there is nobody', () => {
	const row = (customer: unknown) => ({ id: 9, customer });
	const transactions = [
		{ what: 'no transaction', rows: [] },
		{ what: 'a row that is none', rows: [5] },
		{ what: 'no customer', rows: [row(null)] },
		{ what: "another's", rows: [row({ id: 1, merchant_id: '1002' })] },
		{ what: 'an ID that is none', rows: [row({ id: '1', merchant_id: '1001' })] },
		{ what: 'an ID too long for a number', rows: [row({ id: 2 ** 60, merchant_id: '1001' })] },
		{ what: 'the ID zero', rows: [row({ id: 0, merchant_id: '1001' })] },
	];

	test.each(transactions)('$what', async ({ rows }) => {
		const body = JSON.stringify({ transactions: rows, cursor: { prev: null, next: null } });
		standIn.misbehaveAt('listTransactions', { kind: 'status', status: 200, body });

		const { failed } = await get(byMerchantId('1001'));

		expect(failed).toMatchObject([{ error: { code: 'customer_not_readable' } }]);
		expect(standIn.requests).toHaveLength(1);
	});

	test.each([
		{ what: 'nobody', rows: [] },
		{ what: 'another ID', rows: [{ id: 2, merchant_id: '1001' }] },
		{ what: 'another merchant ID', rows: [{ id: 1, merchant_id: '1002' }] },
		{ what: 'a row that is none', rows: ['1001'] },
	])('the list holds $what', async ({ rows }) => {
		const body = JSON.stringify({ customers: rows });
		standIn.misbehaveAt('listCustomers', { kind: 'status', status: 200, body });

		const { failed } = await get(byMerchantId('1001'));

		expect(failed).toMatchObject([
			{
				error: {
					code: 'customer_not_readable',
					message:
						'LoyaltyLion shows the customer with the merchant ID 1001 by email only [item 0]',
				},
			},
		]);
	});

	test('but a list that is none is not read at all', async () => {
		standIn.misbehaveAt('listCustomers', { kind: 'status', status: 200, body: '{}' });

		const { failed } = await get(byMerchantId('1001'));

		expect(failed).toMatchObject([{ error: { code: 'lookup_failed' } }]);
	});
});

test.each([
	['email', '', 'Email is empty'],
	['email', 'ann', 'Email can\'t be "ann"'],
	['email', 5, "Email can't be 5"],
	['merchantId', '', 'Merchant ID is empty'],
	['merchantId', '..', 'Merchant ID can\'t be ".."'],
	['merchantId', 1.5, "Merchant ID can't be 1.5"],
	['zodiac', 'lion', 'Customer is set in a way that this node does not know'],
])('%s %j is refused before anything is asked', async (mode, value, message) => {
	const { failed } = await get({ __rl: true, mode, value: '={{ $json.value }}' }, {}, [{ value }]);

	expect(failed).toMatchObject([
		{ error: { code: 'invalid_input', message: `${message} [item 0]`, merchantId: null } },
	]);
	expect(standIn.requests).toEqual([]);
});

test('Simplify that is neither on nor off is refused', async () => {
	const { failed } = await get(byEmail('ann@example.com'), { simplify: '={{ "a bit" }}' });

	expect(failed).toMatchObject([{ error: { message: 'Simplify can\'t be "a bit" [item 0]' } }]);
});

test('items with the same email share nothing that one of them could change', async () => {
	const { output } = await get(byEmail('ann@example.com'), { simplify: false }, [{}, {}]);

	const [first, second] = output[0]?.map(({ json }) => json.properties) ?? [];
	expect(first).toEqual(second);
	expect(first).not.toBe(second);
});

test('asks once for an email that many items carry, and links each to its item', async () => {
	const emails = ['ann@example.com', 'bob@example.com', 'ANN@example.com', 'x@example.com'];
	const items = emails.map((email) => ({ email }));

	const { succeeded, failed, output } = await get(byEmail('={{ $json.email }}'), {}, items);

	expect(succeeded.map(({ merchant_id, sees }) => [sees, merchant_id])).toEqual([
		[0, '1001'],
		[1, '1003'],
		[2, '1001'],
	]);
	expect(output[0]?.map(({ pairedItem }) => pairedItem)).toEqual(
		[0, 1, 2].map((item) => ({ item })),
	);
	expect(failed).toMatchObject([{ sees: 3, error: { code: 'customer_not_found' } }]);
	expect(standIn.requests).toHaveLength(3);
});
