import fc, { type Arbitrary } from 'fast-check';
import type { IDataObject as Json } from 'n8n-workflow';
import { runAgent } from '../../../../dev/engine/agents.cts';
import type { Claim } from '../../../../dev/stand-in/Shop.cts';
import { operationWorkflow, outcomeOf } from '../../../harness/addPoints.cts';
import { anotherProcess } from '../../../harness/anotherProcess.cts';
import { holdsFor } from '../../../harness/holdsFor.cts';
import { impatient } from '../../../harness/impatient.cts';
import { credentialForEachTest, newCredential } from '../../../harness/newCredential.cts';
import { MODES, RETRY_ON_FAIL } from '../../../harness/modes.cts';
import { shop } from '../../../harness/shop.cts';
import { shortLooks } from '../../../harness/shortLooks.cts';
import { timePasses } from '../../../harness/timePasses.cts';

const IDS = Array.from({ length: 40 }, (_, index) => `${1001 + index}`);
const { standIn, runOperation, n8n } = shop({
	...Object.fromEntries(IDS.map((id) => [id, { email: `c${id}@example.com`, points: 1000 }])),
	'a/b ü?#%': { points: 100 },
});
const credential = credentialForEachTest(standIn);
impatient();
shortLooks();

const REWARDS = [{ id: 77, title: '5 off', pointCost: 100 }];

/** The ID that the stand-in gives the first reward that is claimed. */
const FIRST_CLAIM = 9001;

/** One of each customer's. */
let claims: Claim[] = [];

beforeEach(() => {
	standIn.rewards = REWARDS;
	claims = IDS.map((merchantId) => standIn.claimByHand({ merchantId, rewardId: 77 }));
});

const PARAMETERS = {
	resource: 'reward',
	operation: 'refund',
	customer: { __rl: true, mode: 'merchantId', value: '={{ $json.merchantId }}' },
	claimedRewardId: '={{ $json.claimedRewardId }}',
	options: { requestsPerSecond: 0 },
};

async function refund(items: Json[], parameters: Json = {}, given = {}) {
	return await runOperation({
		items,
		parameters: { ...PARAMETERS, ...parameters },
		onError: 'continueErrorOutput',
		credential: credential(),
		...given,
	});
}

/** @param place of the customer */
function itemOf(place = 0) {
	const { merchantId = '', id = 0 } = claims[place] ?? {};
	return { merchantId, claimedRewardId: id };
}

const sent = () => standIn.count('refundReward');

const RESET = { kind: 'reset', times: 1 } as const;

