import fc from 'fast-check';
import type { IDataObject as Json, IExecuteFunctions } from 'n8n-workflow';
import { manyCustomers } from '../../../dev/stand-in/manyCustomers.cts';
import type { Customer } from '../../../dev/stand-in/StandIn.cts';
import { Parameters } from '../../../nodes/LoyaltyLion/fields/Parameters.ts';
import { RunTally } from '../../../nodes/LoyaltyLion/run/RunTally.ts';
import type { Given } from '../../harness/addPoints.cts';
import { calls } from '../../harness/calls.cts';
import { errorOf } from '../../harness/errorOf.cts';
import { holdsFor, NUM_RUNS } from '../../harness/holdsFor.cts';
import { newCredential } from '../../harness/newCredential.cts';
import { byEmail, byMerchantId } from '../../harness/reads.cts';
import { shop } from '../../harness/shop.cts';
import { timePasses } from '../../harness/timePasses.cts';

/** Many customers, found in the list of all of them instead of by a search for each. */

const { standIn, credential, run, runOperation } = shop({});

afterEach(() => {
	const { breaches } = standIn;
	Object.assign(standIn, { customers: {}, filterIgnoresCase: false });
	jest.restoreAllMocks();
	if (breaches.length > 0) throw new Error(breaches.join());
});

/** So many different emails are looked up in the list. */
const MANY = 100;

const emailOf = (place: number) => `shopper${place}@example.com`;

/** The emails of the first customers of `manyCustomers`, which come last in the list. */
const emails = (count: number) => Array.from({ length: count }, (_, place) => emailOf(place));

const itemsOf = (list: string[]) => list.map((email) => ({ email, points: 5 }));

function open(customers: Record<string, Customer>) {
	Object.assign(standIn, { customers });
}

/** However slow this machine is, no time passes for what goes by it. */
function timeStandsStill() {
	jest.spyOn(performance, 'now').mockReturnValue(performance.now());
}

const award = (items: Json[], given: Partial<Given> = {}) =>
	run({
		items,
		onError: 'continueErrorOutput',
		...given,
		parameters: { customer: byEmail('={{ $json.email }}'), ...given.parameters },
	});

/** The requests of a kind that have arrived. */
const asked = () => {
	const paths = standIn.requests.map(({ path }) => path);
	const lists = paths.filter((path) => path.startsWith('/v2/customers?'));
	const searches = lists.filter((path) => path.includes('email='));
	return { pages: lists.length - searches.length, searches: searches.length };
};

const isNextPage = ({ path }: { path: string }) => path.includes('cursor=');

/** A page of the list, made by hand. */
function page(rows: Json[], next: string | null) {
	const body = JSON.stringify({ customers: rows, cursor: { prev: null, next } });
	return { kind: 'status' as const, status: 200, body, times: 1 };
}

/** Rows of customers who are there. */
const rowsOf = (from: number, to: number) =>
	Object.entries(standIn.customers)
		.map(([merchant_id, { email }], index) => ({
			id: index + 1,
			merchant_id,
			email,
			enrolled: true,
		}))
		.slice(from, to);

const codes = (items: Json[]) => items.map((item) => errorOf(item).code);

