import type { Fault } from '../../../dev/stand-in/faults.cts';
import { impatient, TRIES } from '../../harness/impatient.cts';
import { credentialForEachTest } from '../../harness/newCredential.cts';
import { API_KEY, READ_ONLY_KEY, shop, SITE } from '../../harness/shop.cts';

const { standIn, run: runWith } = shop();

/** What LoyaltyLion refuses in one test slows down no other. */
const credential = credentialForEachTest(standIn);
const run: typeof runWith = (given) => runWith({ credential: credential(), ...given });
impatient();

/** What LoyaltyLion answers for customer 1002, and what becomes of the item. */
interface Row {
	answer: string;
	fault: Fault;
	code: string;
	httpCode: string | null;
	message: RegExp;
	description: RegExp;
	details?: Record<string, string>;
}

const REFUSALS: Row[] = [
	{
		answer: '400 with details',
		fault: {
			kind: 'status',
			status: 400,
			body: '{"error":{"message":"Invalid request","details":{"points":"is too large","reason":"is rude"}}}',
		},
		code: 'rejected_by_api',
		httpCode: '400',
		message: /did not accept the values for customer 1002/,
		description:
			/LoyaltyLion says: Invalid request\. points: is too large\. reason: is rude\. No points were added/,
		details: { points: 'is too large', reason: 'is rude' },
	},
	{
		answer: '401',
		fault: {
			kind: 'status',
			status: 401,
			body: '{"error":{"message":"Authentication is required"}}',
		},
		code: 'not_authenticated',
		httpCode: '401',
		message: /does not accept the API key/,
		description:
			/No points were added for customer 1002\. .*disabled or deleted\. .*Manage > API keys/,
	},
	{
		answer: '403',
		fault: { kind: 'status', status: 403, body: '{"error":{"message":"Forbidden"}}' },
		code: 'not_permitted',
		httpCode: '403',
		message: /The API key may not add points/,
		description: /write_customers scope.*Manage > API keys/,
	},
	{
		answer: '404',
		fault: { kind: 'status', status: 404, body: '{"error":"Customer not found"}' },
		code: 'customer_not_found',
		httpCode: '404',
		message: /no customer with the merchant ID 1002/,
		description: /No points were added.*ID in your store.*not LoyaltyLion's own ID/,
	},
	{
		answer: '422 with a text',
		fault: { kind: 'status', status: 422, body: '{"error":"Customer is blocked"}' },
		code: 'refused',
		httpCode: '422',
		message: /refused to add 20 points for customer 1002/,
		description: /LoyaltyLion says: Customer is blocked\. No points were added/,
	},
	{
		answer: '422 with an object',
		fault: { kind: 'status', status: 422, body: '{"error":{"code":"x","message":"Not enrolled"}}' },
		code: 'refused',
		httpCode: '422',
		message: /refused/,
		description: /LoyaltyLion says: Not enrolled\./,
	},
	{
		answer: '429',
		fault: {
			kind: 'status',
			status: 429,
			body: 'slow down',
			contentType: 'text/plain',
			headers: { 'Retry-After': '0' },
		},
		code: 'rate_limited',
		httpCode: '429',
		message: /took no more requests, as there were too many/,
		description: /No points were added for customer 1002/,
	},
];