describe('a claimed reward', () => {
	test('is refunded, and says how that is known', async () => {
		const { succeeded, hints } = await refund([itemOf()]);

		expect(succeeded).toEqual([
			{
				success: true,
				...itemOf(),
				alreadyRefunded: false,
				voucherDeleted: true,
				confirmedBy: 'response',
				claimedReward: expect.objectContaining({ id: itemOf().claimedRewardId, state: 'void' }),
				sees: 0,
			},
		]);
		expect(standIn.refunds).toEqual([{ ...itemOf(), points: 100 }]);
		expect(standIn.breaches).toEqual([]);
		expect(hints).toEqual([]);
	});

	test('is found by the email of its customer', async () => {
		const customer = { __rl: true, mode: 'email', value: 'C1002@example.com' };

		const { succeeded } = await refund([itemOf(1)], { customer });

		expect(succeeded).toMatchObject([{ ...itemOf(1), email: 'C1002@example.com' }]);
		expect(standIn.refunds).toHaveLength(1);
	});

	test('of a customer whose ID has to be encoded', async () => {
		const { id, merchantId } = standIn.claimByHand({ merchantId: 'a/b ü?#%', rewardId: 77 });

		await refund([{ merchantId, claimedRewardId: ` ${id} ` }]);

		expect(standIn.refunds).toMatchObject([{ merchantId, claimedRewardId: id }]);
	});

	test('whose voucher is not deleted says that it may still work', async () => {
		standIn.deletesVouchers = false;

		const { succeeded, hints } = await refund([itemOf()]);

		expect(succeeded).toMatchObject([
			{ voucherDeleted: false, voucherNote: expect.stringMatching(/may still work there/) },
		]);
		expect(hints).toMatchObject([
			{ message: expect.stringMatching(/^For 1 item \(item 0\): .*may still work there/) },
		]);
	});

	test('that is refunded already is said to be, and nothing is sent', async () => {
		standIn.refundByHand(claims[0] as Claim);

		const { succeeded } = await refund([itemOf()]);

		expect(succeeded).toMatchObject([
			{
				success: true,
				...itemOf(),
				alreadyRefunded: true,
				voucherDeleted: null,
				confirmedBy: 'history',
				claimedReward: { state: 'void' },
			},
		]);
		expect(sent()).toBe(0);
	});

	test('is found behind a thousand other transactions', async () => {
		for (let count = 0; count < 1000; count++) {
			standIn.addByHand({ merchantId: '1001', points: 1, reason: null });
		}

		const { succeeded } = await refund([itemOf()]);

		expect(succeeded).toMatchObject([{ alreadyRefunded: false }]);
		expect(standIn.count('listTransactions')).toBe(3);
	});

	test.each([
		['of somebody else', () => ({ ...itemOf(1), merchantId: '1001' })],
		['that is not there', () => ({ ...itemOf(), claimedRewardId: 999_999 })],
		['by the ID of the reward', () => ({ ...itemOf(), claimedRewardId: 77 })],
	])('%s is not refunded', async (_which, item) => {
		const { failed } = await refund([item()]);

		expect(failed).toMatchObject([
			{
				error: {
					code: 'claimed_reward_not_found',
					...item(),
					rewardMayHaveBeenRefunded: false,
					description: expect.stringMatching(
						/it is the ID of the claimed reward, .* Nothing was refunded\.$/,
					),
				},
			},
		]);
		expect(sent()).toBe(0);
	});

	test('of a customer who is not there is not refunded', async () => {
		const { failed } = await refund([{ ...itemOf(), merchantId: '999' }]);

		expect(failed).toMatchObject([{ error: { code: 'customer_not_found' } }]);
		expect(sent()).toBe(0);
	});

	test.each([
		{ what: 'rows without their state', rows: [{ claimed_reward: { state: undefined } }] },
		{ what: 'no rows', rows: undefined },
	])('is not refunded when the transactions do not tell its state: $what', async ({ rows }) => {
		const transactions = rows?.map(({ claimed_reward }) => ({
			claimed_reward: { ...claimed_reward, id: itemOf().claimedRewardId },
		}));
		const body = JSON.stringify({ transactions, cursor: { next: null } });
		standIn.misbehaveAt('listTransactions', { kind: 'status', status: 200, body });

		const { failed } = await refund([itemOf()]);

		expect(failed).toMatchObject([
			{ error: { code: 'lookup_failed', rewardMayHaveBeenRefunded: false } },
		]);
		expect(sent()).toBe(0);
	});

	test('is not looked for without end', async () => {
		const body = JSON.stringify({ transactions: [], cursor: { next: 'on' } });
		standIn.misbehaveAt('listTransactions', { kind: 'status', status: 200, body });

		const { failed } = await refund([itemOf()]);

		expect(failed).toMatchObject([{ error: { code: 'lookup_failed' } }]);
		expect(standIn.count('listTransactions')).toBe(2);
	});
});

describe('a lost answer', () => {
	const LOST = [
		{ kind: 'reset' },
		{ kind: 'truncate', status: 200 },
		{ kind: 'status', status: 502 },
		{ kind: 'status', status: 200, body: '<html>' },
		{ kind: 'status', status: 200, body: '{"claimed_reward":[]}' },
		{ kind: 'status', status: 201 },
	] as const;

	test.each(LOST)('of a refund that was made: $kind $status $body', async (fault) => {
		standIn.misbehaveAt('refundReward', { ...fault, after: true });

		const { succeeded } = await refund([itemOf()]);

		expect(succeeded).toMatchObject([
			{
				...itemOf(),
				alreadyRefunded: false,
				voucherDeleted: null,
				confirmedBy: 'history',
				claimedReward: { state: 'void' },
			},
		]);
		expect(sent()).toBe(1);
		expect(standIn.refunds).toHaveLength(1);
	});

	test.each(LOST)('of a refund that was not made: $kind $status $body', async (fault) => {
		standIn.misbehaveAt('refundReward', fault);

		const { failed } = await refund([itemOf()]);

		expect(failed).toMatchObject([
			{
				error: {
					code: 'outcome_unknown',
					...itemOf(),
					rewardMayHaveBeenRefunded: true,
					message: expect.stringMatching(
						/^Unclear whether claimed reward \d+ of customer 1001 was/,
					),
					description: expect.stringMatching(/where it is not refunded, but LoyaltyLion may show/),
				},
			},
		]);
		expect(sent()).toBe(1);
	});

	test('is unclear where the transactions cannot be read afterwards', async () => {
		standIn.misbehaveAt('refundReward', { ...RESET, after: true });
		standIn.onArrival = ({ method }) => {
			if (method === 'POST') {
				standIn.misbehaveAt('listTransactions', { kind: 'status', status: 403 });
			}
		};

		const { failed } = await refund([itemOf()]);

		expect(failed).toMatchObject([
			{
				error: {
					code: 'outcome_unknown',
					description: expect.stringMatching(
						/could not read the customer's transactions itself\.$/,
					),
				},
			},
		]);
	});
});

