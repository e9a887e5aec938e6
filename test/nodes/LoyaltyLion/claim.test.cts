import type { IDataObject as Json } from 'n8n-workflow';
import type { Fault } from '../../../dev/stand-in/faults.cts';
import { anotherProcess } from '../../harness/anotherProcess.cts';
import { awarding } from '../../harness/awarding.cts';
import { CLAIMING } from '../../harness/doing.cts';
import { errorOf } from '../../harness/errorOf.cts';
import { impatient, TRIES } from '../../harness/impatient.cts';
import { credentialForEachTest } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';

// What Claim has of its own; what it shares with Add Points is tested where that is.

const theShop = shop(
	{
		1: { email: 'ann@example.com', points: 1000 },
		2: { points: 3 },
		1666: { blocked: true, email: 'bob@example.com' },
	},
	CLAIMING,
);
const { standIn } = theShop;
const credential = credentialForEachTest(standIn);
const { award: claim, retry, posts, looks } = awarding(theShop, credential, CLAIMING);
impatient();
shortLooks();

let workflowId = '';
let workflows = 0;
beforeEach(() => {
	workflowId = `claims-${++workflows}`;
	standIn.rewards = [
		{ id: 7, title: '5 off', pointCost: 100 },
		{ id: 8, title: 'Tote bag', pointCost: 50, method: 'store_fulfilment' },
		{ id: 9, title: 'Donation', pointCost: 10, discountType: 'custom' },
		{ id: 10, title: 'Free sample', pointCost: 20, needsVariant: true },
		{ id: 11, title: 'Welcome gift', pointCost: 0 },
	];
});

const ITEM = { merchantId: '1', points: 7 };
const ON = { onError: 'continueErrorOutput' } as const;
const CHECK = { ifUnclear: 'check' };
const AGAIN = { ifUnclear: 'checkThenSend' };
const PATH = '/v2/customers/1/claimed_rewards';
const RETRY_ON_FAIL = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
const OPTIONS = ['multiplier', 'variantId', 'siteId'];
const UNKNOWN_CUSTOMER = { merchantId: '999', points: 7 };

const misbehave = (...faults: Fault[]) => standIn.misbehaveOn('claimReward', '1', ...faults);
const LOST = { kind: 'reset', times: 1 } as const;
const LOST_BUT_CLAIMED = { kind: 'reset', after: true, times: 1 } as const;
const claimByHand = (rewardId = 7, msAgo = 0) =>
	standIn.claimByHand({ merchantId: '1', rewardId }, msAgo);

const codes = ({ failed }: { failed: Json[] }) => failed.map((item) => errorOf(item).code);
const howConfirmed = ({ succeeded }: { succeeded: Json[] }) =>
	succeeded.map(({ confirmedBy }) => confirmedBy);
const vouchers = ({ succeeded }: { succeeded: Json[] }) =>
	succeeded.map(({ voucherCode }) => voucherCode);
const codeOf = (place: number) => standIn.claims[place]?.code;
const once = async (items: Json[], { parameters, ...given }: Parameters<typeof claim>[1] = {}) =>
	await claim(items, {
		workflowId,
		parameters: { onlyOncePer: 'spring quiz', ...parameters },
		...ON,
		...given,
	});

describe('what is sent, and what comes out', () => {
	test('the claimed reward, with its voucher code', async () => {
		const { succeeded } = await claim([ITEM]);

		expect(succeeded).toEqual([
			{
				success: true,
				merchantId: '1',
				rewardId: 7,
				confirmedBy: 'response',
				claimedRewardId: standIn.claims[0]?.id,
				voucherCode: codeOf(0),
				claimedReward: expect.objectContaining({
					id: standIn.claims[0]?.id,
					point_cost: 100,
					state: 'approved',
					reward: expect.objectContaining({ id: 7, title: '5 off' }),
				}),
				sees: 0,
			},
		]);
		expect(codeOf(0)).toMatch(/./);
		expect(standIn.requests.map(({ method, path }) => [method, path])).toEqual([['POST', PATH]]);
		expect(standIn.breaches).toEqual([]);
	});

	test('a reward that has no voucher', async () => {
		const { succeeded } = await claim([{ ...ITEM, points: 8 }]);

		expect(succeeded).toMatchObject([
			{ voucherCode: null, claimedReward: { redeemable: { fulfilled: false } } },
		]);
	});

	test.each<[string, number, Json, object]>([
		['Multiplier', 9, { multiplier: '3' }, { multiplier: 3 }],
		['a Multiplier of one is none', 7, { multiplier: 1 }, {}],
		['Variant ID as text', 10, { variantId: ' 40012 ' }, { variantId: '40012' }],
		['Variant ID as a number', 10, { variantId: 40012 }, { variantId: '40012' }],
		[
			"Shopify's long form of a variant",
			10,
			{ variantId: 'gid://shopify/ProductVariant/40012' },
			{ variantId: '40012' },
		],
		['Site ID', 7, { siteId: '5' }, { siteId: 5 }],
		['options that are left empty', 7, { multiplier: '', variantId: '', siteId: '' }, {}],
	])('%s', async (_what, points, options, expected) => {
		const { succeeded } = await claim([{ ...ITEM, points }], { options });

		expect(succeeded).toHaveLength(1);
		const [made] = standIn.claims;
		expect(made).toMatchObject({ rewardId: points, ...expected });
		const sent = Object.keys(made ?? {}).filter((name) => OPTIONS.includes(name));
		expect(sent).toEqual(Object.keys(expected));
		expect(standIn.breaches).toEqual([]);
	});

	test('a customer who is found by email', async () => {
		const { succeeded } = await claim([{ ...ITEM, email: 'ann@example.com' }], {
			parameters: { customer: { __rl: true, mode: 'email', value: '={{ $json.email }}' } },
		});

		expect(succeeded).toMatchObject([{ merchantId: '1', email: 'ann@example.com', rewardId: 7 }]);
	});
});

