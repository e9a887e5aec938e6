import fc from 'fast-check';
import type { IDataObject as Json } from 'n8n-workflow';
import { N8n } from '../../../dev/engine/N8n.cts';
import { runAgent } from '../../../dev/engine/agents.cts';
import { RunTally } from '../../../nodes/LoyaltyLion/run/RunTally.ts';
import { awarding } from '../../harness/awarding.cts';
import { calls } from '../../harness/calls.cts';
import { CLAIMING, counting, DOINGS, POINTS_DOINGS } from '../../harness/doing.cts';
import { errorOf } from '../../harness/errorOf.cts';
import { expectSeen, FEWER_RUNS, holdsFor } from '../../harness/holdsFor.cts';
import { impatient } from '../../harness/impatient.cts';
import { MODES, RETRY_ON_FAIL } from '../../harness/modes.cts';
import { credentialForEachTest } from '../../harness/newCredential.cts';
import { byEmail } from '../../harness/reads.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';

const CUSTOMERS = {
	1: { email: 'ann@example.com' },
	2: { email: 'bob@example.com' },
	3: { email: 'twin@example.com' },
	4: { email: 'twin@example.com' },
	5: { email: 'blocked@example.com', blocked: true },
	6: { email: 'guest@example.com', withoutMerchantId: true },
};

/** The fields that say how it is known that something was done, and what came of it. */
const ONLY_OF_WHAT_IS_DONE = [
	'confirmedBy',
	'claimedRewardId',
	'voucherCode',
	'claimedReward',
	'claimedRewardNote',
];

const NOT_OFFERED = 'LoyaltyLion says: Reward not found. ';