const UNCLEAR: Row[] = [
	...[500, 502, 503, 504].map((status) => ({
		answer: String(status),
		fault: {
			kind: 'status',
			status,
			body: '<h1>Out of order</h1>',
			contentType: 'text/html',
		} as const,
		code: 'outcome_unknown',
		httpCode: String(status),
		message: /Unclear whether customer 1002 got 20 points/,
		description: new RegExp(
			`out of order \\(HTTP ${status}\\)\\. The points may have been added\\. Look at`,
		),
	})),
	...[200, 202, 204, 409, 418].map((status) => ({
		answer: `${status}, which is not in the contract`,
		fault: { kind: 'status', status, body: '' } as const,
		code: 'outcome_unknown',
		httpCode: String(status),
		message: /Unclear whether/,
		description: new RegExp(`HTTP ${status}.*The points may have been added`),
	})),
	{
		answer: '201 with a page of HTML',
		fault: { kind: 'status', status: 201, body: '<html>Welcome</html>', contentType: 'text/html' },
		code: 'outcome_unknown',
		httpCode: '201',
		message: /Unclear whether/,
		description: /The points may have been added/,
	},
	{
		answer: '201 that breaks off',
		fault: { kind: 'truncate', body: '"' },
		code: 'outcome_unknown',
		httpCode: '201',
		message: /Unclear whether/,
		description: /broke off, or did not end in time \(HTTP 201\)\. The points may have been added/,
	},
	{
		answer: 'a reset connection',
		fault: { kind: 'reset' },
		code: 'outcome_unknown',
		httpCode: null,
		message: /Unclear whether/,
		description: /broke off before an answer came\. The points may have been added/,
	},
	{
		answer: 'nothing in time',
		fault: { kind: 'silence' },
		code: 'outcome_unknown',
		httpCode: null,
		message: /Unclear whether/,
		description: /did not answer in time \(1 s\)\. The points may have been added/,
	},
	{
		answer: 'a body that never ends',
		fault: { kind: 'drip' },
		code: 'outcome_unknown',
		httpCode: '201',
		message: /Unclear whether/,
		description: /broke off, or did not end in time \(HTTP 201\)\. The points may have been added/,
	},
	{
		answer: 'a redirect',
		fault: { kind: 'redirect', status: 307, location: '/v2/customers/1003/points' },
		code: 'outcome_unknown',
		httpCode: '307',
		message: /Unclear whether/,
		description: /pointed to another address.*Base URL/,
	},
	{
		answer: '500 with a huge body',
		fault: { kind: 'huge' },
		code: 'outcome_unknown',
		httpCode: '500',
		message: /Unclear whether/,
		description: /HTTP 500/,
	},
];

/** The second of three items meets the answer; the options keep the silent ones short. */
const GIVEN = {
	items: [
		{ merchantId: '1001', points: 10, reason: 'first' },
		{ merchantId: '1002', points: 20, reason: 'second' },
		{ merchantId: '1003', points: 30, reason: 'third' },
	],
	parameters: { options: { timeout: '={{ $json.merchantId === "1002" ? 1 : 60 }}' } },
};
const FIRST = {
	success: true,
	merchantId: '1001',
	points: 10,
	reason: 'first',
	confirmedBy: 'response',
	sees: 0,
};
const THIRD = {
	success: true,
	merchantId: '1003',
	points: 30,
	reason: 'third',
	confirmedBy: 'response',
	sees: 2,
};

function errorOf({ code, httpCode, message, description, details }: Row) {
	return {
		message: expect.stringMatching(new RegExp(`${message.source}.*\\[item 1\\]$`)),
		description: expect.stringMatching(description),
		code,
		httpCode,
		pointsMayHaveBeenAdded: code === 'outcome_unknown',
		merchantId: '1002',
		points: 20,
		...(details && { details }),
	};
}

/** Only what LoyaltyLion has certainly not taken is sent again. */
function triesOf({ code }: Row) {
	return code === 'rate_limited' ? TRIES : 1;
}

describe.each([...REFUSALS, ...UNCLEAR])('LoyaltyLion answers $answer', (row) => {
	beforeEach(() => standIn.misbehaveFor('1002', row.fault));

	test('Stop Workflow: the run stops there and says why and how far it came', async () => {
		const { error, succeeded } = await run({ ...GIVEN, onError: 'stopWorkflow' });

		expect(error).toMatchObject({
			name: row.httpCode ? 'NodeApiError' : 'NodeOperationError',
			message: expect.stringMatching(row.message),
			context: { itemIndex: 1 },
		});
		expect(error?.message).toMatch(/[^\]] \[item 1\]$/);
		expect(error?.description).toMatch(row.description);
		expect(error?.description).toMatch(
			/Items that got their points: 2\.( Unclear: item 1\.)? Not sent any more: 0\.$/,
		);
		expect(error).toMatchObject(row.httpCode ? { httpCode: row.httpCode } : {});
		expect(succeeded).toEqual([]);
		expect(standIn.balances()).toEqual({ 1001: 10, 1003: 30 });
	});

	test('Continue: every item comes out of the one output, in input order', async () => {
		const { succeeded, failed } = await run({ ...GIVEN, onError: 'continueRegularOutput' });

		const report = { success: false, merchantId: '1002', points: 20, reason: 'second' };
		expect(succeeded).toEqual([FIRST, { ...report, error: errorOf(row), sees: 1 }, THIRD]);
		expect(failed).toEqual([]);
		expect(standIn.requests).toHaveLength(2 + triesOf(row));
	});

	test('Continue (using error output): the item leaves there with its input fields', async () => {
		const { succeeded, failed, hints } = await run({ ...GIVEN, onError: 'continueErrorOutput' });

		expect(succeeded).toEqual([FIRST, THIRD]);
		expect(failed).toEqual([{ ...GIVEN.items[1], row: 1, error: errorOf(row), sees: 1 }]);
		expect(hints).toEqual([
			{
				type: 'warning',
				location: 'outputPane',
				message: expect.stringMatching(
					row.code === 'outcome_unknown'
						? /^2 of 3 items got their points, for 1 it is unclear\. Most common reason: no clear answer from LoyaltyLion \(1 item\)\. Look at/
						: /^2 of 3 items got their points, 1 did not\. Most common reason: .* \(1 item\)\.$/,
				),
			},
		]);
		expect(standIn.requests).toHaveLength(2 + triesOf(row));
		expect(standIn.breaches).toEqual([]);
	});
});