describe('what was sent before', () => {
	const workflow = operationWorkflow({ parameters: PARAMETERS });

	test.each(MODES)('%s: comes out of Retry On Fail as it was', async (onError) => {
		standIn.misbehaveOn('refundReward', '1001', { kind: 'status', status: 422, times: 1 });

		const { succeeded } = await refund(
			[itemOf(0), itemOf(1)],
			{},
			{
				onError,
				settings: RETRY_ON_FAIL,
			},
		);

		expect(succeeded).toMatchObject([
			{ ...itemOf(0), alreadyRefunded: false, confirmedBy: 'response' },
			{ ...itemOf(1), alreadyRefunded: false, voucherDeleted: true },
		]);
		expect(standIn.refunds).toHaveLength(2);
	});

	test('comes out of the retry of an execution as it was, whatever the fields say now', async () => {
		standIn.misbehaveOn('refundReward', '1002', { kind: 'status', status: 422, times: 1 });
		const items = [{ ...itemOf(0), email: 'c1001@example.com' }, itemOf(1)];
		const { run } = await refund(items, {}, { onError: 'stopWorkflow' });
		const changed = operationWorkflow({
			parameters: {
				...PARAMETERS,
				claimedRewardId: '={{ $json.row === 0 ? 1 : $json.claimedRewardId }}',
			},
		});

		const retried = await n8n().retry(changed, run, { credential: credential() });

		expect(outcomeOf(retried).succeeded).toMatchObject([
			{
				...itemOf(0),
				alreadyRefunded: false,
				voucherDeleted: true,
				confirmedBy: 'earlierTry',
				claimedReward: { state: 'void' },
			},
			{ ...itemOf(1), alreadyRefunded: false, confirmedBy: 'response' },
		]);
		expect(standIn.refunds).toHaveLength(2);
	});

	test.each([
		{ what: 'transactions cannot be read', other: undefined },
		{ what: 'credential cannot be opened', other: new Error('No') },
	])('is said again also when the $what any more', async ({ other }) => {
		standIn.misbehaveOn('refundReward', '1002', { kind: 'status', status: 422, times: 1 });
		const { run } = await refund([itemOf(0), itemOf(1)], {}, { onError: 'stopWorkflow' });
		standIn.misbehaveOn('listTransactions', '1001', { kind: 'status', status: 403 });
		const continuing = operationWorkflow({
			parameters: PARAMETERS,
			onError: 'continueErrorOutput',
		});

		const retried = await n8n().retry(continuing, run, { credential: other ?? credential() });

		expect(outcomeOf(retried).succeeded[0]).toMatchObject({
			...itemOf(0),
			claimedReward: null,
			confirmedBy: 'earlierTry',
		});
	});

	test.each([
		{ host: 'this', load: async () => await Promise.resolve(n8n()) },
		{ host: 'another', load: anotherProcess },
	])('and is unclear is looked for, not sent again, in $host process', async ({ load }) => {
		standIn.misbehaveAt('refundReward', RESET);
		const { run, error } = await refund([itemOf()], {}, { onError: 'stopWorkflow' });
		expect(error?.message).toMatch(/^Unclear whether/);

		const host = await load();
		const given = { credential: credential() };
		const second = await host.retry(workflow, run, given);
		standIn.refundByHand(claims[0] as Claim);
		const third = await host.retry(workflow, second, given);

		expect(outcomeOf(second).error?.message).toMatch(/^Unclear whether/);
		expect(outcomeOf(third).succeeded).toMatchObject([
			{ alreadyRefunded: false, confirmedBy: 'history', voucherDeleted: null },
		]);
		expect(sent()).toBe(1);
	});

	test('and is unclear stays so while the transactions cannot be read', async () => {
		standIn.misbehaveAt('refundReward', RESET);
		const { run } = await refund([itemOf()], {}, { onError: 'stopWorkflow' });
		standIn.misbehaveAt('listTransactions', { kind: 'status', status: 403 });

		const retried = await n8n().retry(workflow, run, { credential: credential() });

		expect(outcomeOf(retried).error?.message).toMatch(/^Unclear whether/);
	});

	test('long ago, and is not there, is sent again', async () => {
		standIn.misbehaveAt('refundReward', RESET);
		const { run } = await refund([itemOf()], {}, { onError: 'stopWorkflow' });
		timePasses(11 * 60_000);

		const retried = await n8n().retry(workflow, run, { credential: credential() });

		expect(outcomeOf(retried).succeeded).toMatchObject([{ confirmedBy: 'response' }]);
		expect(sent()).toBe(2);
		expect(standIn.refunds).toHaveLength(1);
	});

	test.each([404, 422, 429])(
		'long ago stays unclear when LoyaltyLion answers %i now',
		async (status) => {
			standIn.misbehaveAt('refundReward', RESET);
			const { run } = await refund([itemOf()], {}, { onError: 'stopWorkflow' });
			timePasses(11 * 60_000);
			standIn.misbehaveAt('refundReward', { kind: 'status', status });

			const retried = await n8n().retry(workflow, run, { credential: credential() });
			standIn.refundByHand(claims[0] as Claim);
			const last = await n8n().retry(workflow, retried, { credential: credential() });

			expect(outcomeOf(retried).error).toMatchObject({
				message: expect.stringMatching(/^Unclear whether/),
				description: expect.stringMatching(/Sending it again ended so: LoyaltyLion /),
			});
			expect(outcomeOf(last).succeeded).toMatchObject([
				{ alreadyRefunded: false, confirmedBy: 'history' },
			]);
		},
	);

	test('is forgotten once all items have succeeded', async () => {
		const { run } = await refund([itemOf()]);

		expect(run.data.executionData?.contextData['node:LoyaltyLion']).toEqual({
			loyaltyLionRefunds: {},
		});
	});
});

