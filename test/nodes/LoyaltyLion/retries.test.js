const { addPointsWorkflow, outcomeOf } = require('../../harness/addPoints');
const { shop } = require('../../harness/shop');

const { standIn, credential, n8n, run } = shop();

const MODES = /** @type {const} */ ([
	'stopWorkflow',
	'continueRegularOutput',
	'continueErrorOutput',
]);
const RETRY_ON_FAIL = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

const GOOD = { merchantId: '1001', points: 5 };
const GOOD_TOO = { merchantId: '1003', points: 7 };
const UNKNOWN = { merchantId: '999', points: 6 };
const UNCLEAR = { merchantId: '1002', points: 8 };

describe('Retry On Fail, which runs all items again', () => {
	describe.each(MODES)('%s', (onError) => {
		test.each([
			{ first: 'the failing one', items: [UNKNOWN, GOOD, GOOD_TOO], stopped: {} },
			{ first: 'a good one', items: [GOOD, UNKNOWN, GOOD_TOO], stopped: { 1001: 5 } },
			{ first: 'only good ones', items: [GOOD, GOOD_TOO, UNKNOWN], stopped: { 1001: 5, 1003: 7 } },
		])('with $first first adds no points twice', async ({ items, stopped }) => {
			await run({ items, onError, settings: RETRY_ON_FAIL });

			const all = { 1001: 5, 1003: 7 };
			expect(standIn.balances()).toEqual(onError === 'stopWorkflow' ? stopped : all);
		});

		test('adds none twice either when the fields come to something else each time', async () => {
			await run({
				items: [GOOD, UNKNOWN],
				onError,
				settings: RETRY_ON_FAIL,
				parameters: {
					reason: '={{ String(Math.random()) }}',
					points: '={{ 1 + Math.floor(Math.random() * 1000) }}',
				},
			});

			expect(standIn.ledger).toHaveLength(1);
		});

		test('never sends an unclear item again', async () => {
			standIn.misbehaveFor('1002', { kind: 'reset', after: true });

			const { succeeded, failed, error } = await run({
				items: [UNCLEAR, GOOD],
				onError,
				settings: RETRY_ON_FAIL,
			});

			expect(standIn.balances()['1002']).toBe(8);
			expect(standIn.requests.filter(({ path }) => path.includes('1002'))).toHaveLength(1);
			expect([error?.message, ...[...succeeded, ...failed].map(messageOf)]).toContainEqual(
				expect.stringMatching(/^Unclear whether customer 1002 got 8 points \[item 0\]$/),
			);
		});
	});

	test('tries again what was refused, and gives what was done before as it was', async () => {
		standIn.misbehaveFor('1002', { kind: 'status', status: 429, times: 1 });

		const { succeeded, error } = await run({
			items: [GOOD, UNCLEAR, GOOD_TOO],
			settings: RETRY_ON_FAIL,
		});

		expect(error).toBeUndefined();
		expect(succeeded).toMatchObject([GOOD, UNCLEAR, GOOD_TOO]);
		expect(standIn.balances()).toEqual({ 1001: 5, 1002: 8, 1003: 7 });
		expect(standIn.requests).toHaveLength(4);
	});
});

describe('the retry of a failed execution', () => {
	const workflow = addPointsWorkflow({});

	test('adds points to those only who have none yet', async () => {
		standIn.misbehaveFor('1002', { kind: 'status', status: 429, times: 1 });
		const { run: failed } = await run({ items: [GOOD, UNCLEAR, GOOD_TOO] });
		expect(standIn.balances()).toEqual({ 1001: 5 });

		const { succeeded, error } = outcomeOf(
			await n8n().retry(workflow, failed, { credential: credential() }),
		);

		expect(error).toBeUndefined();
		expect(succeeded).toMatchObject([
			{ ...GOOD, sees: 0 },
			{ ...UNCLEAR, sees: 1 },
			{ ...GOOD_TOO, sees: 2 },
		]);
		expect(standIn.balances()).toEqual({ 1001: 5, 1002: 8, 1003: 7 });
	});

	test('stops at what is unclear, again and again, and sends it no more', async () => {
		standIn.misbehaveFor('1002', { kind: 'reset', after: true });
		const { run: first } = await run({ items: [GOOD, UNCLEAR, GOOD_TOO] });

		const second = await n8n().retry(workflow, first, { credential: credential() });
		const third = await n8n().retry(workflow, second, { credential: credential() });

		expect(outcomeOf(third).error?.message).toMatch(/^Unclear whether customer 1002 got 8 points/);
		expect(standIn.balances()).toEqual({ 1001: 5, 1002: 8 });
		expect(standIn.requests).toHaveLength(2);
	});
});

test('an execution in which all went well keeps nothing', async () => {
	const { run: execution } = await run({ items: [GOOD, GOOD_TOO] });

	expect(execution.data.executionData?.contextData['node:LoyaltyLion']).toEqual({
		loyaltyLionRuns: {},
	});
});

test('two rows that ask for the same are two awards', async () => {
	await run({ items: [GOOD, GOOD] });

	expect(standIn.balances()).toEqual({ 1001: 10 });
});

/** @param {import('n8n-workflow').IDataObject} item */
function messageOf({ error }) {
	return typeof error === 'object' && error && 'message' in error ? error.message : undefined;
}