describe('an add whose answer is lost', () => {
	test.each(UNCLEAR)('after it took effect: $answer', async ({ fault }) => {
		standIn.misbehaveFor('1002', { ...fault, after: true });

		const { failed } = await run({ ...GIVEN, onError: 'continueErrorOutput' });

		expect(failed).toMatchObject([{ error: { pointsMayHaveBeenAdded: true } }]);
		expect(standIn.balances()).toEqual({ 1001: 10, 1002: 20, 1003: 30 });
	});
});

describe('a success', () => {
	test.each([
		{ body: '""', wire: 'an empty JSON string' },
		{ body: '', wire: 'nothing at all' },
		{ body: '\r\n', wire: 'a line break' },
	])('may come as 201 with $wire', async ({ body }) => {
		standIn.misbehaveFor('1002', { kind: 'status', status: 201, body, after: true });

		const { succeeded, failed, hints } = await run({ ...GIVEN, onError: 'continueErrorOutput' });

		expect(succeeded).toEqual([
			FIRST,
			{
				success: true,
				merchantId: '1002',
				points: 20,
				reason: 'second',
				confirmedBy: 'response',
				sees: 1,
			},
			THIRD,
		]);
		expect(failed).toEqual([]);
		expect(hints).toEqual([]);
	});

	test('of every item leaves one output item each, linked to its input', async () => {
		const { output, error } = await run(GIVEN);

		expect(error).toBeUndefined();
		expect(output[0]?.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
		expect(standIn.ledger).toHaveLength(GIVEN.items.length);
		expect(standIn.ledger).toEqual(expect.arrayContaining(GIVEN.items));
	});

	test('without a reason sends none, and says so with null', async () => {
		const { succeeded } = await run({ items: [{ merchantId: '1001', points: 1, reason: '' }] });

		expect(succeeded).toEqual([
			{
				success: true,
				merchantId: '1001',
				points: 1,
				reason: null,
				confirmedBy: 'response',
				sees: 0,
			},
		]);
		expect(standIn.ledger).toEqual([{ merchantId: '1001', points: 1, reason: null }]);
	});
});

describe('what LoyaltyLion itself checks', () => {
	test.each([
		{
			what: 'a key that it does not know',
			fields: { apiKey: 'pat_unknown' },
			code: 'not_authenticated',
		},
		{
			what: 'a key without write_customers',
			fields: { apiKey: READ_ONLY_KEY },
			code: 'not_permitted',
		},
		{
			what: 'a wrong site secret',
			fields: { authentication: 'siteToken', ...SITE, siteSecret: 'guess' },
			code: 'not_authenticated',
		},
	])('$what', async ({ fields, code }) => {
		const { failed } = await run({
			...GIVEN,
			onError: 'continueErrorOutput',
			credential: { ...credential(), ...fields },
		});

		expect(failed).toMatchObject([{ error: { code } }, { error: { code } }, { error: { code } }]);
		expect(standIn.ledger).toEqual([]);
	});

	test.each([
		{ what: 'an API key', fields: { apiKey: API_KEY } },
		{
			what: 'an API key pasted with Bearer and blanks',
			fields: { apiKey: ` Bearer  ${API_KEY}\n` },
		},
		{ what: 'a site token and secret', fields: { authentication: 'siteToken', ...SITE } },
		{
			what: 'a site token and secret with blanks',
			fields: {
				authentication: 'siteToken',
				siteToken: ` ${SITE.siteToken}`,
				siteSecret: `${SITE.siteSecret} `,
			},
		},
	])('lets in $what', async ({ fields }) => {
		const { succeeded } = await run({ ...GIVEN, credential: { ...fields, baseUrl: standIn.url } });

		expect(succeeded).toHaveLength(3);
	});

	test('a blocked customer', async () => {
		const { failed } = await run({
			items: [{ merchantId: '1666', points: 5 }],
			onError: 'continueErrorOutput',
		});

		expect(failed).toMatchObject([{ error: { code: 'refused' } }]);
	});
});
