import type { IDataObject } from 'n8n-workflow';
import { shop } from '../../harness/shop.cts';

const { standIn, run } = shop();

const GOOD = { merchantId: '1001', points: 50, reason: 'hello' };

/** What each field refuses, and what it says of it. */
const REFUSED = [
	...refused('points', [
		['', 'Points is empty'],
		['   ', 'Points is empty'],
		[null, 'Points is empty'],
		[undefined, 'Points is empty'],
		[true, "Points can't be true"],
		[false, "Points can't be false"],
		['1,000', 'Points can\'t be "1,000"'],
		['1e3', 'Points can\'t be "1e3"'],
		['0x10', 'Points can\'t be "0x10"'],
		['12.5', 'Points can\'t be "12.5"'],
		['+5', 'Points can\'t be "+5"'],
		['-5', 'Points can\'t be "-5"'],
		['٥٠', 'Points can\'t be "٥٠"'],
		['Infinity', 'Points can\'t be "Infinity"'],
		['50 points', 'Points can\'t be "50 points"'],
		[{}, "Points can't be an object"],
		[[50], "Points can't be a list"],
		[0, "Points can't be 0"],
		[-1, "Points can't be -1"],
		[0.5, "Points can't be 0.5"],
		[1_000_001, "Points can't be 1000001"],
		['1000001', 'Points can\'t be "1000001"'],
		['9'.repeat(400), `Points can't be "${'9'.repeat(60)}…"`],
	]),
	...refused('merchantId', [
		['', 'Merchant ID is empty'],
		[' \t ', 'Merchant ID is empty'],
		[null, 'Merchant ID is empty'],
		['.', 'Merchant ID can\'t be "."'],
		['..', 'Merchant ID can\'t be ".."'],
		[' .. ', 'Merchant ID can\'t be ".."'],
		[{ id: 1 }, "Merchant ID can't be an object"],
		[[1001], "Merchant ID can't be a list"],
		[true, "Merchant ID can't be true"],
		[-1, "Merchant ID can't be -1"],
		[1.5, "Merchant ID can't be 1.5"],
		[2 ** 53, "Merchant ID can't be 9007199254740992"],
		['10\n01', 'Merchant ID can\'t be "10 01"'],
		['10\u000001', 'Merchant ID can\'t be "10 01"'],
		['10\ud80001', 'Merchant ID can\'t be "10 01"'],
		['1001\u200b5', 'Merchant ID can\'t be "1001 5"'],
		['1'.repeat(256), `Merchant ID can't be "${'1'.repeat(60)}…"`],
	]),
	...refused('reason', [
		[true, "Reason can't be true"],
		[{ text: 'hi' }, "Reason can't be an object"],
		[['hi'], "Reason can't be a list"],
	]),
];

function refused(field: string, rows: [value: unknown, message: string][]) {
	return rows.map(([value, message]) => ({ field, value, message }));
}

describe.each(REFUSED)('$field $value', ({ field, value, message }) => {
	const items = [GOOD, { ...GOOD, [field]: value }, GOOD];

	test('stops the run before anything is sent for it', async () => {
		const { error } = await run({ items, onError: 'stopWorkflow' });

		expect(error).toMatchObject({
			name: 'NodeOperationError',
			message: `${message} [item 1]`,
			description: expect.stringMatching(
				/must.* Nothing was sent to LoyaltyLion for (this item|customer 1001)\. Items that got their points: 1\. Not sent any more: 1\.$/,
			),
			context: { itemIndex: 1 },
		});
		expect(standIn.requests).toHaveLength(1);
	});

	test.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'fails that item alone with %s',
		async (onError) => {
			const { succeeded, failed } = await run({ items, onError });

			const out = [...succeeded, ...failed].sort((a, b) => Number(a.sees) - Number(b.sees));
			expect(out.map(({ sees }) => sees)).toEqual([0, 1, 2]);
			expect(out[1]).toMatchObject({
				error: {
					code: 'invalid_input',
					message: `${message} [item 1]`,
					httpCode: null,
					pointsMayHaveBeenAdded: false,
					merchantId: field === 'merchantId' ? null : '1001',
					points: field === 'points' ? null : 50,
				},
			});
			expect(failed).toHaveLength(onError === 'continueErrorOutput' ? 1 : 0);
			expect(standIn.ledger).toEqual([GOOD, GOOD]);
		},
	);
});

