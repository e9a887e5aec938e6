import type { INodeListSearchResult } from 'n8n-workflow';
import { CustomerLookup } from '../../../nodes/LoyaltyLion/customers/CustomerLookup.ts';
import { RunTally } from '../../../nodes/LoyaltyLion/run/RunTally.ts';
import type { Client } from '../../../nodes/LoyaltyLion/transport/Client.ts';
import { calls } from '../../harness/calls.cts';
import { errorOf } from '../../harness/errorOf.cts';
import { impatient, TRIES } from '../../harness/impatient.cts';
import { API_KEY, READ_ONLY_KEY, shop, SITE } from '../../harness/shop.cts';

/** Newest last; LoyaltyLion lists them the other way round. */
const CUSTOMERS = {
	1: { email: 'anna@example.com', name: 'Anna' },
	2: { email: 'ann@example.com', name: 'Ann Lee' },
	3: { email: 'joann@example.com', name: 'Jo Ann' },
	4: { email: 'ann@example.com.au' },
	5: { email: 'Maria.Lopez@Example.com' },
	6: { email: 'twin@example.com' },
	7: { email: 'twin@example.com', enrolled: false, guest: true },
	8: { email: 'both@example.com' },
	9: { email: 'both@example.com' },
	10: { email: 'guests@example.com', enrolled: false, guest: true },
	11: { email: 'guests@example.com', enrolled: false, guest: true },
	12: { email: 'blocked@example.com', blocked: true },
	13: { email: 'half@example.com' },
	14: { email: 'half@example.com', enrolled: false, guest: true, blocked: true },
	15: { email: 'nobody@example.com', withoutMerchantId: true },
	16: { email: null, name: 'No Email' },
	17: { email: 'odd+tag%20&x=1@example.com' },
	18: { email: '"two words"@example.com' },
	19: { email: 'jürgen@bücher.example' },
	20: { email: 'lone.guest@example.com', enrolled: false, guest: true },
	21: { email: 'kelvin@example.com' },
};

const { standIn, credential, n8n, run } = shop(CUSTOMERS);
impatient();

afterEach(() => Object.assign(standIn, { customers: CUSTOMERS }));
afterEach(() => jest.restoreAllMocks());

const BY_EMAIL = { customer: { __rl: true, mode: 'email', value: '={{ $json.email }}' } };

async function award(email: string) {
	const { succeeded, failed } = await run({
		items: [{ email, points: 5 }],
		parameters: BY_EMAIL,
		onError: 'continueErrorOutput',
	});
	expect(standIn.breaches).toEqual([]);
	return succeeded[0] ?? failed[0];
}

const lookups = () => standIn.requests.filter(({ method }) => method === 'GET');