describe('how many requests it takes', () => {
	test('300 emails in a shop of 2,000 customers: 4 pages, and an award for each', async () => {
		open(manyCustomers(2000));

		const { succeeded } = await award(itemsOf(emails(300)));

		expect(succeeded.map(({ email }) => email)).toEqual(emails(300));
		expect(asked()).toEqual({ pages: 4, searches: 0 });
		expect(standIn.requests).toHaveLength(304);
		expect(standIn.ledger).toHaveLength(300);
	});

	test.each([
		{ count: MANY - 1, needs: { pages: 0, searches: MANY - 1 } },
		{ count: MANY, needs: { pages: 1, searches: 0 } },
	])('$count emails, each for two items: $needs', async ({ count, needs }) => {
		open(manyCustomers(300));
		const list = emails(count);

		const { succeeded } = await award(itemsOf([...list, ...list.map((one) => one.toUpperCase())]));

		expect(succeeded).toHaveLength(2 * count);
		expect(asked()).toEqual(needs);
	});

	test.each([
		{ keys: ['={{ "a" }}'], what: 'one key' },
		{ keys: ['a', 'b'], what: 'two keys together' },
	])('a list of more pages than half the emails is given up, by $what', async ({ keys }) => {
		open(manyCustomers((MANY / 2) * 500 + 1));
		timeStandsStill();
		const own = keys.map(() => newCredential(standIn).apiKey);
		const items = itemsOf(emails(MANY)).map((item, index) => ({
			...item,
			apiKey: own[index % own.length] ?? '',
		}));

		const { succeeded } = await award(items, {
			credential: { ...credential(), apiKey: '={{ $json.apiKey }}' },
		});

		expect(succeeded.map(({ email }) => email)).toEqual(emails(MANY));
		expect(asked()).toEqual({ pages: MANY / 2, searches: MANY });
	});

	test('a list of just as many pages is read', async () => {
		open(manyCustomers((MANY / 2) * 500));
		timeStandsStill();

		const { succeeded } = await award(itemsOf(emails(MANY)));

		expect(succeeded.map(({ email }) => email)).toEqual(emails(MANY));
		expect(asked()).toEqual({ pages: MANY / 2, searches: 0 });
	});

	test('a list whose pages come more slowly than all searches would is given up', async () => {
		open(manyCustomers(1200));
		const held = standIn.hold(isNextPage);
		const awarding = award(itemsOf(emails(MANY)));
		await held.arrived;
		timePasses(MANY * 50 + 1);
		held.release();

		const { succeeded } = await awarding;

		expect(succeeded).toHaveLength(MANY);
		expect(asked()).toEqual({ pages: 2, searches: MANY });
	});

	test('each credential reads a list of its own', async () => {
		open(manyCustomers(600));
		const keys = [newCredential(standIn).apiKey, newCredential(standIn).apiKey];
		const items = itemsOf(emails(MANY)).map((item, index) => ({
			...item,
			apiKey: keys[index % 2] ?? '',
		}));

		const { succeeded } = await award(items, {
			credential: { ...credential(), apiKey: '={{ $json.apiKey }}' },
		});

		expect(succeeded).toHaveLength(MANY);
		expect(asked()).toEqual({ pages: 4, searches: 0 });
	});

	test('on a retry, those who have their points are not counted', async () => {
		open(manyCustomers(MANY));
		const last = Object.keys(standIn.customers).at(-1) ?? '';
		standIn.misbehaveFor(last, { kind: 'status', status: 422, times: 1 });

		const { succeeded } = await award(itemsOf(emails(MANY)), {
			onError: 'stopWorkflow',
			settings: { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 },
		});

		expect(succeeded).toHaveLength(MANY);
		expect(standIn.ledger).toHaveLength(MANY);
		expect(asked()).toEqual({ pages: 1, searches: 1 });
	});

	test('reading customers takes the pages of the list alone', async () => {
		open(manyCustomers(600));

		const { succeeded } = await runOperation({
			items: itemsOf(emails(MANY)),
			parameters: {
				resource: 'customer',
				operation: 'get',
				customer: byEmail('={{ $json.email }}'),
				options: { requestsPerSecond: 0 },
			},
		});

		expect(succeeded.map(({ email }) => email)).toEqual(emails(MANY));
		expect(standIn.requests).toHaveLength(2);
	});
});