describe('two items with the same claimed reward', () => {
	test('refund it once, and the second says so', async () => {
		const { succeeded } = await refund([itemOf(), itemOf(1), itemOf()]);

		expect(succeeded).toMatchObject([
			{ ...itemOf(), alreadyRefunded: false },
			{ ...itemOf(1), alreadyRefunded: false },
			{ ...itemOf(), alreadyRefunded: true, voucherDeleted: null },
		]);
		expect(sent()).toBe(2);
	});

	test('do so also when LoyaltyLion shows the refund late', async () => {
		// Claimed long ago, so that it is shown all the same.
		const claim = standIn.claimByHand({ merchantId: '1001', rewardId: 77 }, 3_600_000);
		const item = { merchantId: '1001', claimedRewardId: claim.id };
		standIn.historyLagMs = 60_000;
		const shown = JSON.stringify({
			transactions: [{ claimed_reward: { id: claim.id, state: 'approved' } }],
			cursor: { next: null },
		});
		standIn.misbehaveAt('listTransactions', { kind: 'status', status: 200, body: shown });

		const { succeeded } = await refund([item, item]);

		expect(succeeded).toMatchObject([
			{ alreadyRefunded: false, confirmedBy: 'response' },
			{ alreadyRefunded: true, confirmedBy: 'response', claimedReward: { state: 'void' } },
		]);
		expect(sent()).toBe(1);
	});

	test('in two executions at the same time refund it once', async () => {
		const runs = await Promise.all([refund([itemOf()]), refund([itemOf()])]);

		const flags = runs.map(({ succeeded }) => succeeded[0]?.alreadyRefunded);
		expect(flags.sort()).toEqual([false, true]);
		expect(sent()).toBe(1);
	});

	test('of which the first is unclear do not send it twice', async () => {
		standIn.misbehaveAt('refundReward', { kind: 'reset' });

		const { failed } = await refund([itemOf(), itemOf()]);

		expect(failed).toMatchObject([
			{ error: { code: 'outcome_unknown' } },
			{ error: { code: 'outcome_unknown' } },
		]);
		expect(sent()).toBe(1);
	});
});