describe('By Email', () => {
	test.each([
		['ann@example.com', '2'],
		[' ann@example.com ', '2'],
		['ANN@Example.COM', '2'],
		['twin@example.com', '6'],
		['lone.guest@example.com', '20'],
		['odd+tag%20&x=1@example.com', '17'],
		['"two words"@example.com', '18'],
		['jürgen@bücher.example', '19'],
		['JÜRGEN@BÜCHER.example', '19'],
	])('%s is the customer %s', async (email, merchantId) => {
		expect(await award(email)).toMatchObject({
			success: true,
			email: email.trim(),
			merchantId,
			points: 5,
		});
		expect(standIn.balances()).toEqual({ [merchantId]: 5 });
	});

	test.each([
		{
			email: 'nn@example.com',
			code: 'customer_not_found',
			says: 'No LoyaltyLion customer has the email nn@example.com',
		},
		{
			email: 'example@example.com',
			code: 'customer_not_found',
			says: 'No LoyaltyLion customer has the email example@example.com',
		},
		{
			email: '\u212Aelvin@example.com',
			code: 'customer_not_found',
			says: 'No LoyaltyLion customer has the email \u212Aelvin@example.com',
		},
		{
			email: 'both@example.com',
			code: 'customer_ambiguous',
			says: 'Several LoyaltyLion customers have the email both@example.com',
		},
		{
			email: 'guests@example.com',
			code: 'customer_ambiguous',
			says: 'Several LoyaltyLion customers have the email guests@example.com',
		},
		{
			email: 'half@example.com',
			code: 'customer_ambiguous',
			says: 'Several LoyaltyLion customers have the email half@example.com',
		},
		{
			email: 'blocked@example.com',
			code: 'refused',
			says: 'The customer with the email blocked@example.com is blocked in LoyaltyLion',
		},
		{
			email: 'nobody@example.com',
			code: 'refused',
			says: 'The customer with the email nobody@example.com has no merchant ID in LoyaltyLion that points could be added to',
		},
	])('$email is refused: $code', async ({ email, code, says }) => {
		const item = await award(email);

		expect(item).toMatchObject({
			error: {
				code,
				message: `${says} [item 0]`,
				email,
				merchantId: null,
				points: 5,
				pointsMayHaveBeenAdded: false,
			},
		});
		expect(standIn.ledger).toEqual([]);
	});

	test('finds an email that is kept in capitals, if the filter does not mind the case', async () => {
		standIn.filterIgnoresCase = true;

		expect(await award('maria.lopez@example.com')).toMatchObject({
			success: true,
			merchantId: '5',
		});
	});

	test('names the merchant IDs to choose from, and nobody else', async () => {
		expect(await award('both@example.com')).toMatchObject({
			error: {
				description: expect.stringContaining(
					'They are: merchant ID 9 (member), merchant ID 8 (member). Choose one',
				),
			},
		});
		expect(JSON.stringify(await award('nn@example.com'))).not.toMatch(/(ann|anna|joann)@/);
	});

	test.each([
		'',
		'  ',
		'ann',
		'ann@',
		'@example.com',
		'ann@example',
		'a@b@c.',
		'ann@exa mple.com',
		'ann@example.com, bob@example.com',
		'a@b.com;c@d.com',
		'Ann Lee <ann@example.com>',
		'mailto:ann@example.com',
		'ann lee@example.com',
		'ann@example..com',
		'a@@b.c',
		'ann@example.com\u200b',
		'a\n@example.com',
		5,
		true,
		{},
		['ann@example.com'],
		null,
	])('%j is refused before anything is asked', async (email) => {
		const { failed } = await run({
			items: [{ email, points: 5 }],
			parameters: BY_EMAIL,
			onError: 'continueErrorOutput',
		});

		expect(failed).toMatchObject([
			{
				error: {
					code: 'invalid_input',
					message: expect.stringMatching(/^Email (is empty|can't be)/),
					merchantId: null,
				},
			},
		]);
		expect(standIn.requests).toEqual([]);
	});

	test('asks for each email once, however many items carry it', async () => {
		const emails = [
			'ann@example.com',
			'ANNA@example.com',
			'joann@example.com',
			'Ann@Example.com',
			'anna@example.com ',
		];
		const items = Array.from({ length: 50 }, (_, index) => ({
			email: emails[index % 5],
			points: 1,
		}));

		const { succeeded } = await run({ items, parameters: BY_EMAIL });

		expect(succeeded).toHaveLength(50);
		expect(lookups()).toHaveLength(3);
		expect(standIn.requests).toHaveLength(53);
		expect(standIn.balances()).toEqual({ 1: 20, 2: 20, 3: 10 });
	});

	test('looks on every page for those who share an email', async () => {
		const many = Object.fromEntries(
			Array.from({ length: 1203 }, (_, index) => [
				`m${index}`,
				{ email: `${index === 0 || index === 1202 ? '' : `x${index}`}far@example.com` },
			]),
		);
		Object.assign(standIn, { customers: many });

		expect(await award('far@example.com')).toMatchObject({ error: { code: 'customer_ambiguous' } });
		expect(lookups()).toHaveLength(3);
	});

	test.each([
		{ kind: 'reset' as const, times: 1 },
		{ kind: 'status' as const, status: 503, times: 2 },
		{ kind: 'truncate' as const, status: 200, body: '{', times: 1 },
		{ kind: 'silence' as const, times: 1 },
	])('asks again after $kind $status', async (fault) => {
		standIn.misbehaveAt('listCustomers', fault);

		const { succeeded } = await run({
			items: [{ email: 'ann@example.com', points: 5 }],
			parameters: { ...BY_EMAIL, options: { timeout: 1 } },
		});

		expect(succeeded).toMatchObject([{ merchantId: '2' }]);
		expect(lookups()).toHaveLength(fault.times + 1);
	});

	test.each([
		{ answer: { status: 500 }, code: 'lookup_failed', tries: 3 },
		{ answer: { status: 200, body: '<html>' }, code: 'lookup_failed', tries: 3 },
		{
			answer: { status: 400, body: '{"error":{"message":"No"}}' },
			code: 'rejected_by_api',
			tries: 1,
		},
		{
			answer: { status: 401, body: '{"error":{"message":"No"}}' },
			code: 'not_authenticated',
			tries: 1,
		},
		{
			answer: { status: 403, body: '{"error":{"message":"No"}}' },
			code: 'not_permitted',
			tries: 1,
		},
		{
			answer: { status: 429, headers: { 'Retry-After': '0' } },
			code: 'rate_limited',
			tries: TRIES,
		},
	])('gives up at $answer', async ({ answer, code, tries }) => {
		standIn.misbehaveAt('listCustomers', { kind: 'status', ...answer });

		expect(await award('ann@example.com')).toMatchObject({
			error: {
				code,
				httpCode: String(answer.status),
				pointsMayHaveBeenAdded: false,
				email: 'ann@example.com',
				merchantId: null,
			},
		});
		expect(lookups()).toHaveLength(tries);
		expect(standIn.ledger).toEqual([]);
	});

	test('does not remember that asking failed', async () => {
		standIn.misbehaveAt('listCustomers', { kind: 'status', status: 403, times: 1 });
		const sharing = Array.from({ length: 32 }, () => ({ email: 'ann@example.com', points: 5 }));

		const { succeeded, failed } = await run({
			items: [...sharing, { email: 'ann@example.com', points: 6 }],
			parameters: BY_EMAIL,
			onError: 'continueErrorOutput',
		});

		expect(failed.map((item) => errorOf(item).code)).toEqual(sharing.map(() => 'not_permitted'));
		expect(succeeded).toMatchObject([{ points: 6 }]);
	});

	test('on a retry, asks only for those who have no points yet', async () => {
		standIn.misbehaveFor('3', { kind: 'status', status: 422, times: 1 });

		const { succeeded } = await run({
			items: [
				{ email: 'ann@example.com', points: 5 },
				{ email: 'joann@example.com', points: 6 },
			],
			parameters: BY_EMAIL,
			settings: { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 },
		});

		expect(succeeded).toMatchObject([
			{ email: 'ann@example.com', merchantId: '2' },
			{ email: 'joann@example.com', merchantId: '3' },
		]);
		expect(standIn.balances()).toEqual({ 2: 5, 3: 6 });
		expect(lookups()).toHaveLength(3);
	});
});

describe('an answer that is no whole list', () => {
	const row = { id: 2, merchant_id: '2', email: 'ann@example.com', enrolled: true };

	const bodies: unknown[] = [
		{},
		[],
		{ error: 'x' },
		{ data: [row] },
		{ customers: [row], cursor: { prev: null, next: 5 } },
		{ customers: [row], cursor: { prev: null, next: '\ud800' } },
		{ customers: [row], cursor: 'abc' },
		{ customers: [row], cursor: { prev: null } },
		{ customers: [row], cursor: { prev: null, next: 'again' } },
		{ customers: { 0: row }, cursor: { prev: null, next: null } },
	];

	test.each(bodies)('%j pays nobody, and is no empty list', async (body) => {
		standIn.misbehaveAt('listCustomers', {
			kind: 'status',
			status: 200,
			body: JSON.stringify(body),
		});

		expect(await award('ann@example.com')).toMatchObject({
			error: {
				code: 'lookup_failed',
				pointsMayHaveBeenAdded: false,
				description: expect.stringMatching(/No points were added\.$/),
			},
		});
		expect(lookups().length).toBeLessThanOrEqual(50);
		expect(standIn.ledger).toEqual([]);
	});

	test('does not end in a circle after an award', async () => {
		const body = JSON.stringify({ customers: [row], cursor: { prev: null, next: 'again' } });
		standIn.misbehaveAt('listCustomers', { kind: 'status', status: 200, body });

		const { succeeded } = await run({
			items: [{ merchantId: '2', points: 5 }],
			parameters: { options: { includeCustomer: true } },
		});

		expect(succeeded).toMatchObject([
			{
				success: true,
				customer: null,
				customerNote: expect.stringContaining('The points were added all the same.'),
			},
		]);
	});

	test.each([
		{ what: 'one page says nothing of a next one', body: { customers: [row] }, merchantId: '2' },
		{
			what: 'rows are of odd types',
			body: { customers: [null, [], 'x', { ...row, id: '2' }], cursor: { next: null } },
			merchantId: '2',
		},
		{
			what: 'a row comes twice',
			body: { customers: [row, row], cursor: { next: null } },
			merchantId: '2',
		},
		{
			what: 'the ID is a number',
			body: { customers: [{ ...row, merchant_id: 2 }], cursor: { next: null } },
			merchantId: '2',
		},
	])('but is taken when $what', async ({ body, merchantId }) => {
		standIn.misbehaveAt('listCustomers', {
			kind: 'status',
			status: 200,
			body: JSON.stringify(body),
		});

		expect(await award('ann@example.com')).toMatchObject({ success: true, merchantId });
	});

	test.each([
		{ what: 'blocked in other words', rows: [{ ...row, blocked: 'true' }], code: 'refused' },
		{
			what: 'one ID blocked and not',
			rows: [{ ...row, id: 3, blocked: true }, row],
			code: 'customer_ambiguous',
		},
		{
			what: 'an ID that would lead elsewhere',
			rows: [{ ...row, merchant_id: '..' }],
			code: 'refused',
		},
		{
			what: 'an ID too long for a number',
			rows: [{ ...row, merchant_id: 2 ** 60 }],
			code: 'refused',
		},
		{
			what: 'hundreds of them',
			rows: Array.from({ length: 300 }, (_, id) => ({ ...row, id, merchant_id: `m${id}` })),
			code: 'customer_ambiguous',
		},
	])('$what: nobody is paid', async ({ rows, code }) => {
		standIn.misbehaveAt('listCustomers', {
			kind: 'status',
			status: 200,
			body: JSON.stringify({ customers: rows, cursor: { next: null } }),
		});

		const item = await award('ann@example.com');

		expect(item).toMatchObject({ error: { code } });
		expect(JSON.stringify(item).length).toBeLessThan(1500);
		expect(standIn.ledger).toEqual([]);
	});
});

test('a lookup that others share goes on when the item that began it is stopped', async () => {
	const lookup = standIn.hold(({ path }) => path.startsWith('/v2/customers?'));
	void calls(RunTally.prototype, 'count').then(() => lookup.release());
	const items = [
		{ email: 'ann@example.com', points: 5 },
		{ email: 'ann@example.com', points: 'many' },
		{ email: 'ann@example.com', points: 6 },
	];

	const { error } = await run({ items, parameters: BY_EMAIL });

	expect(error?.message).toMatch(/^Points can't be "many" \[item 1\]$/);
	expect(standIn.balances()).toEqual({ 2: 5 });
});

test('emails that are looked up at the same time are looked up once, and fail each on its own', async () => {
	const lookup = new CustomerLookup();
	let asked = 0;
	const clientOf = (id: string) => {
		const client = {
			account: { id },
			signals: {},
			async get() {
				asked++;
				const customers = [{ id: 1, merchant_id: '7', email: 'ann@example.com' }];
				return { body: { customers, cursor: { next: null } } };
			},
		};
		return client as unknown as Client;
	};
	const client = clientOf('one');
	const words = { unnamed: 'that could be paid', byMerchantId: 'There is no other way.' };

	expect(
		await Promise.all(
			['ann@example.com', 'ANN@example.com'].map((email) =>
				lookup.merchantIdOf(client, email, words),
			),
		),
	).toEqual(['7', '7']);
	expect(asked).toBe(1);
	await lookup.merchantIdOf(clientOf('another'), 'ann@example.com', words);
	expect(asked).toBe(2);
});

describe('From List', () => {
	test('a customer who was chosen gets the points', async () => {
		const { succeeded } = await run({
			items: [{ points: 5 }],
			parameters: {
				customer: {
					__rl: true,
					mode: 'list',
					value: '2',
					cachedResultName: 'Ann Lee (ann@example.com)',
				},
			},
		});

		expect(succeeded).toEqual([
			{
				success: true,
				merchantId: '2',
				points: 5,
				reason: null,
				confirmedBy: 'response',
				sees: 0,
			},
		]);
	});

	test('each row has a name, an email, or what there is', async () => {
		await run({ items: [{ merchantId: '2', points: 75 }] });

		const { results, paginationToken } = await n8n().searchList('searchCustomers', credential());

		expect(results).toEqual(
			expect.arrayContaining([
				{ name: 'Ann Lee (ann@example.com)', value: '2', description: '75 points' },
				{ name: 'ann@example.com.au', value: '4', description: '0 points' },
				{ name: 'No Email', value: '16', description: '0 points' },
				{ name: 'blocked@example.com – blocked', value: '12', description: '0 points' },
			]),
		);
		expect(results).toHaveLength(20);
		expect(paginationToken).toBeUndefined();
	});

	test('search is left to LoyaltyLion', async () => {
		const { results } = await n8n().searchList('searchCustomers', credential(), ' ann@ ');

		expect(results.map(({ value }) => value)).toEqual(['4', '3', '2']);
		expect(standIn.requests.map(({ path }) => path)).toEqual([
			'/v2/customers?limit=100&email=ann%40',
		]);
	});

	test('goes on page by page, with the cursor alone', async () => {
		const many = Object.fromEntries(
			Array.from({ length: 250 }, (_, index) => [`m${index}`, { email: `c${index}@example.com` }]),
		);
		Object.assign(standIn, { customers: many });

		const values = new Set();
		let token: string | undefined;
		do {
			const page: INodeListSearchResult = await n8n().searchList(
				'searchCustomers',
				credential(),
				'example',
				token,
			);
			for (const { value } of page.results) values.add(value);
			token = page.paginationToken;
		} while (token);

		expect(values.size).toBe(250);
		expect(standIn.requests).toHaveLength(3);
		expect(standIn.requests.slice(1).every(({ path }) => !path.includes('email'))).toBe(true);
		expect(standIn.breaches).toEqual([]);
	});

	test.each([
		{
			fields: { apiKey: 'pat_wrong' },
			says: /^LoyaltyLion does not accept the API key\. .*Manage > API keys/,
		},
		{
			fields: { apiKey: '' },
			says: /^The LoyaltyLion credential is not complete\. .*Fill it in\./,
		},
		{
			fields: { authentication: 'siteToken', ...SITE, siteSecret: 'x' },
			says: /^LoyaltyLion does not accept the site token and secret\. /,
		},
		{
			fields: { baseUrl: 'http://127.0.0.1:1' },
			says: /^LoyaltyLion could not be reached\. .*Try again/,
		},
	])('is never just empty: $says', async ({ fields, says }) => {
		await expect(
			n8n().searchList('searchCustomers', { ...credential(), ...fields }),
		).rejects.toMatchObject({
			name: 'NodeOperationError',
			message: expect.stringMatching(says),
		});
	});

	test('says which scope is missing, even where n8n would put other words', async () => {
		standIn.misbehaveAt('listCustomers', {
			kind: 'status',
			status: 403,
			body: '{"error":{"message":"EPERM"}}',
		});

		await expect(n8n().searchList('searchCustomers', credential())).rejects.toThrow(
			/^The API key may not look up customers\. LoyaltyLion says: EPERM\. It needs the write_customers scope/,
		);
	});

	test('works with a key that may only read', async () => {
		const { results } = await n8n().searchList('searchCustomers', {
			...credential(),
			apiKey: READ_ONLY_KEY,
		});

		expect(results).not.toHaveLength(0);
	});
});

describe('Include Customer', () => {
	const INCLUDE = { options: { includeCustomer: true, timeout: 3 } };

	test.each([
		{ mode: 'email', value: 'ann@example.com', requests: 3 },
		{ mode: 'merchantId', value: '2', requests: 3 },
		{ mode: 'list', value: '2', requests: 3 },
	])('gives the customer with the new balance, $mode', async ({ mode, value, requests }) => {
		const { succeeded } = await run({
			items: [{ points: 5 }],
			parameters: { ...INCLUDE, customer: { __rl: true, mode, value } },
		});

		expect(succeeded).toMatchObject([
			{
				success: true,
				merchantId: '2',
				customer: {
					merchant_id: '2',
					email: 'ann@example.com',
					points_approved: 5,
					enrolled: true,
				},
			},
		]);
		expect(standIn.requests).toHaveLength(requests);
	});

	test('gives what LoyaltyLion shows, which may lag behind', async () => {
		standIn.showNoNewPoints();

		const { succeeded } = await run({
			items: [{ email: 'ann@example.com', points: 5 }],
			parameters: { ...INCLUDE, ...BY_EMAIL },
		});

		expect(succeeded).toMatchObject([{ points: 5, customer: { points_approved: 0 } }]);
		expect(standIn.balances()).toEqual({ 2: 5 });
	});

	test('gives what there is of a customer without email', async () => {
		const { succeeded } = await run({
			items: [{ merchantId: '16', points: 5 }],
			parameters: INCLUDE,
		});

		expect(succeeded).toMatchObject([{ customer: { merchant_id: '16', points_approved: 5 } }]);
	});

	test.each([
		{ kind: 'status', status: 500 },
		{ kind: 'status', status: 403, body: '{"error":{"message":"No"}}' },
		{ kind: 'status', status: 404 },
		{ kind: 'status', status: 200, body: '{}' },
		{ kind: 'reset' },
		{ kind: 'silence' },
		{ kind: 'huge', status: 200 },
	] as const)('never turns an award into a failure: $kind $status', async (fault) => {
		standIn.misbehaveAt('listTransactions', fault);

		const { succeeded, error } = await run({
			items: [{ merchantId: '2', points: 5 }],
			parameters: INCLUDE,
		});

		expect(error).toBeUndefined();
		expect(succeeded).toEqual([
			{
				success: true,
				confirmedBy: 'response',
				merchantId: '2',
				points: 5,
				reason: null,
				customer: null,
				customerNote: expect.stringMatching(
					/^(The customer could not be read afterwards|LoyaltyLion did not return the customer).* The points were added all the same\.$/,
				),
				sees: 0,
			},
		]);
		expect(standIn.balances()).toEqual({ 2: 5 });
	});

	test('nor when the customer was found by email before', async () => {
		const body = JSON.stringify({
			customers: [{ id: 2, merchant_id: '2', email: 'ann@example.com' }],
			cursor: { next: null },
		});
		standIn.misbehaveAt('listCustomers', { kind: 'status', status: 200, body, times: 1 });
		const arrived = standIn.arrival('/v2/customers/2/points');
		void arrived.then(() => standIn.misbehaveAt('listCustomers', { kind: 'status', status: 403 }));

		const { succeeded } = await run({
			items: [{ email: 'ann@example.com', points: 5 }],
			parameters: { ...INCLUDE, ...BY_EMAIL },
		});

		expect(succeeded).toMatchObject([
			{
				success: true,
				customer: null,
				customerNote: expect.stringMatching(
					/^The customer could not be read afterwards \(HTTP 403\)\./,
				),
			},
		]);
	});

	test.each([
		{ customer: { merchant_id: '8', email: 'other@example.com', points_approved: 9 } },
		{ customer: ['x'] },
		{ customer: { merchant_id: '2', email: '' }, found: true },
	])('never shows another customer, nor asks for all: %j', async ({ customer, found = false }) => {
		standIn.misbehaveAt('listTransactions', {
			kind: 'status',
			status: 200,
			body: JSON.stringify({ transactions: [{ customer }] }),
		});

		const { succeeded } = await run({
			items: [{ merchantId: '2', points: 5 }],
			parameters: INCLUDE,
		});

		expect(succeeded).toMatchObject([{ success: true, customer: found ? customer : null }]);
		expect(lookups()).toHaveLength(1);
	});

	test('is off unless asked for, and takes nothing but true and false', async () => {
		const { succeeded } = await run({ items: [{ merchantId: '2', points: 5 }] });
		const { failed } = await run({
			items: [{ merchantId: '2', points: 5 }],
			parameters: { options: { includeCustomer: 'perhaps' } },
			onError: 'continueErrorOutput',
		});

		expect(succeeded[0]).not.toHaveProperty('customer');
		expect(failed).toMatchObject([
			{
				error: { code: 'invalid_input', message: 'Include Customer can\'t be "perhaps" [item 0]' },
			},
		]);
	});
});

test('the key never shows up in a row that was looked up', async () => {
	standIn.misbehaveAt('listCustomers', { kind: 'echo', status: 400 });

	expect(JSON.stringify(await award('ann@example.com'))).not.toContain(API_KEY);
});
