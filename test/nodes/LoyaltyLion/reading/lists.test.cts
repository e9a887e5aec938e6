import type { IDataObject as Json } from 'n8n-workflow';
import { manyCustomers } from '../../../../dev/stand-in/manyCustomers.cts';
import { FAST, fill, LISTS, SHOPPERS } from '../../../harness/reads.cts';
import { shop } from '../../../harness/shop.cts';

const { standIn, runOperation } = shop(SHOPPERS);
beforeEach(() => fill(standIn));
afterEach(() => Object.assign(standIn, { customers: SHOPPERS }));

/** Answers of LoyaltyLion, one after another; the last one again and again. */
const pages = (key: string, ...answers: { ids: unknown[]; next: unknown }[]) =>
	answers.map(({ ids, next }, index) => ({
		kind: 'status' as const,
		status: 200,
		body: JSON.stringify({
			[key]: ids.map((id) => ({ id })),
			cursor: { prev: null, next },
		}),
		...(index < answers.length - 1 && { times: 1 }),
	}));

describe.each(LISTS)('$what', ({ parameters, asks, key, path }) => {
	const run = async (own: Json, items: Json[] = [{}]) =>
		await runOperation({
			items,
			onError: 'continueErrorOutput',
			parameters: { ...parameters, simplify: false, ...own, options: FAST },
		});
	const queries = () =>
		standIn.requests
			.filter((request) => request.path.split('?')[0] === path)
			.map((request) => Object.fromEntries(new URL(request.path, standIn.url).searchParams));

	test.each([
		{ limit: 1, asked: '1' },
		{ limit: 50, asked: '50' },
		{ limit: '7', asked: '7' },
		{ limit: 500, asked: '500' },
		{ limit: 501, asked: '500' },
		{ limit: '', asked: '50' },
	])('with the limit $limit asks for $asked', async ({ limit, asked }) => {
		await run({ limit });

		expect(queries()).toEqual([{ limit: asked }]);
		expect(standIn.breaches).toEqual([]);
	});

	test('asks for 500 at a time to get all', async () => {
		await run({ returnAll: true, limit: 3 });

		expect(queries()).toEqual([{ limit: '500' }]);
	});

	test.each([0, -1, 1.5, '1,000', 'all', {}, true])(
		'refuses the limit %j before anything is asked',
		async (limit) => {
			const { failed } = await run({ limit: '={{ $json.limit }}' }, [{ limit }]);

			expect(failed).toMatchObject([
				{
					error: {
						code: 'invalid_input',
						message: expect.stringMatching(/^Limit can't be .* \[item 0\]$/),
					},
				},
			]);
			expect(standIn.requests).toEqual([]);
		},
	);

	test('refuses Return All that is neither on nor off', async () => {
		const { failed } = await run({ returnAll: '={{ $json.all }}' }, [{ all: 'perhaps' }]);

		expect(failed).toMatchObject([
			{ error: { message: 'Return All can\'t be "perhaps" [item 0]' } },
		]);
	});

	test('goes on from page to page with the cursor alone, and stops at the limit', async () => {
		standIn.misbehaveAt(
			asks,
			...pages(
				key,
				{ ids: [9, 8, 7], next: 'to b' },
				{ ids: [6, 5], next: 'to+c/=' },
				{ ids: [4, 3, 2], next: 'to d' },
			),
		);

		const { succeeded } = await run({ limit: 7 });

		expect(succeeded.map(({ id }) => id)).toEqual([9, 8, 7, 6, 5, 4, 3]);
		expect(queries()).toEqual([
			{ limit: '7' },
			{ cursor: 'to b', limit: '7' },
			{ cursor: 'to+c/=', limit: '7' },
		]);
	});

	test('gives a row once that slips from one page to the next, and all rows whose ID is none', async () => {
		standIn.misbehaveAt(
			asks,
			...pages(
				key,
				{ ids: [9, 'x', 8], next: 'b' },
				{ ids: [8, 'x', null, 7], next: 'c' },
				{ ids: [9, 6], next: null },
			),
		);

		const { succeeded } = await run({ returnAll: true });

		expect(succeeded.map(({ id }) => id)).toEqual([9, 'x', 8, 'x', null, 7, 6]);
	});

	test('leaves out what is no row', async () => {
		const body = JSON.stringify({ [key]: [1, null, [], 'x', { id: 5 }], cursor: { next: null } });
		standIn.misbehaveAt(asks, { kind: 'status', status: 200, body });

		const { succeeded } = await run({});

		expect(succeeded).toEqual([{ id: 5, sees: 0 }]);
	});

	test.each([
		{ circle: 'the same page again', answers: [{ ids: [9], next: 'a' }], most: 2 },
		{
			circle: 'pages in turn',
			answers: [
				{ ids: [9], next: 'a' },
				{ ids: [8], next: 'b' },
				{ ids: [7], next: 'a' },
			],
			most: 3,
		},
	])('ends with an error when it is sent in circles: $circle', async ({ answers, most }) => {
		standIn.misbehaveAt(asks, ...pages(key, ...answers));

		const { succeeded, failed } = await run({ returnAll: true });

		expect(succeeded).toEqual([]);
		expect(failed).toMatchObject([
			{
				error: {
					code: 'lookup_failed',
					description: expect.stringContaining('pages of the list again'),
				},
			},
		]);
		expect(queries()).toHaveLength(most);
	});

	test('ends with an error when nothing new comes with ever new cursors', async () => {
		const answers = Array.from({ length: 200 }, (_, index) => ({ ids: [9], next: `${index}` }));
		standIn.misbehaveAt(asks, ...pages(key, ...answers));

		const { failed } = await run({ returnAll: true });

		expect(failed).toMatchObject([{ error: { code: 'lookup_failed' } }]);
		expect(queries().length).toBeLessThan(100);
	});

	test.each([
		{ what: 'a cursor that is none', next: 7 },
		{ what: 'an empty cursor', next: '' },
		{ what: 'a cursor of several lines', next: 'a\nb' },
	])('is not taken for whole with $what', async ({ next }) => {
		standIn.misbehaveAt(asks, ...pages(key, { ids: [9], next }));

		const { failed } = await run({ returnAll: true });

		expect(failed).toMatchObject([
			{ error: { description: expect.stringMatching(/^The answer was not a whole list of /) } },
		]);
	});

	test('fails when a later page does, and gives nothing by halves', async () => {
		const [first] = pages(key, { ids: [9], next: 'b' }, { ids: [], next: null });
		const refusal = { kind: 'status' as const, status: 403 };
		standIn.misbehaveAt(asks, ...(first ? [first] : []), refusal);

		const { succeeded, failed } = await run({ returnAll: true });

		expect(succeeded).toEqual([]);
		expect(failed).toMatchObject([{ error: { code: 'not_permitted' } }]);
	});

	test('asks again for a page that does not come', async () => {
		const [first, last] = pages(key, { ids: [9], next: 'b' }, { ids: [8], next: null });
		const faults = [first, { kind: 'reset' as const, times: 1 }, last];
		standIn.misbehaveAt(asks, ...faults.filter((fault) => fault !== undefined));

		const { succeeded } = await run({ returnAll: true });

		expect(succeeded.map(({ id }) => id)).toEqual([9, 8]);
	});

	test('finds nothing, and gives no item', async () => {
		standIn.misbehaveAt(asks, ...pages(key, { ids: [], next: null }));

		const { succeeded, failed, hints, error } = await run({});

		expect({ succeeded, failed, hints, error }).toEqual({
			succeeded: [],
			failed: [],
			hints: [],
			error: undefined,
		});
	});

	test('links each row to the item that it was read for', async () => {
		const [none, some] = [{ limit: 0 }, { limit: 2 }];
		standIn.misbehaveAt(asks, ...pages(key, { ids: [9, 8, 7], next: null }));

		const { succeeded, failed, output } = await run({ limit: '={{ $json.limit }}' }, [
			some,
			none,
			{ limit: 1 },
			some,
		]);

		expect(succeeded.map(({ id, sees }) => [sees, id])).toEqual([
			[0, 9],
			[0, 8],
			[2, 9],
			[3, 9],
			[3, 8],
		]);
		expect(output[0]?.map(({ pairedItem }) => pairedItem)).toEqual(
			[0, 0, 2, 3, 3].map((item) => ({ item })),
		);
		expect(failed).toMatchObject([{ sees: 1, error: { code: 'invalid_input' } }]);
	});

	test('ends between two pages when the execution is canceled', async () => {
		standIn.misbehaveAt(
			asks,
			...Array.from({ length: 3 }, (_, index) =>
				pages(key, { ids: [9 - index], next: `${index}` }, { ids: [], next: null }),
			).flatMap(([page]) => (page ? [page] : [])),
		);
		const second = standIn.hold(({ path: asked }) => asked.includes('cursor='));
		let cancel = () => {};
		const running = runOperation({
			items: [{}, {}],
			parameters: { ...parameters, returnAll: true, options: FAST },
			onError: 'continueErrorOutput',
			onStart: (execution) => {
				cancel = () => execution.cancel();
			},
		});
		await second.arrived;
		const arrived = standIn.requests.length;

		cancel();
		const { succeeded } = await running;
		second.release();
		await standIn.idle();

		expect(succeeded).toEqual([]);
		expect(standIn.requests.length).toBeLessThanOrEqual(arrived + 1);
	});

	test('reads no further for items behind one that stops the workflow', async () => {
		standIn.misbehaveAt(asks, ...pages(key, { ids: [9], next: 'b' }, { ids: [8], next: null }));
		const second = standIn.hold(({ path: asked }) => asked.includes('cursor='));
		const running = runOperation({
			items: [{ limit: 'x' }, { limit: 3 }],
			parameters: { ...parameters, limit: '={{ $json.limit }}', options: FAST },
		});

		const { error } = await running;
		second.forget();

		expect(error).toMatchObject({
			message: 'Limit can\'t be "x" [item 0]',
			description: expect.stringMatching(/Items that were read: 0\. Not sent any more: 1\.$/),
		});
	});
});

test('5,000 customers come out once each, in order, linked to their input', async () => {
	Object.assign(standIn, { customers: manyCustomers(5000) });

	const { succeeded, output } = await runOperation({
		items: [{}],
		parameters: { resource: 'customer', operation: 'getAll', returnAll: true, options: FAST },
	});

	expect(succeeded.map(({ id }) => id)).toEqual(
		Array.from({ length: 5000 }, (_, index) => 5000 - index),
	);
	expect(output[0]?.at(-1)?.pairedItem).toEqual({ item: 0 });
	expect(standIn.count('listCustomers')).toBe(10);
	expect(standIn.breaches).toEqual([]);
});