describe('what cannot be used', () => {
	const EXPRESSION = (value: unknown, mode = 'id') => ({
		parameters: { reward: { __rl: true, mode, value } as Json },
	});

	test.each([
		["={{ '' }}", 'Reward ID is empty'],
		['seven', 'Reward ID can\'t be "seven"'],
		['7.5', 'Reward ID can\'t be "7.5"'],
		[0, "Reward ID can't be 0"],
		[-7, "Reward ID can't be -7"],
		[true, "Reward ID can't be true"],
		[2 ** 53, "Reward ID can't be 9007199254740992"],
	])('a reward of %j', async (value, message) => {
		const { failed } = await claim([ITEM], { ...ON, ...EXPRESSION(value) });

		expect(failed).toMatchObject([
			{
				error: {
					code: 'invalid_input',
					message: `${message} [item 0]`,
					description: expect.stringMatching(/Nothing was sent to LoyaltyLion for customer 1\.$/),
					rewardMayHaveBeenClaimed: false,
					merchantId: '1',
					rewardId: null,
				},
			},
		]);
		expect(standIn.requests).toEqual([]);
	});

	test('a reward that is chosen in a way of another version', async () => {
		const outcome = await claim([ITEM], { ...ON, ...EXPRESSION('7', 'zodiac') });

		expect(outcome.failed).toMatchObject([
			{ error: { message: 'Reward is set in a way that this node does not know [item 0]' } },
		]);
	});

	test.each([
		[{ multiplier: 0 }, /^Multiplier can't be 0/],
		[{ multiplier: 'twice' }, /^Multiplier can't be "twice"/],
		[{ multiplier: 1.5 }, /^Multiplier can't be 1\.5/],
		[{ variantId: { id: 1 } }, /^Variant ID can't be an object/],
		[{ variantId: '4\u200b0' }, /^Variant ID can't be/],
		[{ variantId: '4'.repeat(256) }, /^Variant ID can't be/],
		[{ siteId: 'shop' }, /^Site ID can't be "shop"/],
	])('options of %j', async (options, message) => {
		const outcome = await claim([ITEM], { ...ON, options: options as Json });

		expect(codes(outcome)).toEqual(['invalid_input']);
		expect(errorOf(outcome.failed[0] ?? {}).message).toMatch(message);
		expect(standIn.requests).toEqual([]);
	});
});

describe('what LoyaltyLion answers', () => {
	const refusal = (status: number, body: string): Fault => ({ kind: 'status', status, body });

	test.each<[Fault, string, RegExp]>([
		[refusal(400, '{"error":{"message":"Invalid"}}'), 'rejected_by_api', /did not accept/],
		[
			refusal(401, '{"error":{"message":"No"}}'),
			'not_authenticated',
			/does not accept the API key/,
		],
		[refusal(403, '{"error":{"message":"No"}}'), 'not_permitted', /API key may not claim a reward/],
		[refusal(404, '{"error":"No"}'), 'reward_not_found', /no reward 7 for customer 1 /],
		[refusal(422, '{"error":"No"}'), 'refused', /refused to let customer 1 claim reward 7 /],
		[{ ...refusal(429, ''), times: TRIES }, 'rate_limited', /took no more requests/],
	])('%j', async (fault, code, message) => {
		misbehave(fault);
		const { failed } = await claim([ITEM], ON);

		expect(failed).toMatchObject([
			{
				error: {
					code,
					message: expect.stringMatching(message),
					description: expect.stringMatching(/[Nn]o reward was claimed/),
					httpCode: String(fault.status),
					rewardMayHaveBeenClaimed: false,
					rewardId: 7,
				},
			},
		]);
		expect(JSON.stringify(failed)).not.toMatch(/pointsMay|were added/i);
	});

	test.each<[string, Fault]>([
		['200', { kind: 'status', status: 200, body: '{"claimed_reward":{"id":1}}' }],
		['201 without a claimed reward', { kind: 'status', status: 201, body: '""' }],
		['201 with one that has no ID', { kind: 'status', status: 201, body: '{"claimed_reward":{}}' }],
		['201 that breaks off', { kind: 'truncate', status: 201, body: '{"claimed_reward":{"id":1}}' }],
		['500', { kind: 'status', status: 500, body: '' }],
		['a reset', { kind: 'reset' }],
	])('%s leaves it unclear', async (_what, fault) => {
		misbehave(fault);
		const { failed } = await claim([ITEM], ON);

		expect(failed).toMatchObject([
			{
				error: {
					code: 'outcome_unknown',
					message: 'Unclear whether reward 7 was claimed for customer 1 [item 0]',
					description: expect.stringMatching(/The reward may have been claimed\. Look at/),
					rewardMayHaveBeenClaimed: true,
				},
			},
		]);
		expect(posts()).toBe(1);
	});

	test('too few points', async () => {
		const { failed, hints } = await claim([{ ...ITEM, merchantId: '2' }], ON);

		expect(failed).toMatchObject([
			{ error: { code: 'refused', description: expect.stringMatching(/not have enough points/) } },
		]);
		expect(hints).toMatchObject([
			{ message: expect.stringMatching(/^0 of 1 item got their reward, 1 did not\./) },
		]);
	});
});

describe('an answer that is lost', () => {
	test('comes out of the history, with its voucher code', async () => {
		misbehave(LOST_BUT_CLAIMED);
		const outcome = await claim([ITEM], { ...ON, options: CHECK });

		expect(howConfirmed(outcome)).toEqual(['history']);
		expect(outcome.succeeded).toMatchObject([
			{ claimedRewardId: standIn.claims[0]?.id, voucherCode: codeOf(0) },
		]);
		expect(posts()).toBe(1);
	});

	test.each([
		['another reward', () => claimByHand(8)],
		['points that were removed', () => standIn.addByHand({ ...ITEM, points: -100, reason: null })],
		['the same reward, long before', () => claimByHand(7, 60_000)],
		['a refund of the same reward', () => standIn.refundByHand(claimByHand(7, 60_000))],
	])('is not found in %s, and claimed again if that is wanted', async (_what, beside) => {
		beside();
		misbehave(LOST, LOST);
		const reported = await claim([ITEM], { ...ON, options: CHECK });
		const again = await claim([ITEM], { ...ON, options: CHECK, credential: credential() });
		expect([codes(reported), codes(again)]).toEqual([['outcome_unknown'], ['outcome_unknown']]);
		expect(posts()).toBe(2);
	});

	test('is claimed again when the history proves that it was not', async () => {
		misbehave(LOST);
		const outcome = await claim([ITEM], { ...ON, options: AGAIN });

		expect(outcome.succeeded).toMatchObject([
			{
				confirmedBy: 'response',
				timesSent: 2,
				rewardMayHaveBeenClaimedTwice: true,
				voucherCode: codeOf(0),
			},
		]);
		expect(standIn.claims).toHaveLength(1);
	});

	test.each([
		['costs nothing, so that it may leave no row', { points: 11 }, undefined],
		['is offered no more, so that nobody knows what it costs', ITEM, 'gone'],
	])('is not claimed again where the reward %s', async (_what, item, gone) => {
		misbehave(LOST);
		if (gone)
			standIn.misbehaveAt('listAvailableRewards', {
				kind: 'status',
				status: 200,
				body: '{"rewards":[]}',
			});
		const outcome = await claim([{ ...ITEM, ...item }], { ...ON, options: AGAIN });

		expect(codes(outcome)).toEqual(['outcome_unknown']);
		expect(posts()).toBe(1);
	});

	test('of two equal ones, one of which was claimed, belongs to one alone', async () => {
		misbehave(LOST_BUT_CLAIMED, LOST);
		const outcome = await claim([ITEM, ITEM], { ...ON, options: CHECK });

		expect(howConfirmed(outcome)).toEqual(['history']);
		expect(codes(outcome)).toEqual(['outcome_unknown']);
	});

	test.each([2, 3])(
		'of %i equal ones that were claimed: no two have one voucher',
		async (count) => {
			misbehave({ ...LOST_BUT_CLAIMED, times: count });
			const outcome = await claim(Array<typeof ITEM>(count).fill(ITEM), { ...ON, options: CHECK });

			expect(vouchers(outcome).sort()).toEqual(standIn.claims.map(({ code }) => code).sort());
			expect(new Set(vouchers(outcome)).size).toBe(count);
		},
	);

	test('beside an equal one that is confirmed: each has its own voucher', async () => {
		misbehave({ kind: 'none', times: 1 }, LOST_BUT_CLAIMED);
		const outcome = await claim([ITEM, ITEM], { ...ON, options: CHECK });

		expect(howConfirmed(outcome).sort()).toEqual(['history', 'response']);
		expect(new Set(vouchers(outcome)).size).toBe(2);
	});

	test('a claim that is in the history without the reward it is of may be any', async () => {
		misbehave(LOST);
		standIn.showTransactions = (rows) =>
			rows.map((row) => ({ ...row, claimed_reward: { id: 5, reward: null } }));
		claimByHand(8);
		const outcome = await claim([ITEM], { ...ON, options: AGAIN });

		expect(codes(outcome)).toEqual(['outcome_unknown']);
		expect(posts()).toBe(1);
	});
});

describe('retries', () => {
	test('claim nothing again, and give the same voucher', async () => {
		const outcome = await claim([UNKNOWN_CUSTOMER, ITEM], { ...ON, settings: RETRY_ON_FAIL });

		expect(howConfirmed(outcome)).toEqual(['earlierTry']);
		expect(outcome.succeeded).toMatchObject([
			{ claimedRewardId: standIn.claims[0]?.id, voucherCode: codeOf(0) },
		]);
		expect(standIn.claims).toHaveLength(1);
	});

	test('tell one claim of the same reward from another', async () => {
		const outcome = await claim([UNKNOWN_CUSTOMER, ITEM, ITEM], {
			...ON,
			settings: RETRY_ON_FAIL,
		});

		expect(howConfirmed(outcome)).toEqual(['earlierTry', 'earlierTry']);
		expect(new Set(vouchers(outcome)).size).toBe(2);
	});

	test('say so when the claim cannot be read any more', async () => {
		const { run } = await claim([ITEM, UNKNOWN_CUSTOMER]);
		standIn.misbehaveAt('listTransactions', { kind: 'status', status: 403 });
		const { succeeded } = await retry(run, ON);

		expect(succeeded).toMatchObject([
			{
				confirmedBy: 'earlierTry',
				claimedRewardId: standIn.claims[0]?.id,
				voucherCode: null,
				claimedReward: null,
				claimedRewardNote: expect.stringMatching(/The reward was claimed all the same/),
			},
		]);
		expect(standIn.claims).toHaveLength(1);
	});

	test('show what was refunded since as it is', async () => {
		const { run } = await claim([ITEM, UNKNOWN_CUSTOMER]);
		const [made] = standIn.claims;
		if (made) standIn.refundByHand(made);
		const { succeeded } = await retry(run, ON);

		expect(succeeded).toMatchObject([{ claimedReward: { id: made?.id, state: 'void' } }]);
	});
});

describe('Only Once Per', () => {
	test('claims once, and gives the voucher again', async () => {
		const first = await once([ITEM]);
		const second = await once([ITEM, ITEM]);

		expect(howConfirmed(first)).toEqual(['response']);
		expect(howConfirmed(second)).toEqual(['alreadyClaimed', 'alreadyClaimed']);
		expect(vouchers(second)).toEqual([codeOf(0), codeOf(0)]);
		expect(second.succeeded).toMatchObject([{ onlyOncePer: 'spring quiz', rewardId: 7 }, {}]);
		expect(posts()).toBe(1);
	});

	test('gives the voucher of the right one, of several', async () => {
		const autumn = { parameters: { onlyOncePer: 'autumn quiz' } };
		await once([ITEM]);
		claimByHand();
		await once([ITEM], autumn);
		const here = [await once([ITEM]), await once([ITEM], autumn)];
		// What n8n itself remembers, all others know.
		const host = await anotherProcess();
		const there = [await once([ITEM], { host }), await once([ITEM], { host, ...autumn })];

		expect(standIn.claims).toHaveLength(3);
		for (const [spring, fall] of [here, there]) {
			expect([spring, fall].flatMap((each) => (each ? vouchers(each) : []))).toEqual([
				codeOf(0),
				codeOf(2),
			]);
		}
	});

	test('says that it does not know which one it was, of several', async () => {
		const DAY_MS = 86_400_000;
		for (const days of [3, 2]) claimByHand(7, days * DAY_MS);
		await once([ITEM]);
		standIn.historyLagMs = DAY_MS;
		const { succeeded } = await once([ITEM]);

		const ids = standIn.claims.slice(0, 2).map(({ id }) => id);
		expect(succeeded).toMatchObject([
			{
				confirmedBy: 'alreadyClaimed',
				claimedReward: null,
				voucherCode: null,
				claimedRewardNote: expect.stringContaining(
					`claimed reward IDs ${ids.reverse().join(', ')}`,
				),
			},
		]);
	});

	test('says so when LoyaltyLion shows it no more', async () => {
		await once([ITEM]);
		standIn.historyLagMs = 3_600_000;
		const { succeeded } = await once([ITEM]);

		expect(succeeded).toMatchObject([
			{
				confirmedBy: 'alreadyClaimed',
				claimedReward: null,
				claimedRewardNote: expect.stringMatching(/does not show it, or not yet/),
			},
		]);
	});

	test.each([
		['another reward', { points: 8 }, {}],
		['the same with another Multiplier', {}, { multiplier: 2 }],
	])('leaves %s to a person', async (_what, item, options) => {
		await once([ITEM]);
		const outcome = await once([{ ...ITEM, ...item }], { options });

		expect(outcome.failed).toMatchObject([
			{
				error: {
					code: 'other_reward_claimed',
					message: 'Customer 1 claimed another reward for "spring quiz" before [item 0]',
					rewardMayHaveBeenClaimed: false,
				},
			},
		]);
		expect(posts()).toBe(1);
	});

	test('what was refused is claimed the next time', async () => {
		misbehave({ kind: 'status', status: 422, body: '{"error":"No"}', times: 1 });
		const first = await once([ITEM]);
		const second = await once([ITEM]);

		expect([codes(first), howConfirmed(second)]).toEqual([['refused'], ['response']]);
	});

	test('an unclear one is found by the next execution', async () => {
		misbehave(LOST_BUT_CLAIMED);
		const first = await once([ITEM]);
		const second = await once([ITEM], { options: CHECK });

		expect([codes(first), howConfirmed(second)]).toEqual([['outcome_unknown'], ['alreadyClaimed']]);
		expect(vouchers(second)).toEqual([codeOf(0)]);
		expect(posts()).toBe(1);
	});

	describe('after a crash', () => {
		/** Stands still for good while the request is on its way, as a crash leaves it. */
		async function crash() {
			let others = 0;
			const hold = standIn.hold(({ path }) => path === PATH && others++ === 0);
			let cancel = () => {};
			const ended = once([ITEM], {
				options: { timeout: 300 },
				onStart: (execution) => {
					cancel = () => execution.cancel();
				},
			});
			await hold.arrived;
			return async () => {
				cancel();
				hold.forget();
				await ended;
			};
		}

		test.each([
			['check', 'reported'],
			['checkThenSend', 'reported, as it may be this one'],
		])('with a claim of the same reward in the history, %s: %s', async (ifUnclear) => {
			const end = await crash();
			claimByHand();
			const outcome = await once([ITEM], { options: { ifUnclear }, host: await anotherProcess() });
			await end();

			expect(codes(outcome)).toEqual(['outcome_unknown']);
			expect(errorOf(outcome.failed[0] ?? {}).description).toMatch(/a person has to look/);
			expect(posts()).toBe(1);
		});

		test('with none in the history it is claimed if that is wanted, and says so', async () => {
			const end = await crash();
			const host = await anotherProcess();
			const outcome = await once([ITEM], { options: AGAIN, host });
			await end();

			expect(outcome.succeeded).toMatchObject([
				{ confirmedBy: 'response', rewardMayHaveBeenClaimedTwice: true, voucherCode: codeOf(0) },
			]);
			expect(standIn.claims).toHaveLength(1);
		});
	});
});

test('a node that is set from one operation to another takes nothing for its own', async () => {
	const ADD = { resource: 'customer', operation: 'addPoints' };
	const { run } = await claim([ITEM, UNKNOWN_CUSTOMER], { parameters: ADD });
	const outcome = await retry(run, ON);
	const back = await retry(run, { ...ON, parameters: ADD });

	expect([howConfirmed(outcome), howConfirmed(back)]).toEqual([['response'], ['earlierTry']]);
	expect([standIn.ledger.length, standIn.claims.length]).toEqual([1, 1]);
	expect(looks()).toBe(0);
});