describe('who is found', () => {
	test('is the member, whatever page the guest is on; and nobody where it is not clear', async () => {
		const twins = {
			'guest-1': { email: emailOf(0), enrolled: false, guest: true },
			'member-2': { email: emailOf(1) },
			'blocked-3': { email: emailOf(2), enrolled: false, guest: true, blocked: true },
		};
		open({ ...manyCustomers(1200), ...twins });

		const { succeeded, failed } = await award(itemsOf(emails(MANY)));

		expect(succeeded).toHaveLength(MANY - 2);
		expect(standIn.balances()).not.toHaveProperty('guest-1');
		expect(succeeded[0]).toMatchObject({
			email: emailOf(0),
			merchantId: expect.stringMatching(/^\d+$/),
		});
		expect(failed.map(({ error }) => error)).toMatchObject([
			{ code: 'customer_ambiguous', email: emailOf(1) },
			{ code: 'customer_ambiguous', email: emailOf(2) },
		]);
		// Those who are not clear.
		expect(asked()).toEqual({ pages: 3, searches: 2 });
	});

	test('by an email that the list does not have is searched for once', async () => {
		open(manyCustomers(600));
		const others = ['new@example.com', 'nobody@example.com', 'New@example.com'];
		const firstPage = standIn.hold(isNextPage);
		// Whoever comes while the list is read is on none of its pages.
		void firstPage.arrived.then(() => {
			standIn.customers.new = { email: 'new@example.com' };
			firstPage.release();
		});

		const { succeeded, failed } = await award(itemsOf([...emails(MANY), ...others]));

		expect(succeeded).toHaveLength(MANY + 2);
		expect(standIn.balances()).toMatchObject({ new: 10 });
		expect(codes(failed)).toEqual(['customer_not_found']);
		expect(asked()).toEqual({ pages: 2, searches: 2 });
	});

	test('is who has become a member since, and not the guest whom the list shows', async () => {
		const email = 'buyer@example.com';
		open({ ...manyCustomers(600), 'guest-1': { email, enrolled: false, guest: true } });
		const firstPage = standIn.hold(isNextPage);
		void firstPage.arrived.then(() => {
			standIn.customers['member-1'] = { email };
			firstPage.release();
		});

		const { succeeded } = await award(itemsOf([...emails(MANY), email]));

		expect(succeeded.at(-1)).toMatchObject({ email, merchantId: 'member-1' });
		expect(standIn.balances()).not.toHaveProperty('guest-1');
		expect(asked()).toEqual({ pages: 2, searches: 1 });
	});

	test('has the whole email, in either case', async () => {
		open({
			...manyCustomers(MANY),
			capitals: { email: ' Maria.Lopez@Example.com ' },
			kelvin: { email: 'kelvin@example.com' },
			longer: { email: 'joann@example.com' },
		});
		const odd = ['maria.lopez@example.COM', '\u212Aelvin@example.com', 'ann@example.com'];

		const { succeeded, failed } = await award(itemsOf([...emails(MANY), ...odd]));

		expect(succeeded).toHaveLength(MANY + 1);
		expect(succeeded.at(-1)).toMatchObject({ merchantId: 'capitals' });
		expect(codes(failed)).toEqual(['customer_not_found', 'customer_not_found']);
		expect(standIn.balances()).not.toHaveProperty('kelvin');
		expect(standIn.balances()).not.toHaveProperty('longer');
	});

	test('is one, when the row slips over to the next page', async () => {
		open(manyCustomers(MANY));
		standIn.misbehaveAt('listCustomers', page(rowsOf(0, 60), 'next'), page(rowsOf(59, MANY), null));

		const { succeeded } = await award(itemsOf(emails(MANY)));

		expect(succeeded).toHaveLength(MANY);
		expect(asked()).toEqual({ pages: 2, searches: 0 });
	});

	test.each([
		['leads in a circle', [page([], 'a'), page([], 'b'), page([], 'a')]],
		['is refused', [page([], 'a'), { kind: 'status' as const, status: 403, times: 1 }]],
		['breaks off', [page([], 'a'), { ...page([], null), body: '{"customers":[],"cursor":{}}' }]],
	])('is searched for when the list %s', async (_what, faults) => {
		open({ ...manyCustomers(MANY), twin: { email: emailOf(1) } });
		// Of those who were read by then, one has a twin further down.
		const [first, ...others] = faults;
		standIn.misbehaveAt('listCustomers', { ...first, ...page(rowsOf(0, 50), 'a') }, ...others);

		const { succeeded, failed } = await award(itemsOf(emails(MANY)));

		expect(succeeded).toHaveLength(MANY - 1);
		expect(codes(failed)).toEqual(['customer_ambiguous']);
		expect(asked()).toEqual({ pages: faults.length, searches: MANY });
	});

	test('is each item on its own where others cannot be read, or name the merchant ID', async () => {
		open(manyCustomers(600));
		const [someId = ''] = Object.keys(standIn.customers);
		const odd = [
			{ points: 5 },
			{ points: 5, customer: byEmail('ann') },
			{ points: 5, customer: byMerchantId(someId) },
			{ points: 'many', customer: byEmail('nobody@example.com') },
		];
		const good = emails(MANY).map((email) => ({ points: 5, customer: byEmail(email) }));
		const items = good.flatMap((item, index) => [item, ...odd.slice(index % 25, (index % 25) + 1)]);

		const { succeeded, failed } = await award(items, {
			parameters: { customer: '={{ $json.customer }}' },
		});

		expect(succeeded).toHaveLength(MANY + 4);
		expect(codes(failed)).toEqual(Array(12).fill('invalid_input'));
		expect(standIn.balances()).toMatchObject({ [someId]: 25 });
		expect(asked()).toEqual({ pages: 2, searches: 0 });
	});

	test('is who is found by a search for each', async () => {
		const traits = fc.constantFrom<Customer>(
			{},
			{},
			{ enrolled: false, guest: true },
			{ blocked: true },
			{ enrolled: false, guest: true, blocked: true },
			{ withoutMerchantId: true },
		);
		const written = fc.constantFrom(
			(text: string) => text,
			(text: string) => text.toUpperCase(),
			(text: string) => ` ${text}`,
			(text: string) => text.replace('k', '\u212A'),
			(text: string) => `jo${text}`,
		);
		const oddities = fc.array(fc.record({ of: fc.nat(3), traits, written, place: fc.nat(600) }), {
			maxLength: 12,
		});
		const asking = fc.array(fc.record({ of: fc.nat(3), written }), { minLength: 1, maxLength: 12 });
		const given = fc.record({ oddities, asking });
		const seen = { paid: 0, notFound: 0, ambiguous: 0 };
		const oddEmail = (of: number) => `k${of}@example.com`;
		await holdsFor(
			given,
			async (drawn) => {
				standIn.reset();
				standIn.filterIgnoresCase = true;
				const odd = drawn.oddities.map((each, index) => ({
					...each,
					entry: [
						`odd-${index}`,
						{ ...each.traits, email: each.written(oddEmail(each.of)) },
					] as const,
				}));
				const all = Object.entries(manyCustomers(600)).flatMap((entry, place) => [
					...odd.filter((each) => each.place === place).map((each) => each.entry),
					entry,
				]);
				open(Object.fromEntries(all));
				const some = drawn.asking.map(({ of, written: write }) => write(oddEmail(of)));

				const together = await award(itemsOf([...some, ...emails(MANY)]));
				const listed = standIn.ledger.filter(({ merchantId }) => merchantId.startsWith('odd-'));
				expect(asked().pages).toBe(2);
				standIn.reset();
				standIn.filterIgnoresCase = true;
				const apart = await award(itemsOf(some));
				expect(asked().pages).toBe(0);

				expect(together.succeeded.slice(0, -MANY).map(comparable)).toEqual(
					apart.succeeded.map(comparable),
				);
				expect(together.failed.map(comparable)).toEqual(apart.failed.map(comparable));
				expect(listed.map(keyOf).sort()).toEqual(standIn.ledger.map(keyOf).sort());
				seen.paid += listed.length;
				const failures = codes(apart.failed);
				seen.notFound += failures.filter((code) => code === 'customer_not_found').length;
				seen.ambiguous += failures.filter((code) => code === 'customer_ambiguous').length;
			},
			DRAWS,
		);
		expect(Object.entries(seen).filter(([, count]) => count === 0)).toEqual([]);
	});
});

