import type { IDataObject as Json } from 'n8n-workflow';
import type { Fault } from '../../../../dev/stand-in/faults.cts';
import { errorOf } from '../../../harness/errorOf.cts';
import { impatient, TRIES } from '../../../harness/impatient.cts';
import { credentialForEachTest } from '../../../harness/newCredential.cts';
import { fill, FAST, READS, SHOPPERS } from '../../../harness/reads.cts';
import { READ_ONLY_KEY, shop, SITE } from '../../../harness/shop.cts';

const { standIn, runOperation } = shop(SHOPPERS);
const credential = credentialForEachTest(standIn);
impatient();
beforeEach(() => fill(standIn));

const NO_SCOPE_KEY = 'pat_00000000000000000000000000000000';
standIn.accounts.apiKeys[NO_SCOPE_KEY] = [];

const MODES = ['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const;

/** What an answer makes of the item, whichever operation it comes to. */
const REFUSALS: {
	answer: Fault;
	code: string;
	/** If it is not that of the answer. */
	httpCode?: null;
	says: RegExp;
	tries: number;
}[] = [
	{
		answer: {
			kind: 'status',
			status: 400,
			body: '{"error":{"message":"Invalid request","details":{"limit":"is too large"}}}',
		},
		code: 'rejected_by_api',
		says: /LoyaltyLion says: Invalid request\./,
		tries: 1,
	},
	{
		answer: { kind: 'status', status: 401, body: '{"error":{"message":"No"}}' },
		code: 'not_authenticated',
		says: /LoyaltyLion says: No\. .*Manage > API keys/,
		tries: 1,
	},
	{
		answer: { kind: 'status', status: 403, body: '{"error":{"message":"Forbidden"}}' },
		code: 'not_permitted',
		says: /It needs the read_customers scope\..* write_customers .*Manage > API keys/,
		tries: 1,
	},
	{
		answer: { kind: 'status', status: 422, body: '{"error":"Never"}' },
		code: 'lookup_failed',
		says: /LoyaltyLion says: Never\. .*\(HTTP 422\)/,
		tries: 1,
	},
	{
		answer: { kind: 'status', status: 429, headers: { 'Retry-After': '0' } },
		code: 'rate_limited',
		says: /send the item again a little later/,
		tries: TRIES,
	},
	{
		answer: { kind: 'status', status: 503, body: '<html>Busy</html>' },
		code: 'lookup_failed',
		says: /\(HTTP 503\)\. Try again a little later\.$/,
		tries: 3,
	},
	{
		answer: { kind: 'status', status: 200, body: '<html>Hello</html>' },
		code: 'lookup_failed',
		says: /^The answer was not a list of \w+ \(HTTP 200\)\. Try again/,
		tries: 3,
	},
	{
		answer: { kind: 'status', status: 200, body: '{}' },
		code: 'lookup_failed',
		httpCode: null,
		says: /^The answer was not a whole list of \w+\. Try again/,
		tries: 1,
	},
];

describe.each(READS)('$what', ({ parameters, asks, path, subject, ifNotFound, key }) => {
	const run = async (given: { items?: Json[]; onError?: (typeof MODES)[number] } = {}) => {
		const outcome = await runOperation({
			items: [{}],
			onError: 'continueErrorOutput',
			credential: credential(),
			...given,
			parameters: { ...parameters, options: FAST },
		});
		expect(standIn.breaches).toEqual([]);
		return outcome;
	};
	const asked = () => standIn.requests.filter((request) => request.path.split('?')[0] === path);

	test('gives what there is', async () => {
		const { succeeded, failed, hints } = await run();

		expect(succeeded.length).toBeGreaterThan(0);
		expect(failed).toEqual([]);
		expect(hints).toEqual([]);
		expect(standIn.requests.every(({ method }) => method === 'GET')).toBe(true);
	});

	test.each(REFUSALS)('$answer.status $answer.body: $code', async ({ httpCode, ...row }) => {
		standIn.misbehaveAt(asks, row.answer);

		const { failed } = await run();

		expect(failed).toMatchObject([
			{
				error: {
					code: row.code,
					httpCode: httpCode === undefined ? String(row.answer.status) : httpCode,
					...subject,
				},
			},
		]);
		expect(errorOf(failed[0] ?? {}).description).toMatch(row.says);
		expect(asked()).toHaveLength(row.tries);
	});

	test.each([
		{ what: 'no list', rows: { 0: {} } },
		{ what: 'no list, but text', rows: 'none' },
	])('$what', async ({ rows }) => {
		const body = JSON.stringify({ [key]: rows, cursor: { prev: null, next: null } });
		standIn.misbehaveAt(asks, { kind: 'status', status: 200, body });

		expect((await run()).failed).toMatchObject([{ error: { code: 'lookup_failed' } }]);
	});

	test('404', async () => {
		standIn.misbehaveAt(asks, { kind: 'status', status: 404, body: '{"error":"Not found"}' });

		expect((await run()).failed).toMatchObject([
			{ error: { code: ifNotFound, httpCode: '404', ...subject } },
		]);
	});

	test.each<Fault>([
		{ kind: 'reset', times: 2 },
		{ kind: 'status', status: 502, times: 1 },
		{ kind: 'status', status: 429, headers: { 'Retry-After': '0' }, times: 2 },
		{ kind: 'truncate', status: 200, body: '{', times: 1 },
	])('asks again after $kind $status', async (fault) => {
		standIn.misbehaveAt(asks, fault);

		const { succeeded } = await run();

		expect(succeeded.length).toBeGreaterThan(0);
		expect(asked().length).toBeGreaterThan(fault.times ?? 0);
	});

	test('is not hidden from a key that may only read', async () => {
		const { succeeded } = await runOperation({
			items: [{}],
			parameters: { ...parameters, options: FAST },
			credential: { ...credential(), apiKey: READ_ONLY_KEY },
		});

		expect(succeeded.length).toBeGreaterThan(0);
	});

	test('is not for a key that may do neither', async () => {
		const { failed } = await runOperation({
			items: [{}],
			parameters: { ...parameters, options: FAST },
			onError: 'continueErrorOutput',
			credential: { ...credential(), apiKey: NO_SCOPE_KEY },
		});

		expect(failed).toMatchObject([
			{
				error: {
					code: 'not_permitted',
					message: expect.stringMatching(/^The API key may not read \w+ \[item 0\]$/),
				},
			},
		]);
	});

	describe('one of three items that cannot be used', () => {
		const items = [{}, { timeout: 'soon' }, {}];
		const error = {
			code: 'invalid_input',
			message: 'Timeout can\'t be "soon" [item 1]',
			httpCode: null,
			...subject,
		};

		test('stops the workflow', async () => {
			const outcome = await run({ items, onError: 'stopWorkflow' });

			expect(outcome.error).toMatchObject({
				name: 'NodeOperationError',
				message: error.message,
				description: expect.stringContaining('Nothing was sent to LoyaltyLion for this item.'),
				context: { itemIndex: 1 },
			});
			expect(outcome.output).toEqual([]);
			expect(outcome.error?.description).not.toContain('Do not send those again');
		});

		test('comes out beside the others', async () => {
			const { succeeded, hints } = await run({ items, onError: 'continueRegularOutput' });

			const rows = succeeded.map(({ sees }) => sees);
			expect([...new Set(rows)]).toEqual([0, 1, 2]);
			expect(succeeded.filter(({ sees }) => sees === 1)).toMatchObject([
				{ success: false, ...subject, error },
			]);
			expect(hints).toMatchObject([
				{
					message:
						'2 of 3 items were read, 1 failed. Most common reason: a field, or the Base URL, holds a value that cannot be used (1 item).',
				},
			]);
		});

		test('comes out of the error output', async () => {
			const { succeeded, failed } = await run({ items, onError: 'continueErrorOutput' });

			expect(new Set(succeeded.map(({ sees }) => sees))).toEqual(new Set([0, 2]));
			expect(failed).toMatchObject([{ sees: 1, error }]);
		});
	});

	test.each(MODES)('an answer that fails the item, with %s', async (onError) => {
		standIn.misbehaveAt(asks, { kind: 'status', status: 401 });

		const { error, succeeded, failed } = await run({ onError });

		expect(error?.name).toBe(onError === 'stopWorkflow' ? 'NodeApiError' : undefined);
		expect([...succeeded, ...failed]).toHaveLength(onError === 'stopWorkflow' ? 0 : 1);
	});
});

test('asks again when no answer comes in time', async () => {
	standIn.misbehaveAt('listCustomers', { kind: 'silence', times: 1 });

	const { succeeded } = await runOperation({
		// As long as an answer can take on a busy machine.
		items: [{ timeout: 5 }],
		parameters: { resource: 'customer', operation: 'getAll', options: FAST },
		credential: credential(),
	});

	expect(succeeded).toHaveLength(3);
	expect(standIn.count('listCustomers')).toBe(2);
});

test('the site token and secret read, too', async () => {
	const { succeeded } = await runOperation({
		items: [{}],
		parameters: { resource: 'customer', operation: 'getAll', options: FAST },
		credential: { authentication: 'siteToken', ...SITE, baseUrl: standIn.url },
	});

	expect(succeeded).toHaveLength(3);
});