describe('bad input', () => {
	const ID = 'must be the whole number by which LoyaltyLion knows the claimed reward';

	test.each([
		[{ claimedRewardId: '' }, 'Claimed Reward ID is empty', ID],
		[{ claimedRewardId: null }, 'Claimed Reward ID is empty', ID],
		[{ claimedRewardId: 0 }, "Claimed Reward ID can't be 0", ID],
		[{ claimedRewardId: -1 }, "Claimed Reward ID can't be -1", ID],
		[{ claimedRewardId: 1.5 }, "Claimed Reward ID can't be 1.5", ID],
		[{ claimedRewardId: '1e3' }, 'Claimed Reward ID can\'t be "1e3"', ID],
		[{ claimedRewardId: '../7' }, 'Claimed Reward ID can\'t be "../7"', ID],
		[{ claimedRewardId: 2 ** 53 }, "Claimed Reward ID can't be 9007199254740992", ID],
		[{ claimedRewardId: [1] }, "Claimed Reward ID can't be a list", ID],
		[{ merchantId: ' ' }, 'Merchant ID is empty', "the customer's ID in your store"],
		[
			{ merchantId: '', claimedRewardId: 'x' },
			'Merchant ID is empty; Claimed Reward ID can\'t be "x"',
			'Nothing was sent to LoyaltyLion for this item.',
		],
	])('%j', async (bad, message, description) => {
		for (const onError of MODES) {
			const { succeeded, failed, error } = await refund([{ ...itemOf(), ...bad }], {}, { onError });

			const said = error ?? [...succeeded, ...failed][0]?.error;
			expect(said).toMatchObject({
				message: `${message} [item 0]`,
				description: expect.stringContaining(description),
			});
		}
		expect(standIn.requests).toEqual([]);
	});
});

test('an agent refunds a claimed reward', async () => {
	const answers = await runAgent(n8n(), {
		by: 'test.requestingAgent',
		plan: { fetches: [[{ Customer: '1002', Claim: itemOf(1).claimedRewardId }]] },
		fields: {
			...PARAMETERS,
			customer: { ...PARAMETERS.customer, value: "={{ $fromAI('Customer', '', 'string') }}" },
			claimedRewardId: "={{ $fromAI('Claim', '', 'number') }}",
		},
		credential: credential(),
	});

	expect(answers).toMatchObject([{ success: true, ...itemOf(1), alreadyRefunded: false }]);
	expect(standIn.refunds).toHaveLength(1);
});

const anyValue = fc.oneof(
	fc.jsonValue(),
	fc.string({ unit: 'binary' }),
	fc.constantFrom('', ' ', '0', '1e3', '.', '..'),
) as Arbitrary<Json[string]>;

function oftenGood<Good>(good: Arbitrary<Good>) {
	return fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: anyValue });
}

test('whatever the items hold, each is refused before it is sent, or refunded once and no other', async () => {
	const ids = [0, 1, 2].map((place) => FIRST_CLAIM + place);
	const item = fc.record({
		merchantId: oftenGood(fc.constantFrom('1001', '1002', '1003')),
		claimedRewardId: oftenGood(fc.constantFrom(...ids, ...ids.map(String))),
	});
	let count = 0;
	await holdsFor(fc.array(item, { minLength: 1, maxLength: 6 }), async (items) => {
		standIn.reset();
		standIn.rewards = REWARDS;
		for (const merchantId of ['1001', '1002', '1003']) {
			standIn.claimByHand({ merchantId, rewardId: 77 });
		}

		const { succeeded, failed } = await refund(
			items as Json[],
			{},
			{
				credential: newCredential(standIn),
			},
		);

		const out = [...succeeded, ...failed].map(({ sees }) => Number(sees));
		expect(out.sort((a, b) => a - b)).toEqual([...items.keys()]);
		expect(standIn.breaches).toEqual([]);
		const fresh = succeeded.filter(({ alreadyRefunded }) => !alreadyRefunded);
		count += fresh.length;
		const refunded = fresh.map(({ merchantId, claimedRewardId }) => ({
			merchantId,
			claimedRewardId,
		}));
		const truly = standIn.refunds.map(({ points: _points, ...each }) => each);
		expect(refunded).toHaveLength(truly.length);
		expect(refunded).toEqual(expect.arrayContaining(truly));
		for (const { sees, claimedRewardId, merchantId } of succeeded) {
			const { merchantId: whose, claimedRewardId: what } = items[Number(sees)] as Json;
			expect([merchantId, claimedRewardId]).toEqual([textOf(whose), Number(what)]);
		}
		for (const { error } of failed)
			expect(error).toMatchObject({ rewardMayHaveBeenRefunded: false });
	});
	expect(count).toBeGreaterThan(10);
});

/** As the node reads a text. */
function textOf(value: unknown) {
	return String(value).trim();
}