/** Each pays a whole list. */
const DRAWS = Math.max(25, Math.ceil(NUM_RUNS / 6));

/** What an item came to, without what tells its place in the list. */
function comparable({ error, ...json }: Json) {
	return { ...json, row: 0, sees: 0, error: error ? errorOf({ error }) : null };
}

const keyOf = ({ merchantId, points }: { merchantId: string; points: number }) =>
	`${merchantId} ${points}`;

describe('while the list is read', () => {
	test('nobody is paid before its last page', async () => {
		open(manyCustomers(600));
		const lastPage = standIn.hold(isNextPage);
		const running = award(itemsOf(emails(MANY)));

		await lastPage.arrived;
		const before = standIn.requests.length;
		lastPage.release();

		expect((await running).succeeded).toHaveLength(MANY);
		expect(before).toBe(2);
	});

	test('a cancel ends it', async () => {
		open(manyCustomers(1200));
		const nextPage = standIn.hold(isNextPage);

		const { output } = await award(itemsOf(emails(MANY)), {
			onStart: (execution) => void nextPage.arrived.then(() => execution.cancel()),
		});

		nextPage.forget();
		const items = output.flatMap((part) => part ?? []);
		expect(items.map(({ json }) => errorOf(json).code)).toEqual(Array(MANY).fill('not_sent'));
		expect(standIn.requests).toHaveLength(2);
	});

	test('a run that stops reads no further', async () => {
		open({ ...manyCustomers(1200), other: {} });
		const nextPage = standIn.hold(isNextPage);
		const refused = standIn.hold(({ path }) => path === '/v2/customers/other/points');
		standIn.misbehaveFor('other', { kind: 'status', status: 422 });
		void nextPage.arrived.then(async () => {
			const stopped = calls(RunTally.prototype, 'count');
			refused.release();
			await stopped;
			nextPage.release();
		});
		const [first, ...others] = emails(MANY).map(byEmail);

		const { error } = await award(
			[first, byMerchantId('other'), ...others].map((customer) => ({ customer, points: 5 })),
			{ onError: 'stopWorkflow', parameters: { customer: '={{ $json.customer }}' } },
		);

		expect(error?.message).toMatch(/refused to add 5 points for customer other \[item 1\]$/);
		expect(asked().pages).toBe(2);
		expect(standIn.ledger).toHaveLength(1);
	});
});

