import type { IDataObject } from 'n8n-workflow';
import type { Fault } from '../../../dev/stand-in/faults.cts';
import { addPointsWorkflow, outcomeOf } from '../../harness/addPoints.cts';
import { awarding } from '../../harness/awarding.cts';
import { REMOVING } from '../../harness/doing.cts';
import { errorOf } from '../../harness/errorOf.cts';
import { impatient, TRIES } from '../../harness/impatient.cts';
import { credentialForEachTest } from '../../harness/newCredential.cts';
import { READ_ONLY_KEY, shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';

// What Remove Points has of its own; what it shares with Add Points is tested where that is.

const theShop = shop(
	{
		1: { email: 'ann@example.com', points: 100 },
		2: { points: 3 },
		1666: { blocked: true, email: 'bob@example.com' },
		7: { withoutMerchantId: true, email: 'guest@example.com' },
	},
	REMOVING,
);
const { standIn, n8n } = theShop;
const credential = credentialForEachTest(standIn);
const { award: remove, retry, posts } = awarding(theShop, credential, REMOVING);
impatient();
shortLooks();

const ITEM = { merchantId: '1', points: 5, reason: 'Order 1001 was returned' };
const ON = { onError: 'continueErrorOutput' } as const;
const CHECK = { ifUnclear: 'check' };
const AGAIN = { ifUnclear: 'checkThenSend' };
const PATH = '/v2/customers/1/remove_points';
const HOUR_MS = 3_600_000;

const misbehave = (...faults: Fault[]) => standIn.misbehaveOn('removePoints', '1', ...faults);
const LOST = { kind: 'reset', times: 1 } as const;
const LOST_BUT_REMOVED = { kind: 'reset', after: true, times: 1 } as const;

const codes = ({ failed }: { failed: IDataObject[] }) => failed.map((item) => errorOf(item).code);
const howConfirmed = ({ succeeded }: { succeeded: IDataObject[] }) =>
	succeeded.map(({ confirmedBy }) => confirmedBy);

describe('what is sent, and what comes out', () => {
	test.each([
		['with a reason', ITEM],
		['without one', { ...ITEM, reason: '' }],
	])('%s', async (_what, item) => {
		const { succeeded } = await remove([item]);

		const reason = item.reason || null;
		expect(succeeded).toEqual([
			{ success: true, merchantId: '1', points: 5, reason, confirmedBy: 'response', sees: 0 },
		]);
		expect(standIn.requests.map(({ method, path }) => [method, path])).toEqual([['POST', PATH]]);
		expect(standIn.ledger).toEqual([{ merchantId: '1', points: -5, reason }]);
		expect(standIn.breaches).toEqual([]);
	});

	test('a customer who is found by email, with the balance of after', async () => {
		const { succeeded } = await remove([{ ...ITEM, email: 'ann@example.com' }], {
			parameters: { customer: { __rl: true, mode: 'email', value: '={{ $json.email }}' } },
			options: { includeCustomer: true },
		});

		expect(succeeded).toMatchObject([
			{ merchantId: '1', email: 'ann@example.com', customer: { points_approved: 95 } },
		]);
	});

	test('a customer who cannot be read afterwards', async () => {
		standIn.misbehaveAt('listTransactions', { kind: 'status', status: 403 });

		const { succeeded } = await remove([ITEM], { options: { includeCustomer: true } });

		expect(succeeded).toMatchObject([
			{
				success: true,
				customer: null,
				customerNote: expect.stringMatching(/The points were removed all the same\.$/),
			},
		]);
	});

	test.each([1, 2 ** 53 - 1, ' 50 ', '0050'])('points of %j', async (points) => {
		standIn.ifTooFew = 'goBelowZero';
		await remove([{ ...ITEM, points }]);

		expect(standIn.ledger).toMatchObject([{ points: -Number(points) }]);
		expect(standIn.breaches).toEqual([]);
	});
});

describe('points that cannot be used', () => {
	const WHAT = 'Points must be a whole number from 1, written in digits only, e.g. 50.';

	test.each([
		['', 'Points is empty'],
		[null, 'Points is empty'],
		[true, "Points can't be true"],
		['-5', 'Points can\'t be "-5"'],
		[-5, "Points can't be -5"],
		[0, "Points can't be 0"],
		[0.5, "Points can't be 0.5"],
		['1e3', 'Points can\'t be "1e3"'],
		['1,000', 'Points can\'t be "1,000"'],
		[[5], "Points can't be a list"],
		[2 ** 53, "Points can't be 9007199254740992"],
		['9007199254740993', 'Points can\'t be "9007199254740993"'],
	])('%j', async (points, message) => {
		const { failed, succeeded } = await remove([ITEM, { ...ITEM, points }, ITEM], ON);

		expect(howConfirmed({ succeeded })).toEqual(['response', 'response']);
		expect(failed).toMatchObject([
			{
				error: {
					code: 'invalid_input',
					message: `${message} [item 1]`,
					description: `${WHAT} Nothing was sent to LoyaltyLion for customer 1.`,
					pointsMayHaveBeenRemoved: false,
					merchantId: '1',
					points: null,
				},
			},
		]);
		expect(posts()).toBe(2);
	});
});

describe('what LoyaltyLion answers', () => {
	const refusal = (status: number, body: string): Fault => ({ kind: 'status', status, body });

	test.each([
		[refusal(400, '{"error":{"message":"Invalid"}}'), 'rejected_by_api', /did not accept/],
		[
			refusal(401, '{"error":{"message":"No"}}'),
			'not_authenticated',
			/does not accept the API key/,
		],
		[refusal(403, '{"error":{"message":"No"}}'), 'not_permitted', /API key may not remove points/],
		[refusal(404, '{"error":"No"}'), 'customer_not_found', /no customer with the merchant ID 1 /],
		[refusal(422, '{"error":"No"}'), 'refused', /refused to remove 5 points from customer 1 /],
		[{ ...refusal(429, ''), times: TRIES }, 'rate_limited', /took no more requests/],
	])('%j', async (fault, code, message) => {
		misbehave(fault);
		const { failed } = await remove([ITEM], ON);

		expect(failed).toMatchObject([
			{
				error: {
					code,
					message: expect.stringMatching(message),
					description: expect.stringMatching(/[Nn]o points were removed/),
					httpCode: String(fault.status),
					pointsMayHaveBeenRemoved: false,
					points: 5,
				},
			},
		]);
		expect(JSON.stringify(failed)).not.toMatch(/\badded|add points/i);
	});

	test.each<[string, Fault]>([
		['200', { kind: 'status', status: 200, body: '' }],
		['201, as Add Points has it', { kind: 'status', status: 201, body: '""' }],
		['500', { kind: 'status', status: 500, body: '' }],
		['302', { kind: 'redirect', status: 302, location: '/elsewhere' }],
		['a reset', { kind: 'reset' }],
		['a body that breaks off', { kind: 'truncate', status: 200 }],
	])('%s leaves it unclear', async (_what, fault) => {
		misbehave(fault);
		const { failed, hints } = await remove([ITEM], ON);

		expect(failed).toMatchObject([
			{
				error: {
					code: 'outcome_unknown',
					message: 'Unclear whether 5 points were removed from customer 1 [item 0]',
					description: expect.stringMatching(/The points may have been removed\. Look at/),
					pointsMayHaveBeenRemoved: true,
				},
			},
		]);
		expect(hints).toMatchObject([
			{ message: expect.stringMatching(/^0 of 1 item lost their points, for 1 it is unclear/) },
		]);
		expect(JSON.stringify([failed, hints])).not.toMatch(/\badded/i);
		expect(posts()).toBe(1);
	});

	test('a key without the scope says which one it needs', async () => {
		const { failed } = await remove([ITEM], {
			...ON,
			credential: { apiKey: READ_ONLY_KEY, baseUrl: standIn.url },
		});

		expect(failed).toMatchObject([
			{
				error: {
					code: 'not_permitted',
					description: expect.stringMatching(/lacks the write_customers scope/),
				},
			},
		]);
	});

	test('more than there is, where LoyaltyLion refuses that', async () => {
		const { failed } = await remove([{ ...ITEM, merchantId: '2' }], ON);

		expect(failed).toMatchObject([
			{ error: { code: 'refused', description: expect.stringMatching(/not have enough points/) } },
		]);
		expect(standIn.ledger).toEqual([]);
	});

	test.each([
		['bob@example.com', 'refused', /is blocked/],
		['guest@example.com', 'refused', /no merchant ID in LoyaltyLion that points could be removed/],
		['eve@example.com', 'customer_not_found', /No LoyaltyLion customer/],
	])('an email: %s', async (value, code, message) => {
		const { failed } = await remove([ITEM], {
			...ON,
			parameters: { customer: { __rl: true, mode: 'email', value } },
		});

		expect(failed).toMatchObject([
			{
				error: {
					code,
					message: expect.stringMatching(message),
					description: expect.stringMatching(/No points were removed\.$/),
				},
			},
		]);
		expect(posts()).toBe(0);
	});
});

describe('an unclear one, and what the history shows', () => {
	const SMALLER = { merchantId: '1', points: -3, reason: ITEM.reason };
	const ADDED = { merchantId: '1', points: 5, reason: ITEM.reason };

	test.each([
		['points that were added beside it do not count as it', ADDED, LOST, [], 'outcome_unknown'],
		['points that were added beside it do not hide it', ADDED, LOST_BUT_REMOVED, ['history'], ''],
		['fewer points do not confirm it', SMALLER, LOST, [], 'outcome_unknown'],
		['more points do not confirm it', { ...SMALLER, points: -7 }, LOST, [], 'outcome_unknown'],
	])('%s', async (_what, row, fault, confirmed, code) => {
		misbehave(fault);
		standIn.addByHand({ ...row });
		const outcome = await remove([ITEM], { ...ON, options: CHECK });

		expect(howConfirmed(outcome)).toEqual(confirmed);
		expect(codes(outcome)).toEqual(code ? [code] : []);
		expect(posts()).toBe(1);
	});

	test('fewer points are not taken for a proof that it was not made', async () => {
		misbehave(LOST);
		standIn.addByHand({ ...SMALLER });
		const { failed } = await remove([ITEM], { ...ON, options: AGAIN });

		expect(failed).toMatchObject([
			{
				error: {
					code: 'outcome_unknown',
					description: expect.stringMatching(/found a removal that may be this one, or another\.$/),
				},
			},
		]);
		expect(posts()).toBe(1);
	});

	test('LoyaltyLion stops at zero, and the answer is lost: nothing is concluded', async () => {
		standIn.ifTooFew = 'stopAtZero';
		standIn.misbehaveOn('removePoints', '2', LOST_BUT_REMOVED);
		const outcome = await remove([{ ...ITEM, merchantId: '2' }], { ...ON, options: AGAIN });

		expect(codes(outcome)).toEqual(['outcome_unknown']);
		expect(standIn.ledger).toMatchObject([{ points: -3 }]);
		expect(posts()).toBe(1);
	});

	test.each([
		['that points were added', ADDED],
		['that more points were removed', { ...SMALLER, points: -7 }],
	])('a row which says %s does not keep it from being sent again', async (_what, row) => {
		misbehave(LOST);
		standIn.addByHand({ ...row });
		const outcome = await remove([ITEM], { ...ON, options: AGAIN });

		expect(howConfirmed(outcome)).toEqual(['response']);
		expect(posts()).toBe(2);
	});

	test('what the shopper spends, or what expires, is not taken for a part of it', async () => {
		standIn.rewards = [{ id: 1, title: 'A sticker', pointCost: 2 }];
		misbehave(LOST);
		standIn.claimByHand({ merchantId: '1', rewardId: 1 });
		standIn.expireByHand('1', 3);
		const outcome = await remove([ITEM], { ...ON, options: AGAIN });

		expect(howConfirmed(outcome)).toEqual(['response']);
	});

	test('a bigger removal that LoyaltyLion may have cut is not taken for a smaller one', async () => {
		misbehave(LOST);
		const { run } = await remove([ITEM]);
		standIn.addByHand({ merchantId: '1', points: -5, reason: ITEM.reason });
		// As if LoyaltyLion had confirmed it, and removed no more than there were.
		misbehave({ kind: 'status', status: 204, body: '', times: 1 });
		await remove([{ ...ITEM, points: 7 }]);
		const outcome = await retry(run, { ...ON, options: CHECK });

		expect(codes(outcome)).toEqual(['outcome_unknown']);
	});

	test('one that is confirmed, and may have had nothing to remove, explains no row of an unclear one', async () => {
		standIn.ifTooFew = 'stopAtZero';
		const item = { ...ITEM, merchantId: '2', points: 3 };
		standIn.misbehaveOn('removePoints', '2', LOST_BUT_REMOVED);
		const { run } = await remove([item]);
		const confirmed = await remove([item]);
		const outcome = await retry(run, { ...ON, options: AGAIN });

		expect(howConfirmed(confirmed)).toEqual(['response']);
		expect(codes(outcome)).toEqual(['outcome_unknown']);
		expect([posts(), standIn.ledger.length]).toEqual([2, 1]);
	});
});

describe('a node that is set from one to the other', () => {
	const ADD = { operation: 'addPoints' };
	const PER_ORDER = { onlyOncePer: '1001' };

	test('between a failed execution and its retry: what was added was not removed', async () => {
		const items = [ITEM, { ...ITEM, merchantId: '999' }];
		const { run } = await remove(items, { parameters: ADD });
		const outcome = await retry(run, ON);
		const back = await retry(run, { ...ON, parameters: ADD });

		expect(howConfirmed(outcome)).toEqual(['response']);
		expect(howConfirmed(back)).toEqual(['earlierTry']);
		expect(standIn.ledger.map(({ points }) => points)).toEqual([5, -5]);
	});

	test('while one is unclear: the other is neither looked for nor taken for it', async () => {
		standIn.misbehaveFor('1', LOST_BUT_REMOVED);
		const { run } = await remove([ITEM], { parameters: ADD });
		const outcome = await retry(run, { ...ON, options: CHECK });

		expect(howConfirmed(outcome)).toEqual(['response']);
		expect(standIn.ledger.map(({ points }) => points)).toEqual([5, -5]);
	});

	test('for the same value of Only Once Per: both are done, each once', async () => {
		const given = { workflowId: 'from-one-to-the-other' };
		const once = async (parameters: IDataObject) =>
			howConfirmed(await remove([ITEM], { ...given, parameters: { ...PER_ORDER, ...parameters } }));

		expect(await once(ADD)).toEqual(['response']);
		expect(await once({})).toEqual(['response']);
		expect(await once({})).toEqual(['alreadyRemoved']);
		expect(await once(ADD)).toEqual(['alreadyAdded']);
		expect(standIn.ledger.map(({ points }) => points)).toEqual([5, -5]);
	});
});

test('equal points that are added and removed at the same time, both unclear, are told apart', async () => {
	misbehave(LOST_BUT_REMOVED);
	standIn.misbehaveFor('1', LOST);
	const [removed, added] = await Promise.all([
		remove([ITEM], { ...ON, options: CHECK }),
		remove([ITEM], { ...ON, options: CHECK, parameters: { operation: 'addPoints' } }),
	]);

	expect(howConfirmed(removed)).toEqual(['history']);
	expect(codes(added)).toEqual(['outcome_unknown']);
});

test('an execution that n8n has saved keeps what was removed apart from what was added', async () => {
	const { run } = await remove([ITEM, { ...ITEM, merchantId: '999' }]);

	expect(run.data.executionData?.contextData['node:LoyaltyLion']).toEqual({
		loyaltyLionRemovals: {
			'0': {
				'0': {
					sent: {
						...ITEM,
						account: expect.any(String),
						sentAt: expect.any(Number),
						endedAt: expect.any(Number),
					},
				},
			},
		},
	});
});

test('what a version without Remove Points has saved of Add Points is still known', async () => {
	const { run } = await remove([ITEM, { ...ITEM, merchantId: '999' }], {
		parameters: { operation: 'addPoints' },
	});
	const context = run.data.executionData?.contextData['node:LoyaltyLion'];

	expect(context).toEqual({
		loyaltyLionRuns: {
			'0': {
				'0': {
					sent: {
						...ITEM,
						account: expect.any(String),
						sentAt: expect.any(Number),
						endedAt: expect.any(Number),
					},
				},
			},
		},
	});
	const saved = JSON.parse(JSON.stringify({ data: run.data })) as typeof run;
	const workflow = addPointsWorkflow({ ...ON });
	const { succeeded } = outcomeOf(await n8n().retry(workflow, saved, { credential: credential() }));
	expect(succeeded).toMatchObject([{ ...ITEM, confirmedBy: 'earlierTry' }]);
	expect(standIn.ledger).toHaveLength(1);
});

test('it is not shown late for hours what was removed: then it stays unclear', async () => {
	standIn.historyLagMs = HOUR_MS;
	misbehave(LOST_BUT_REMOVED);
	const outcome = await remove([ITEM], { ...ON, options: CHECK });

	expect(codes(outcome)).toEqual(['outcome_unknown']);
});
