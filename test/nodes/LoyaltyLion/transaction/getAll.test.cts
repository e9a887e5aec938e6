import fc from 'fast-check';
import type { IDataObject as Json } from 'n8n-workflow';
import { expectSeen, holdsFor } from '../../../harness/holdsFor.cts';
import { byEmail, byMerchantId, FAST } from '../../../harness/reads.cts';
import { shop } from '../../../harness/shop.cts';

const CUSTOMERS = {
	1001: { email: 'ann@example.com', points: 1000 },
	1002: { email: 'bob@example.com', blocked: true },
	1003: { email: 'no.id@example.com', withoutMerchantId: true },
};

const { standIn, runOperation } = shop(CUSTOMERS);

/** How each type of transaction comes about. */
const HAPPENINGS = {
	activity: (merchantId: string, msAgo: number) =>
		standIn.actByHand(
			{ name: 'quiz', merchantId: '', customerId: merchantId, points: 10, state: 'approved' },
			msAgo,
		),
	adjustment: (merchantId: string, msAgo: number) =>
		standIn.addByHand({ merchantId, points: 5, reason: 'Hello' }, msAgo),
	claimed_reward: (merchantId: string, msAgo: number) =>
		standIn.claimByHand({ merchantId, rewardId: 7 }, msAgo),
	expiry: (merchantId: string, msAgo: number) => standIn.expireByHand(merchantId, 1, msAgo),
};
type Type = keyof typeof HAPPENINGS;
const TYPES = Object.keys(HAPPENINGS) as Type[];

beforeEach(fillShop);

function fillShop() {
	standIn.rewards = [{ id: 7, title: '1 off', pointCost: 1 }];
	standIn.rules = { quiz: { points: 10 } };
}

async function getAll(own: Json, items: Json[] = [{}]) {
	const outcome = await runOperation({
		items,
		onError: 'continueErrorOutput',
		timezone: 'Europe/Berlin',
		parameters: { resource: 'transaction', operation: 'getAll', ...own, options: FAST },
	});
	expect(standIn.breaches).toEqual([]);
	return outcome;
}

const ofOne = (customer: Json, own: Json = {}) => ({ scope: 'one', customer, ...own });

describe('of one and of all', () => {
	beforeEach(() => {
		for (const type of TYPES) HAPPENINGS[type]('1001', 0);
		HAPPENINGS.adjustment('1002', 0);
	});

	test('all are read, newest first, as LoyaltyLion gives them', async () => {
		const { succeeded } = await getAll({});

		expect(
			succeeded.map(({ resource, customer }) => [resource, (customer as Json).merchant_id]),
		).toEqual([
			['adjustment', '1002'],
			['expiry', '1001'],
			['claimed_reward', '1001'],
			['adjustment', '1001'],
			['activity', '1001'],
		]);
		expect(succeeded[0]).toMatchObject({ points_approved: 5, adjustment: { note: 'Hello' } });
	});

	test.each([byMerchantId('1002'), byEmail('bob@example.com')])(
		'one is read by $mode, be the customer blocked or not',
		async (customer) => {
			const { succeeded } = await getAll(ofOne(customer));

			expect(succeeded).toMatchObject([{ resource: 'adjustment', points_approved: 5 }]);
		},
	);

	test('Customer does not matter where all are read', async () => {
		const { succeeded } = await getAll({ scope: 'all', customer: byEmail('') });

		expect(succeeded).toHaveLength(5);
	});

	test.each([
		{ type: ['expiry'], found: ['expiry'] },
		{ type: 'activity', found: ['activity'] },
		{ type: ['activity', 'claimed_reward'], found: ['claimed_reward', 'activity'] },
		{ type: [], found: ['adjustment', 'expiry', 'claimed_reward', 'adjustment', 'activity'] },
	])('of the type $type', async ({ type, found }) => {
		const { succeeded } = await getAll({ filters: { type } });

		expect(succeeded.map(({ resource }) => resource)).toEqual(found);
	});
});

test.each([
	{ customer: byEmail('x@example.com'), code: 'customer_not_found' },
	{ customer: byMerchantId('4711'), code: 'customer_not_found' },
	{ customer: byEmail('no.id@example.com'), code: 'refused' },
	{ customer: byEmail('x'), code: 'invalid_input' },
	{ customer: byMerchantId('={{ "" }}'), code: 'invalid_input' },
])('$customer.mode $customer.value: $code', async ({ customer, code }) => {
	const { failed } = await getAll(ofOne(customer));

	expect(failed).toMatchObject([{ error: { code } }]);
});

