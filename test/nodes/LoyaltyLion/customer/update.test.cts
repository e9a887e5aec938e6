import fc, { type Arbitrary } from 'fast-check';
import type { IDataObject as Json } from 'n8n-workflow';
import { runAgent } from '../../../../dev/engine/agents.cts';
import { holdsFor } from '../../../harness/holdsFor.cts';
import { MODES, RETRY_ON_FAIL } from '../../../harness/modes.cts';
import { shop } from '../../../harness/shop.cts';

const IDS = Array.from({ length: 40 }, (_, index) => `${1001 + index}`);
const { standIn, runOperation, n8n, credential } = shop({
	...Object.fromEntries(IDS.map((id) => [id, { email: `c${id}@example.com` }])),
	'a/b ü?#%': {},
	'7001': { email: 'both@example.com', enrolled: false, guest: true },
	'7002': { email: 'both@example.com' },
	'7003': { email: 'twins@example.com' },
	'7004': { email: 'twins@example.com' },
	'7005': { email: 'blocked@example.com', blocked: true },
});

const OPTIONS = { requestsPerSecond: 0 };
const BY_ID = { __rl: true, mode: 'merchantId', value: '={{ $json.merchantId }}' };
const BY_EMAIL = { __rl: true, mode: 'email', value: '={{ $json.email }}' };
const UPDATE = { resource: 'customer', operation: 'update', customer: BY_ID, options: OPTIONS };

const both = { birthday: '={{ $json.birthday }}', blocked: '={{ $json.blocked }}' };

async function update(items: Json[], parameters: Json = {}, given = {}) {
	return await runOperation({
		items,
		parameters: { ...UPDATE, simplify: false, updateFields: both, ...parameters },
		onError: 'continueErrorOutput',
		...given,
	});
}

const GOOD = { merchantId: '1001', birthday: '1990-05-17', blocked: false };

describe('what is sent', () => {
	test.each([
		[{ birthday: '1990-05-17' }, { birthday: '1990-05-17' }],
		[{ birthday: '2000-02-29T23:30:00' }, { birthday: '2000-02-29' }],
		[
			{ birthday: '={{ $now.minus({ years: 30 }).toISODate() }}' },
			{ birthday: expect.any(String) },
		],
		[{ blocked: true }, { blocked: true }],
		[{ blocked: false }, { blocked: false }],
		[{ blocked: 'true' }, { blocked: true }],
		[
			{ birthday: '1990-05-17', blocked: true },
			{ birthday: '1990-05-17', blocked: true },
		],
	])('%j', async (updateFields, changes) => {
		const { succeeded, failed } = await update([GOOD], { updateFields });

		expect(failed).toEqual([]);
		expect(standIn.customerUpdates).toEqual([{ merchantId: '1001', ...changes }]);
		expect(succeeded).toMatchObject([{ merchant_id: '1001', ...changes }]);
		expect(standIn.breaches).toEqual([]);
	});

	test('goes to the customer whose ID has to be encoded', async () => {
		await update([{ ...GOOD, merchantId: 'a/b ü?#%' }]);

		expect(standIn.customerUpdates).toMatchObject([{ merchantId: 'a/b ü?#%' }]);
	});

	test('goes to a blocked customer, too, by email', async () => {
		const item = { ...GOOD, email: 'Blocked@example.com' };

		const { succeeded } = await update([item], { customer: BY_EMAIL });

		expect(succeeded).toMatchObject([{ merchant_id: '7005', blocked: false }]);
	});

	test('goes to the member where a guest has the same email', async () => {
		await update([{ ...GOOD, email: 'both@example.com' }], { customer: BY_EMAIL });

		expect(standIn.customerUpdates).toMatchObject([{ merchantId: '7002' }]);
	});

	test.each([
		['twins@example.com', 'customer_ambiguous'],
		['nobody@example.com', 'customer_not_found'],
	])('is nothing when it is not clear who is meant: %s', async (email, code) => {
		const { failed } = await update([{ ...GOOD, email }], { customer: BY_EMAIL });

		expect(failed).toMatchObject([
			{
				error: {
					code,
					email,
					customerMayHaveBeenUpdated: false,
					description: expect.stringMatching(/The customer was not updated\.$/),
				},
			},
		]);
		expect(standIn.count('updateCustomer')).toBe(0);
	});

	test('of two items for the same customer, the last one counts, whatever becomes of the first', async () => {
		standIn.misbehaveAt('updateCustomer', { kind: 'reset', times: 2 });

		await update([
			GOOD,
			{ ...GOOD, birthday: '1991-01-01' },
			GOOD,
			{ ...GOOD, birthday: '1992-02-02' },
		]);

		expect(standIn.customer('1001')).toMatchObject({ birthday: '1992-02-02' });
		expect(standIn.customerUpdates).toHaveLength(4);
	});
});

