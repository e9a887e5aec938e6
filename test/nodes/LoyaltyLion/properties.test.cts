import fc, { type Arbitrary } from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import type { Award } from '../../../dev/stand-in/StandIn.cts';
import { errorOf } from '../../harness/errorOf.cts';
import { holdsFor, NUM_RUNS } from '../../harness/holdsFor.cts';
import { impatient } from '../../harness/impatient.cts';
import { API_KEY, shop } from '../../harness/shop.cts';

const { standIn, credential, run } = shop();
impatient();

/** Anything that JSON, and so an n8n item, can hold; with a lean towards what looks right and is not. */
const anyValue: Arbitrary<IDataObject[string]> = fc.oneof(
	fc.jsonValue() as Arbitrary<IDataObject[string]>,
	fc.string({ unit: 'binary' }),
	fc.double(),
	fc.integer(),
	fc.constantFrom(
		'',
		' ',
		'.',
		'..',
		'50',
		' 50 ',
		'1,000',
		'1e3',
		'0x10',
		'12.5',
		'-1',
		'gid://shopify/Customer/1001',
		'1001',
	),
);

/** Often what a field should hold, so that items are awarded too, and else anything. */
function oftenGood<Good>(good: Good) {
	return fc.oneof({ weight: 3, arbitrary: fc.constant(good) }, { weight: 2, arbitrary: anyValue });
}

/** Every field of the node and of its credential; some may be missing. */
const anyItem = fc.record(
	{
		customer: fc.oneof(
			{
				weight: 4,
				arbitrary: fc.record({
					__rl: fc.constant(true),
					mode: fc.oneof(oftenGood('merchantId'), fc.constantFrom('list', 'email')),
					value: oftenGood('1001'),
				}),
			},
			{ weight: 1, arbitrary: anyValue },
		),
		points: oftenGood(50),
		reason: oftenGood('Thanks'),
		timeout: oftenGood(30),
		includeCustomer: oftenGood(false),
		apiKey: oftenGood(API_KEY),
	},
	{ requiredKeys: ['customer', 'points', 'apiKey'] },
);

const FROM_ITEM = {
	customer: '={{ $json.customer }}',
	points: '={{ $json.points }}',
	reason: '={{ $json.reason }}',
	options: { timeout: '={{ $json.timeout }}', includeCustomer: '={{ $json.includeCustomer }}' },
};

const onError = fc.constantFrom('continueRegularOutput' as const, 'continueErrorOutput' as const);

/** The API's own rule, which the stand-in enforces too: what must be true of everything that was awarded. */
function isValid({ merchantId, points, reason }: Award) {
	return (
		merchantId !== '' &&
		Number.isInteger(points) &&
		points >= 1 &&
		points <= 1_000_000 &&
		(reason === null || (typeof reason === 'string' && reason.trim() !== ''))
	);
}

test('whatever the items hold, nothing invalid is sent, and every item comes out exactly once', async () => {
	const accepting = { kind: 'status' as const, status: 201, body: '""', after: true };
	let awards = 0;
	const given = fc.record({
		items: fc.array(anyItem, { minLength: 1, maxLength: 8 }),
		mode: onError,
	});
	await holdsFor(given, async ({ items, mode }) => {
		standIn.reset();
		standIn.misbehaveForAll(accepting);

		const { succeeded, failed, error } = await run({
			items,
			onError: mode,
			parameters: FROM_ITEM,
			credential: { ...credential(), apiKey: '={{ $json.apiKey }}' },
		});
		awards += standIn.ledger.length;

		expect(error).toBeUndefined();
		const out = [...succeeded, ...failed];
		expect(out.map(({ sees }) => Number(sees)).sort((a, b) => a - b)).toEqual([...items.keys()]);
		for (const part of [succeeded, failed]) {
			expect(part.map(({ sees }) => sees)).toEqual(
				part.map(({ sees }) => sees).sort((a, b) => Number(a) - Number(b)),
			);
		}
		expect(standIn.breaches).toEqual([]);
		expect(standIn.ledger.filter((award) => !isValid(award))).toEqual([]);
		const awarded = succeeded
			.filter(({ success }) => success)
			.map(({ merchantId, points, reason }) => ({ merchantId, points, reason }));
		expect(awarded).toHaveLength(standIn.ledger.length);
		expect(awarded).toEqual(expect.arrayContaining(standIn.ledger));
	});
	expect(awards).toBeGreaterThan(NUM_RUNS / 10);
});