test.each([
	{ own: { scope: 'some' }, message: 'Transactions Of can\'t be "some"' },
	{
		own: ofOne(byMerchantId('1001'), { scope: '={{ $json.x }}' }),
		message: 'Transactions Of comes to nothing',
	},
	{ own: { filters: { type: ['gift'] } }, message: 'Type can\'t be "gift"' },
	{ own: { filters: { type: '={{ $json.x }}' } }, message: 'Type comes to nothing' },
	{ own: { filters: { createdAfter: 'x' } }, message: 'Created After can\'t be "x"' },
	{
		own: { filters: { createdBefore: '={{ $json.x }}' } },
		message: 'Created Before comes to nothing',
	},
	{ own: { limit: 0, filters: { type: 1 } }, message: "Limit can't be 0; Type can't be 1" },
])('refuses $own before anything is asked', async ({ own, message }) => {
	const { failed } = await getAll(own);

	expect(failed).toMatchObject([
		{ error: { code: 'invalid_input', message: `${message} [item 0]`, merchantId: null } },
	]);
	expect(standIn.requests).toEqual([]);
});

test('the first time is included, the last one is not', async () => {
	const now = Date.parse('2026-11-24T12:00:00Z');
	standIn.clockAheadMs = now - Date.now();
	HAPPENINGS.adjustment('1001', 0);
	const [at = 0] = standIn.awardTimes();
	const time = new Date(at).toISOString();

	const from = await getAll({ filters: { createdAfter: time } });
	const before = await getAll({ filters: { createdBefore: time } });

	expect(from.succeeded).toHaveLength(1);
	expect(before.succeeded).toHaveLength(0);
	expect(standIn.requests[0]?.path).toContain(`created_at_min=2026-11-24T13%3A`);
	expect(standIn.requests[0]?.path).toContain('%2B01%3A00');
});

test('whatever is asked for, those transactions come out that happened, newest first', async () => {
	const HOUR_MS = 3_600_000;
	const sometimes = <Value,>(value: fc.Arbitrary<Value>) =>
		fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
	const hoursAgo = fc.integer({ min: 0, max: 20 });
	const given = fc.record({
		happenings: fc.array(
			fc.record({ type: fc.constantFrom(...TYPES), of: fc.constantFrom('1001', '1002'), hoursAgo }),
			{ maxLength: 20, size: 'max' },
		),
		of: sometimes(fc.constantFrom('1001', '1002')),
		types: sometimes(fc.subarray(TYPES, { minLength: 1 })),
		from: sometimes(hoursAgo),
		to: sometimes(hoursAgo),
		limit: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
	});
	const seen = { none: 0, some: 0, cut: 0, ofOne: 0 };

	await holdsFor(given, async ({ happenings, of, types, from, to, limit }) => {
		standIn.reset();
		fillShop();
		const ordered = happenings.sort((a, b) => b.hoursAgo - a.hoursAgo);
		for (const each of ordered) HAPPENINGS[each.type](each.of, each.hoursAgo * HOUR_MS);
		// Between two hours, so that it does not matter how long it all takes.
		const half = (hours: number) => new Date(Date.now() - (hours + 0.5) * HOUR_MS).toISOString();
		const expected = ordered
			.filter(
				(each) =>
					(of === undefined || each.of === of) &&
					(!types || types.includes(each.type)) &&
					(from === undefined || each.hoursAgo <= from) &&
					(to === undefined || each.hoursAgo > to),
			)
			.map(({ type }) => type)
			.reverse();

		const { succeeded, failed } = await getAll({
			...(of !== undefined && ofOne(byMerchantId(of))),
			...(limit === undefined ? { returnAll: true } : { limit }),
			filters: {
				...(types && { type: types }),
				...(from !== undefined && { createdAfter: half(from) }),
				...(to !== undefined && { createdBefore: half(to) }),
			},
		});
		seen.none += expected.length === 0 ? 1 : 0;
		seen.some += expected.length > 1 ? 1 : 0;
		seen.cut += expected.length > (limit ?? Infinity) ? 1 : 0;
		seen.ofOne += of !== undefined && expected.length > 0 ? 1 : 0;

		expect(failed).toEqual([]);
		expect(succeeded.map(({ resource }) => resource)).toEqual(expected.slice(0, limit));
		expect(standIn.breaches).toEqual([]);
	});
	expectSeen(seen);
});