describe('the emails of all items', () => {
	test('keep nothing in n8n waiting: a cancel is heeded while they are read', async () => {
		const reading = calls(Parameters.prototype, 'resolveAhead');
		const ahead = jest.spyOn(Parameters.prototype, 'resolveAhead');
		const items = itemsOf(emails(5000));

		const { output } = await award(items, {
			parameters: { customer: byEmail('={{ $json.email.trim() }}') },
			// The first turn that n8n has after they have begun to be read.
			onStart: (execution) => void reading.then(() => setTimeout(() => execution.cancel())),
		});

		expect(output.flatMap((part) => part ?? [])).toHaveLength(5000);
		expect(standIn.requests).toEqual([]);
		expect(ahead.mock.calls.length).toBeLessThan(5000);
	});

	test('are asked of n8n once', () => {
		const asks: number[] = [];
		const context = {
			getNode: () => ({ type: '' }),
			getInputData: () => [],
			getNodeParameter(_name: string, index: number, _fallback: unknown, raw?: object) {
				if (raw) return '={{ $json.email.trim() }}';
				asks.push(index);
				if (index === 2) throw new Error('It does not work.');
				return `${index}@example.com`;
			},
		};
		const parameters = new Parameters(context as unknown as IExecuteFunctions);
		const both = [0, 1].flatMap((index) => [
			parameters.resolveAhead('customer', index),
			parameters.resolve('customer', index),
		]);

		expect(both).toEqual(['0@example.com', '0@example.com', '1@example.com', '1@example.com']);
		expect(() => parameters.resolveAhead('customer', 2)).toThrow('It does not work.');
		expect(() => parameters.resolve('customer', 2)).toThrow('It does not work.');
		expect(asks).toEqual([0, 1, 2, 2]);
	});
});