describe('bad input', () => {
	const must = (text: string): unknown => expect.stringContaining(text);
	const CASES: { item: Json; updateFields?: Json; message: string; description: unknown }[] = [
		{
			item: { birthday: 'tomorrow' },
			message: 'Birthday can\'t be "tomorrow"',
			description: must('Birthday must be a day that there is, e.g. 2026-11-24.'),
		},
		{
			item: { birthday: '1990-02-30' },
			message: 'Birthday can\'t be "1990-02-30"',
			description: must('must be a day'),
		},
		{
			item: { birthday: '17.05.1990' },
			message: 'Birthday can\'t be "17.05.1990"',
			description: must('must be a day'),
		},
		{
			item: { birthday: 19900517 },
			message: "Birthday can't be 19900517",
			description: must('must be a day'),
		},
		{
			item: { birthday: { day: 1 } },
			message: "Birthday can't be an object",
			description: must('must be a day'),
		},
		{
			item: { birthday: '2999-01-01' },
			message: 'Birthday can\'t be "2999-01-01"',
			description: must('Birthday must be a day that has been, e.g. 1990-05-17.'),
		},
		{
			item: { birthday: '' },
			message: 'Birthday comes to nothing',
			description: must('finds no value'),
		},
		{
			item: { birthday: null },
			message: 'Birthday comes to nothing',
			description: must('finds no value'),
		},
		{
			item: { blocked: 'maybe' },
			message: 'Blocked can\'t be "maybe"',
			description: must('Blocked must be true or false.'),
		},
		{ item: { blocked: 1 }, message: "Blocked can't be 1", description: must('true or false') },
		{
			item: { blocked: null },
			message: 'Blocked comes to nothing',
			description: must('finds no value'),
		},
		{
			item: { merchantId: '' },
			message: 'Merchant ID is empty',
			description: must("the customer's ID in your store"),
		},
		{
			item: {},
			updateFields: {},
			message: 'Fields to Update is empty',
			description: must('Add Birthday or Blocked to Fields to Update.'),
		},
		{
			item: { merchantId: '', birthday: 'x', blocked: 'y' },
			message: 'Merchant ID is empty; Birthday can\'t be "x"; Blocked can\'t be "y"',
			description: must('Nothing was sent to LoyaltyLion for this item.'),
		},
	];

	describe.each(CASES)('$message', ({ item, updateFields = both, message, description }) => {
		const items = [GOOD, { ...GOOD, ...item }];

		test.each(MODES)('%s', async (onError) => {
			const { succeeded, failed, error } = await update(items, { updateFields }, { onError });

			const itemIndex = onError === 'stopWorkflow' && updateFields !== both ? 0 : 1;
			const said = error ?? [...succeeded, ...failed].at(-1)?.error;
			expect(said).toMatchObject({ message: `${message} [item ${itemIndex}]`, description });
			expect(standIn.count('updateCustomer')).toBe(updateFields === both ? 1 : 0);
		});
	});
});

describe('a lost answer', () => {
	test.each([
		{ kind: 'reset' },
		{ kind: 'truncate', status: 200 },
		{ kind: 'status', status: 502 },
		{ kind: 'status', status: 200, body: '<html>' },
		{ kind: 'status', status: 200, body: '{"customer":null}' },
	] as const)('is asked for again: $kind $status $body', async (fault) => {
		standIn.misbehaveAt('updateCustomer', { ...fault, after: true, times: 2 });

		const { succeeded } = await update([GOOD]);

		expect(succeeded).toMatchObject([{ merchant_id: '1001', birthday: '1990-05-17' }]);
		expect(standIn.count('updateCustomer')).toBe(3);
	});

	test('that stays lost may have updated the customer, and is safe to send again', async () => {
		standIn.misbehaveAt('updateCustomer', { kind: 'reset', after: true });

		const { failed, hints } = await update([GOOD]);

		expect(failed).toMatchObject([
			{
				error: {
					code: 'outcome_unknown',
					message: 'Unclear whether customer 1001 was updated [item 0]',
					description: expect.stringMatching(/may have been updated\. It is safe to send/),
					customerMayHaveBeenUpdated: true,
				},
			},
		]);
		expect(hints).toMatchObject([{ message: expect.stringMatching(/safe to send the unclear/) }]);
		expect(standIn.count('updateCustomer')).toBe(3);
	});

	test.each([
		{ kind: 'status', status: 404, says: /no customer with the merchant ID 1001\.$/ },
		{ kind: 'status', status: 403, says: /may not update customers\.$/ },
	] as const)('stays unclear when it is refused then: $status', async ({ says, ...fault }) => {
		standIn.misbehaveAt('updateCustomer', { kind: 'reset', after: true, times: 1 }, fault);

		const { failed } = await update([GOOD]);

		expect(failed).toMatchObject([
			{
				error: {
					code: 'outcome_unknown',
					customerMayHaveBeenUpdated: true,
					description: expect.stringMatching(says),
				},
			},
		]);
		expect(standIn.count('updateCustomer')).toBe(2);
	});

	test('of ten in a row ends the sending', async () => {
		standIn.misbehaveAt('updateCustomer', { kind: 'status', status: 409 });
		// Of the first, 41 can be on their way before the tenth has become unclear.
		const items = [...IDS, ...IDS].map((merchantId) => ({ ...GOOD, merchantId }));

		const { failed } = await update(items);

		const codes = failed.map(({ error }) => Reflect.get(Object(error), 'code') as string);
		expect(codes.filter((code) => code === 'outcome_unknown').length).toBeGreaterThanOrEqual(10);
		expect(codes.at(-1)).toBe('not_sent');
	});
});