test('whatever LoyaltyLion answers, the item comes out once and the text is fit to show', async () => {
	const body = fc.oneof(
		fc.string({ unit: 'binary' }),
		fc.json(),
		fc.record({ error: fc.jsonValue() }).map((value) => JSON.stringify(value)),
		fc
			.record({ error: fc.record({ message: fc.jsonValue(), details: fc.jsonValue() }) })
			.map((value) => JSON.stringify(value)),
		fc
			.string({ unit: 'grapheme', minLength: 290, maxLength: 400 })
			.map((text) => JSON.stringify({ error: text })),
		fc
			.string({ minLength: 2000, maxLength: 3000 })
			.map((text) => JSON.stringify({ error: `<b>${text}` })),
	);
	const status = fc.constantFrom(200, 201, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503);
	await holdsFor(fc.record({ code: status, text: body }), async ({ code, text }) => {
		standIn.reset();
		const headers = { 'Retry-After': '0' };
		standIn.misbehaveForAll({ kind: 'status', status: code, body: text, headers });

		const { succeeded, failed } = await run({
			items: [{ merchantId: '1001', points: 5 }],
			onError: 'continueErrorOutput',
		});

		const isSuccess = code === 201 && ['', '""'].includes(text.trim());
		expect(succeeded).toHaveLength(isSuccess ? 1 : 0);
		expect(failed).toHaveLength(isSuccess ? 0 : 1);
		for (const item of failed) {
			const { message, description = '', details = {} } = errorOf(item);
			expect(message).toMatch(/\[item 0\]$/);
			expect(description.length).toBeLessThan(20_000);
			expect(`${message}${description}${JSON.stringify(details)}`).not.toMatch(
				/[\p{Cc}\p{Cs}]|<b>/u,
			);
		}
	});
});

test('whatever LoyaltyLion lists, nobody but who has the email is paid, and the search ends', async () => {
	const anyRow = fc.record({
		id: fc.nat(9),
		merchant_id: fc.oneof(fc.constantFrom('7', '8', 9), anyValue),
		email: fc.oneof(
			fc.constantFrom('ann@example.com', ' ANN@Example.com', 'joann@example.com'),
			anyValue,
		),
		enrolled: fc.boolean(),
		guest: fc.boolean(),
		blocked: fc.oneof(fc.constant(false), anyValue),
	});
	const anyList = fc.record({
		customers: fc.oneof(
			{ weight: 4, arbitrary: fc.array(anyRow, { maxLength: 3 }) },
			{ weight: 1, arbitrary: anyValue },
		),
		cursor: fc.oneof(fc.constant({ next: null }), fc.record({ next: anyValue }), anyValue),
		transactions: fc.array(fc.oneof(fc.record({ customer: anyRow }), anyValue), { maxLength: 2 }),
	});
	let awards = 0;
	await holdsFor(
		anyList,
		async (list) => {
			standIn.reset();
			for (const operation of ['listCustomers', 'listTransactions'] as const) {
				standIn.misbehaveAt(operation, { kind: 'status', status: 200, body: JSON.stringify(list) });
			}
			standIn.misbehaveForAll({ kind: 'status', status: 201, body: '""', after: true });

			const { succeeded, failed } = await run({
				items: [{}],
				parameters: {
					customer: { mode: 'email', value: 'ann@example.com' },
					points: 5,
					options: { includeCustomer: true },
				},
				onError: 'continueErrorOutput',
			});

			expect([...succeeded, ...failed]).toHaveLength(1);
			expect(standIn.requests.length).toBeLessThanOrEqual(101);
			expect(
				failed.filter(({ error }) => Reflect.get(Object(error), 'pointsMayHaveBeenAdded')),
			).toEqual([]);
			awards += standIn.ledger.length;
			const owners = Array.isArray(list.customers)
				? (list.customers as ({ email?: unknown; merchant_id?: unknown } | null)[])
						.filter((row) => /^\s*ann@example\.com\s*$/i.test(String(row?.email)))
						.map((row) => String(row?.merchant_id).trim().replace('gid://shopify/Customer/', ''))
				: [];
			for (const { merchantId } of standIn.ledger) expect(owners).toContain(merchantId);
		},
		MANY_RUNS,
	);
	expect(awards).toBeGreaterThan(0);
});

/** Few lists bring an award about. */
const MANY_RUNS = Math.max(150, NUM_RUNS);