describe('what each field takes', () => {
	test.each([
		['points', '50', { points: 50 }],
		['points', ' 50 ', { points: 50 }],
		['points', '0050', { points: 50 }],
		['points', 1, { points: 1 }],
		['points', 1_000_000, { points: 1_000_000 }],
		['reason', '', { reason: null }],
		['reason', '  ', { reason: null }],
		['reason', null, { reason: null }],
		['reason', undefined, { reason: null }],
		['reason', 2024, { reason: '2024' }],
		['reason', 0, { reason: '0' }],
		['reason', 'Grüße 🦁 "<b>"\nline', { reason: 'Grüße 🦁 "<b>"\nline' }],
	])('%s %j', async (field, value, sent) => {
		const { succeeded } = await run({ items: [{ ...GOOD, [field]: value }] });

		expect(succeeded).toMatchObject([sent]);
		expect(standIn.ledger).toEqual([{ ...GOOD, ...sent }]);
		expect(standIn.breaches).toEqual([]);
	});

	test.each([
		[1001, '1001'],
		[0, '0'],
		[2 ** 53 - 1, '9007199254740991'],
		['007', '007'],
		[' 1001 ', '1001'],
		['1001\n', '1001'],
		['gid://shopify/Customer/1001', '1001'],
		['gid://shopify/Order/1001', 'gid://shopify/Order/1001'],
		['a/b?c=d#e', 'a/b?c=d#e'],
		['../../v2/x', '../../v2/x'],
		['%2e%2e', '%2e%2e'],
		['...', '...'],
		['Ünï çødé 🦁', 'Ünï çødé 🦁'],
	])('merchant ID %j, as one path segment', async (value, merchantId) => {
		standIn.misbehaveFor(merchantId, { kind: 'status', status: 201, body: '""', after: true });

		const { succeeded } = await run({ items: [{ ...GOOD, merchantId: value }] });

		expect(succeeded).toMatchObject([{ merchantId }]);
		expect(standIn.ledger).toEqual([{ ...GOOD, merchantId }]);
		expect(standIn.breaches).toEqual([]);
	});
});

describe('what cannot be worked out', () => {
	const cases: [string, IDataObject, RegExp][] = [
		[
			'an expression in Points',
			{ points: "={{ $('Nowhere').item.json.x }}" },
			/^Points could not be read \[/,
		],
		[
			'an expression in Customer',
			{ customer: { __rl: true, mode: 'merchantId', value: '={{ nope( }}' } },
			/^Customer could not be read \[/,
		],
		[
			'an expression in Reason',
			{ reason: "={{ $('Nowhere').item.json.x }}" },
			/^Reason could not be read \[/,
		],
		['a Timeout of zero', { options: { timeout: 0 } }, /^Timeout can't be 0 \[/],
		['a Timeout beyond five minutes', { options: { timeout: 301 } }, /^Timeout can't be 301 \[/],
		['a Timeout in words', { options: { timeout: 'soon' } }, /^Timeout can't be "soon" \[/],
		[
			'a Customer chosen in a way that this version does not know',
			{ customer: { __rl: true, mode: 'zodiac', value: 'lion' } },
			/^Customer is set in a way that this node does not know \[/,
		],
		[
			'a Customer that is no locator',
			{ customer: '={{ $json.merchantId }}' },
			/^Customer is set in a way that this node does not know \[/,
		],
		['NaN', { points: '={{ NaN }}' }, /^Points (can't be NaN|is empty) \[/],
		['infinity', { points: '={{ 1 / 0 }}' }, /^Points (can't be Infinity|is empty) \[/],
		[
			'an operation that is not there',
			{ operation: 'removeEverything' },
			/set to an operation that it does not have \[/,
		],
		[
			'a resource that is not there',
			{ resource: 'constructor' },
			/set to an operation that it does not have \[/,
		],
	];

	test.each(cases)('%s fails each item, and loses none', async (_what, parameters, message) => {
		const { failed, error } = await run({
			items: [GOOD, GOOD],
			parameters,
			onError: 'continueErrorOutput',
		});

		expect(error).toBeUndefined();
		const expected = { code: 'invalid_input', message: expect.stringMatching(message) };
		expect(failed).toMatchObject([
			{ ...GOOD, sees: 0, error: expected },
			{ ...GOOD, sees: 1, error: expected },
		]);
		expect(standIn.requests).toEqual([]);
	});

	test('every field at once is named at once', async () => {
		const { failed } = await run({
			items: [{ merchantId: '', points: '1,000', reason: {} }],
			onError: 'continueErrorOutput',
		});

		expect(failed).toMatchObject([
			{
				error: {
					message:
						'Merchant ID is empty; Points can\'t be "1,000"; Reason can\'t be an object [item 0]',
					merchantId: null,
					points: null,
				},
			},
		]);
	});
});