describe.each(DOINGS)('$operation', (doing) => {
	const theShop = shop(CUSTOMERS, doing);
	const { standIn, n8n } = theShop;
	const { ledger, sums, misbehaveFor } = counting(standIn, doing);
	const { amount, hasReason, flags, says } = doing;
	const credential = credentialForEachTest(standIn);
	const { award, retry } = awarding(theShop, credential, doing);
	const { processedData } = N8n;
	impatient();
	shortLooks();
	let workflowId = '';
	let workflows = 0;
	// The node remembers for a moment what it has written into n8n's store.
	beforeEach(() => {
		workflowId = `check-${doing.operation}-${++workflows}`;
	});
	afterEach(() => jest.restoreAllMocks());

	const ANN = { merchantId: '1', points: 5, reason: 'Quiz' };
	const BOB = { merchantId: '2', points: 7, reason: 'Quiz' };
	const UNKNOWN = { merchantId: '999', points: 5, reason: 'Quiz' };
	const CHECK = { options: { checkOnly: true } };
	const PER_ORDER = { onlyOncePer: '={{ $json.order }}' };
	const AGAIN = { ifUnclear: 'checkThenSend' };
	const ON = { onError: 'continueErrorOutput' } as const;
	/** What a check asks LoyaltyLion of a customer. */
	const asked = hasReason ? 'listTransactions' : 'listAvailableRewards';
	const pathOf = (merchantId: string) =>
		`/v2/customers/${merchantId}/${hasReason ? 'transactions?limit=1' : 'available_rewards'}`;

	const saidOf = ({ merchantId, points }: typeof ANN) => ({ merchantId, [amount]: points });
	/** With the order of their fields, which is that of a table's columns. */
	const text = (items: Json[]) => items.map((item) => JSON.stringify(item));
	const paths = () => standIn.requests.map(({ path }) => path);
	const methods = () => [...new Set(standIn.requests.map(({ method }) => method))];
	const storeCalls = () =>
		processedData.calls.filter((call) => call.place.workflowId === workflowId);
	const messages = ({ hints }: { hints: { message: string }[] }) =>
		hints.map(({ message }) => message);

	describe('what comes out', () => {
		test.each([
			{ customer: { __rl: true, mode: 'merchantId', value: '1' }, more: {} },
			{ customer: byEmail('ANN@example.com'), more: { email: 'ANN@example.com' } },
		])('is what would, but for how it is confirmed: $customer.mode', async ({ customer, more }) => {
			const parameters = { customer, ...PER_ORDER };

			const outcome = await award([{ ...ANN, order: 'A-1' }], { ...CHECK, parameters, workflowId });

			expect(text(outcome.succeeded)).toEqual(
				text([
					{
						success: true,
						checkedOnly: true,
						merchantId: '1',
						...more,
						[amount]: 5,
						onlyOncePer: 'A-1',
						...(hasReason && { reason: 'Quiz' }),
						sees: 0,
					},
				]),
			);
			expect(messages(outcome)).toEqual([
				`For 1 item (item 0): Check Only is on, so ${says.notDone}.`,
			]);
			expect(methods()).toEqual(['GET']);
			expect(storeCalls()).toEqual([]);
		});

		test.each(['perhaps', 1])('%j is neither on nor off', async (checkOnly) => {
			const { failed } = await award([ANN], { ...ON, options: { checkOnly } });

			expect(failed).toMatchObject([
				{
					error: { code: 'invalid_input', message: expect.stringMatching(/^Check Only can't be /) },
				},
			]);
			expect(standIn.requests).toEqual([]);
		});

		test.each([{}, { check: null }, { check: '' }])(
			'an expression that comes to nothing is no leave to do it: %j',
			async (more) => {
				const { failed } = await award([{ ...ANN, ...more }], {
					...ON,
					options: { checkOnly: '={{ $json.check }}' },
				});

				expect(failed).toMatchObject([
					{ error: { code: 'invalid_input', message: 'Check Only comes to nothing [item 0]' } },
				]);
				expect(standIn.requests).toEqual([]);
			},
		);

		test('each item obeys its own, and the node tells them apart', async () => {
			const items = [
				{ ...ANN, check: false },
				{ ...BOB, check: true },
				{ ...UNKNOWN, check: 'true' },
			];

			const outcome = await award(items, { ...ON, options: { checkOnly: '={{ $json.check }}' } });

			expect(outcome.succeeded).toMatchObject([
				{ ...saidOf(ANN), confirmedBy: 'response' },
				{ ...saidOf(BOB), checkedOnly: true },
			]);
			expect(outcome.succeeded[0]).not.toHaveProperty('checkedOnly');
			expect(outcome.failed).toHaveLength(1);
			expect(messages(outcome)).toEqual([
				expect.stringContaining(`1 of 3 items ${says.done}, 1 passed the check, 1 did not. `),
				`For 1 item (item 1): Check Only is on, so ${says.notDone}.`,
			]);
			expect(sums()).toEqual({ 1: 5 });
		});

		test('an AI agent is answered so, too', async () => {
			const answers = await runAgent(n8n(), {
				by: 'test.requestingAgent',
				plan: { fetches: [[{ Customer: '1', Points: 5, Reason: 'Quiz' }]] },
				fields: doing === CLAIMING ? { ...doing.parameters, reward: byId(5) } : doing.parameters,
				options: { checkOnly: true },
				credential: credential(),
			});

			expect(answers).toMatchObject([{ success: true, checkedOnly: true, ...saidOf(ANN) }]);
			expect(methods()).toEqual(['GET']);
		});
	});

	describe('what LoyaltyLion is asked', () => {
		test('each merchant ID once, also one that it does not know', async () => {
			const items = [ANN, UNKNOWN, ANN, { ...BOB, points: 5 }, UNKNOWN, ANN];

			const { succeeded, failed } = await award(items, { ...CHECK, ...ON });

			expect(succeeded).toHaveLength(4);
			expect(failed.map((item) => errorOf(item).message)).toEqual([
				expect.stringMatching(/999.*\[item 1\]$/),
				expect.stringMatching(/999.*\[item 4\]$/),
			]);
			expect(paths().sort()).toEqual(['1', '2', '999'].map(pathOf));
		});

		test('of who is found by email, at the most for the rewards', async () => {
			await award([ANN, ANN], { ...CHECK, parameters: { customer: byEmail('ann@example.com') } });

			expect(paths()).toEqual([
				expect.stringContaining('email=ann'),
				...(hasReason ? [] : [pathOf('1')]),
			]);
		});

		test.each([
			[500, 'lookup_failed'],
			[403, 'not_permitted'],
		])('is no pass where it does not tell: %i', async (status, code) => {
			standIn.misbehaveOn(asked, '1', { kind: 'status', status });

			const { succeeded, failed } = await award([ANN, BOB], { ...CHECK, ...ON });

			expect(succeeded).toMatchObject([{ checkedOnly: true, merchantId: '2' }]);
			expect(failed).toMatchObject([
				{
					error: {
						code,
						merchantId: '1',
						[flags.mayBeDone]: false,
						description: expect.stringMatching(new RegExp(`${says.notDone}\\.$`, 'i')),
					},
				},
			]);
		});

		test('is asked again where it did not tell', async () => {
			standIn.misbehaveOn(asked, '1', { kind: 'status', status: 403, times: 1 });
			const hold = standIn.hold(({ path }) => path === pathOf('2'));
			const counted = calls(RunTally.prototype, 'count', 2);
			// As many as are worked on at a time, and one that follows on the first.
			const running = award([ANN, ...Array<typeof BOB>(31).fill(BOB), ANN], { ...CHECK, ...ON });
			await counted;
			hold.release();

			const { succeeded, failed } = await running;

			expect(failed).toMatchObject([{ sees: 0, error: { code: 'not_permitted' } }]);
			expect(succeeded.at(-1)).toMatchObject({ sees: 32, checkedOnly: true, merchantId: '1' });
			expect(paths().sort()).toEqual(['1', '1', '2'].map(pathOf));
		});
	});

	describe.each(MODES)('%s', (onError) => {
		test('items fail as they would', async () => {
			const items = [ANN, UNKNOWN, { ...BOB, points: 'many' }];
			const check = await award(items, { ...CHECK, onError });
			expect(methods()).toEqual(['GET']);
			const real = await award(items, { onError });

			const failing = ({ succeeded, failed }: typeof check) =>
				text([...succeeded, ...failed].filter(({ error }) => error));
			expect(failing(check)).toEqual(failing(real));
			expect(check.error?.message).toBe(real.error?.message);
			expect(check.error?.constructor.name).toBe(real.error?.constructor.name);
		});

		test('so does one alone, with the same advice', async () => {
			const check = await award([UNKNOWN], { ...CHECK, onError });
			const real = await award([UNKNOWN], { onError });

			expect([check.output, check.error?.description]).toEqual([
				real.output,
				real.error?.description,
			]);
		});

		test('nobody is told that anything was done', async () => {
			const settings = RETRY_ON_FAIL;

			const outcome = await award([ANN, UNKNOWN, UNKNOWN], { ...CHECK, onError, settings });

			const { error, hints } = outcome;
			expect(JSON.stringify([hints, error?.description])).not.toContain(says.done);
			const told = [error?.description, ...messages(outcome)].join(' ');
			expect(told).toContain(`For 1 item (item 0): Check Only is on, so ${says.notDone}.`);
			expect(told).toMatch(
				error
					? /Items that passed the check: 1\./
					: /1 of 3 items passed the check, 2 did not\. Most common reason: /,
			);
			expect(methods()).toEqual(['GET']);
		});
	});

	test('where a failing item stops the workflow, those behind it that passed can be sent all the same', async () => {
		const hold = standIn.hold(({ path }) => path.includes('/999/'));
		const counted = calls(RunTally.prototype, 'count', 2);
		const running = award([UNKNOWN, ANN, BOB], CHECK);
		await hold.arrived;
		await counted;
		hold.release();

		const { error } = await running;

		expect(error?.description).toContain(
			`For 2 items (items 1 to 2): Check Only is on, so ${says.notDone}. Items that passed the check: 2. Not sent any more: 0.`,
		);
		expect(error?.description).not.toContain('behind');
		expect(error).not.toHaveProperty('context.itemsBehindThatSucceeded');
	});

	describe('a retry', () => {
		const NO_CUSTOMER_AT_FIRST = { kind: 'status', status: 404, times: 1 } as const;

		test('that is no check any more does everything once', async () => {
			standIn.misbehaveOn(asked, '2', NO_CUSTOMER_AT_FIRST);
			const check = await award([ANN, BOB], CHECK);
			expect(check.error).toBeDefined();

			const { succeeded } = await retry(check.run);

			expect(succeeded).toMatchObject([{ confirmedBy: 'response' }, { confirmedBy: 'response' }]);
			expect(sums()).toEqual({ 1: 5, 2: 7 });
			expect(ledger()).toHaveLength(2);
		});

		test('that is a check says again what was done, and checks the rest', async () => {
			misbehaveFor('2', { kind: 'status', status: 422, times: 1 });
			const real = await award([ANN, BOB], {});
			expect(real.error).toBeDefined();
			standIn.misbehaveOn(asked, '2', NO_CUSTOMER_AT_FIRST);

			const failing = await retry(real.run, CHECK);
			const check = await retry(failing.run, CHECK);
			const realAgain = await retry(failing.run);

			expect(check.succeeded).toMatchObject([
				{ ...saidOf(ANN), confirmedBy: 'earlierTry' },
				{ ...saidOf(BOB), checkedOnly: true },
			]);
			expect(check.succeeded[0]).not.toHaveProperty('checkedOnly');
			expect(realAgain.succeeded).toMatchObject([
				{ confirmedBy: 'earlierTry' },
				{ confirmedBy: 'response' },
			]);
			expect(sums()).toEqual({ 1: 5, 2: 7 });
			expect(ledger()).toHaveLength(2);
		});

		test('that is a check leaves unclear what is, and sends nothing', async () => {
			misbehaveFor('1', { kind: 'reset', times: 1 });
			const real = await award([ANN], { ...ON, onError: 'stopWorkflow' });
			const before = standIn.requests.length;

			const check = await retry(real.run, { options: { ...CHECK.options, ...AGAIN } });

			expect(check.error?.message).toBe(real.error?.message);
			expect(check.error?.message).toMatch(says.unclear('1', 5));
			expect(check.error?.description).toBe(real.error?.description);
			expect(standIn.requests).toHaveLength(before);
			const { succeeded } = await retry(check.run, { options: AGAIN });
			expect(succeeded).toMatchObject([{ ...saidOf(ANN), confirmedBy: 'response' }]);
			expect(ledger()).toHaveLength(1);
		});
	});

	describe('Only Once Per', () => {
		const once = async (given: Parameters<typeof award>[1] = {}) =>
			await award([{ ...ANN, order: 'A-1' }], {
				...ON,
				parameters: PER_ORDER,
				workflowId,
				...given,
			});

		test('neither counts a check, nor is asked by one', async () => {
			const check = await once(CHECK);
			const real = await once();
			const callsBefore = storeCalls().length;
			const checkAfter = await once(CHECK);

			expect(real.succeeded).toMatchObject([{ confirmedBy: 'response' }]);
			expect(check.succeeded).toMatchObject([{ checkedOnly: true, onlyOncePer: 'A-1' }]);
			expect(checkAfter.succeeded).toEqual(check.succeeded);
			expect(storeCalls()).toHaveLength(callsBefore);
			expect(ledger()).toHaveLength(1);
		});

		test('fails as it would where n8n cannot remember', async () => {
			const unsaved = { workflowId: '' };
			const check = await once({ ...CHECK, ...unsaved });
			const real = await once(unsaved);

			expect(check.failed).toMatchObject([{ error: { code: 'not_remembered' } }]);
			expect(check.failed).toEqual(real.failed);
		});
	});

	test('whatever the items are, a check tells what will come of them', async () => {
		const seen = { passing: 0, failing: 0, unforeseen: 0 };
		const choice = fc.oneof(
			fc.constantFrom('1', '2', '999', '5', ' ').map((value) => ({ mode: 'merchantId', value })),
			fc
				.constantFrom('ann', 'ANN', 'twin', 'blocked', 'guest', 'nobody', '@')
				.map((name) => ({ mode: 'email', value: `${name}@example.com` })),
		);
		const oneItem = fc
			.record({
				choice,
				// A reward that is not offered, too.
				points: fc.constantFrom(5, 5, 5, 'many', ...(hasReason ? [] : [5000])),
				reason: fc.constantFrom('', 'Quiz', [1]),
				order: fc.constantFrom('', 'A-1', {}),
			})
			// LoyaltyLion finds one of two reasons first, and a check the other.
			.filter(({ choice: { value }, points }) => value !== '5' || points !== 5000);
		const given = fc.record({
			items: fc.array(oneItem, { minLength: 1, maxLength: 6 }),
			onError: fc.constantFrom('continueErrorOutput' as const, 'continueRegularOutput' as const),
			isSaved: fc.boolean(),
			lookups: fc.constantFrom<number[]>([], [], [], [400], [401], [404]),
		});
		await holdsFor(
			given,
			async ({ items, onError, isSaved, lookups }) => {
				const id = isSaved ? `check-law-${doing.operation}-${++workflows}` : '';
				const run = async (options: Json) => {
					standIn.reset();
					standIn.misbehaveAt(
						'listCustomers',
						...lookups.map((status) => ({ kind: 'status' as const, status })),
					);
					return await award(items, {
						onError,
						options,
						workflowId: id,
						parameters: { customer: '={{ $json.choice }}', ...PER_ORDER },
					});
				};

				const check = await run({ checkOnly: true });
				expect(standIn.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
				expect(standIn.breaches).toEqual([]);
				const real = await run({});

				const inOrder = ({ succeeded, failed }: typeof check) =>
					[...succeeded, ...failed].sort((a, b) => Number(a.sees) - Number(b.sees));
				const done = inOrder(real);
				// Of one who is given by merchant ID, LoyaltyLion alone knows whether it refuses.
				const isUnforeseen = ({ sees }: Json) => {
					const isBlocked = items[Number(sees)]?.choice.value === '5';
					return isBlocked && errorOf(done[Number(sees)] ?? {}).code === 'refused';
				};
				seen.unforeseen += done.filter(isUnforeseen).length;
				seen.passing += done.filter(({ confirmedBy }) => confirmedBy).length;
				seen.failing += done.filter((item) => item.error && !isUnforeseen(item)).length;
				const expected = inOrder(check).map((item) =>
					isUnforeseen(item)
						? { ...item, success: true, checkedOnly: true }
						: foreseen(done[Number(item.sees)] ?? {}),
				);
				expect(text(inOrder(check))).toEqual(text(expected));
				expect(expected).toHaveLength(items.length);
			},
			FEWER_RUNS,
		);
		expectSeen(seen, FEWER_RUNS);
	});

	/** What a check says of an item, by what comes of it. */
	function foreseen({ success, ...outcome }: Json): Json {
		if (!outcome.error) {
			const same = Object.entries(outcome).filter(([name]) => !ONLY_OF_WHAT_IS_DONE.includes(name));
			return { success, checkedOnly: true, ...Object.fromEntries(same) };
		}
		const { description } = outcome.error as { description: string };
		// The list of rewards says it without a word, and without a status.
		const listed = description.startsWith(NOT_OFFERED) && {
			httpCode: null,
			description: description.slice(NOT_OFFERED.length),
		};
		return {
			...(success !== undefined && { success }),
			...outcome,
			error: { ...(outcome.error as Json), ...listed },
		};
	}
});

function byId(value: number) {
	return { __rl: true, mode: 'id', value };
}

describe.each(POINTS_DOINGS)('Include Customer: $operation', (doing) => {
	const { standIn, run } = shop({ 1: { email: 'ann@example.com', points: 3 } }, doing);
	impatient();
	const options = { checkOnly: true, includeCustomer: true };
	const items = [{ merchantId: '1', points: 5 }];

	test('brings the customer as it is', async () => {
		standIn.addByHand({ merchantId: '1', points: 1, reason: null });

		const { succeeded } = await run({ items, parameters: { options } });

		const { points_approved: points } = succeeded[0]?.customer as { points_approved: number };
		expect(points).toBe(standIn.balanceOf('1'));
		expect(standIn.ledger).toHaveLength(1);
	});

	test('says that nothing was done where it cannot be read', async () => {
		const { succeeded } = await run({ items, parameters: { options } });

		const verb = doing.sign === 1 ? 'added' : 'removed';
		expect(succeeded).toMatchObject([
			{
				checkedOnly: true,
				customer: null,
				customerNote: `LoyaltyLion did not return the customer. No points were ${verb}, as Check Only is on.`,
			},
		]);
	});
});

describe('of a claim', () => {
	const { standIn, run } = shop({ 1: { email: 'ann@example.com', points: 3 } }, CLAIMING);
	impatient();
	beforeEach(() => {
		standIn.rewards = [
			{ id: 7, title: '5 off', pointCost: 100 },
			{ id: 8, title: 'Another site', pointCost: 1, siteId: 2 },
		];
	});
	const check = async (points: number, options: Json = {}) =>
		await run({
			items: [{ merchantId: '1', points }],
			parameters: { options: { checkOnly: true, ...options } },
			onError: 'continueErrorOutput',
		});

	test('the reward has to be offered, but not to be affordable', async () => {
		const offered = await check(7);
		const elsewhere = await check(8, { siteId: 1 });

		expect(offered.succeeded).toMatchObject([{ checkedOnly: true, rewardId: 7 }]);
		expect(elsewhere.failed).toMatchObject([
			{
				error: {
					message: 'LoyaltyLion has no reward 8 for customer 1 [item 0]',
					description: expect.stringMatching(/^No reward was claimed\. Either the reward/),
					code: 'reward_not_found',
					httpCode: null,
				},
			},
		]);
	});

	test('what LoyaltyLion does not accept to list rewards, it does not accept to claim one', async () => {
		standIn.siteIds = [1, 2];

		const { failed } = await check(7);
		const real = await check(7, { checkOnly: false });

		expect(failed).toMatchObject([{ error: { code: 'rejected_by_api', httpCode: '400' } }]);
		expect(failed).toEqual(real.failed);
	});
});