test.each([
	{ simplify: true, customer: { status: 'member', tier: null }, leavesOut: 'properties' },
	{ simplify: false, customer: { blocked: false, enrolled: true }, leavesOut: 'tier' },
])('what comes out, Simplify $simplify', async ({ simplify, customer, leavesOut }) => {
	const { succeeded } = await update([GOOD], { simplify });

	expect(succeeded).toMatchObject([{ id: 1, birthday: '1990-05-17', ...customer }]);
	expect(succeeded[0]).not.toHaveProperty(leavesOut);
});

test('two equal items are both done', async () => {
	const { succeeded } = await update([GOOD, GOOD]);

	expect(succeeded.map(({ sees }) => sees)).toEqual([0, 1]);
	expect(standIn.customerUpdates).toHaveLength(2);
});

test('Retry On Fail sends again what is unclear', async () => {
	standIn.misbehaveAt('updateCustomer', { kind: 'reset', times: 3 });

	const { succeeded } = await update([GOOD], {}, { settings: RETRY_ON_FAIL });

	expect(succeeded).toMatchObject([{ merchant_id: '1001', birthday: '1990-05-17' }]);
});

test('an agent blocks a customer', async () => {
	const answers = await runAgent(n8n(), {
		by: 'test.requestingAgent',
		plan: { fetches: [[{ Customer: '1002', Blocked: true }]] },
		fields: {
			...UPDATE,
			customer: { ...BY_ID, value: "={{ $fromAI('Customer', '', 'string') }}" },
			updateFields: { blocked: "={{ $fromAI('Blocked', '', 'boolean') }}" },
		},
		credential: credential(),
	});

	expect(answers).toMatchObject([{ merchant_id: '1002', status: 'blocked' }]);
	expect(standIn.customerUpdates).toEqual([{ merchantId: '1002', blocked: true }]);
});

const anyValue = fc.oneof(
	fc.jsonValue(),
	fc.string({ unit: 'binary' }),
	fc.constantFrom('', ' ', '1990-13-01', '1990-05-17T10:00', 'true', '0000-00-00'),
) as Arbitrary<Json[string]>;

function oftenGood<Good>(good: Arbitrary<Good>) {
	return fc.oneof({ weight: 3, arbitrary: good }, { weight: 1, arbitrary: anyValue });
}

test('whatever the items hold, it is refused before a request, or sent as it was asked for', async () => {
	const day = fc
		.date({ min: new Date('1900-01-01'), max: new Date('2025-01-01'), noInvalidDate: true })
		.map((date) => date.toISOString().slice(0, 10));
	const item = fc.record({
		merchantId: oftenGood(fc.constantFrom('1001', '1002')),
		birthday: oftenGood(day),
		blocked: oftenGood(fc.boolean()),
	});
	let sent = 0;
	await holdsFor(fc.array(item, { minLength: 1, maxLength: 6 }), async (items) => {
		standIn.reset();

		const { succeeded, failed } = await update(items as Json[]);

		const out = [...succeeded, ...failed].map(({ sees }) => Number(sees));
		expect(out.sort((a, b) => a - b)).toEqual([...items.keys()]);
		expect(standIn.breaches).toEqual([]);
		const done = succeeded.map(({ sees }) => items[Number(sees)]);
		sent += done.length;
		const asked = done.map(({ merchantId, birthday, blocked } = {} as never) => ({
			merchantId: textOf(merchantId),
			birthday: textOf(birthday).slice(0, 10),
			blocked: textOf(blocked) === 'true',
		}));
		expect(standIn.customerUpdates).toHaveLength(asked.length);
		expect(standIn.customerUpdates).toEqual(expect.arrayContaining(asked));
		for (const { error } of failed) {
			expect(error).toMatchObject({ customerMayHaveBeenUpdated: false });
		}
	});
	expect(sent).toBeGreaterThan(10);
});

/** As the node reads a text. */
function textOf(value: unknown) {
	return String(value).trim();
}
