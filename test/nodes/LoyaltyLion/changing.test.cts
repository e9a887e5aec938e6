import type { IDataObject as Json, IRun } from 'n8n-workflow';
import type PCancelable from 'p-cancelable';
import type { OperationId } from '../../../dev/stand-in/operations.cts';
import type { Given } from '../../harness/addPoints.cts';
import { errorOf } from '../../harness/errorOf.cts';
import { MODES, RETRY_ON_FAIL } from '../../harness/modes.cts';
import { newCredential } from '../../harness/newCredential.cts';
import { READ_ONLY_KEY, shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';

/** What is the same for all operations that change something. */

const IDS = Array.from({ length: 40 }, (_, index) => `${1001 + index}`);
const { standIn, runOperation, credential } = shop(
	Object.fromEntries(IDS.map((id) => [id, { points: 1000 }])),
);
shortLooks();

/** The ID that the stand-in gives the first reward that is claimed. */
const FIRST_CLAIM = 9001;

/** For each customer, what there is to be changed. */
beforeEach(() => {
	standIn.rewards = [{ id: 77, title: '5 off', pointCost: 100 }];
	for (const merchantId of IDS) {
		standIn.claimByHand({ merchantId, rewardId: 77 });
		const acted = { name: 'quiz', merchantId: `quiz-${merchantId}`, customerId: merchantId };
		standIn.actByHand({ ...acted, points: 20, state: 'pending' });
	}
});

interface Changing {
	/** The resource and the operation. */
	chosen: { resource: string; operation: string };
	/** What its request is called by LoyaltyLion's contract. */
	operationId: OperationId;
	/** Those of the node; everything comes from the item. */
	parameters: Json;
	/** One about something of its own for each customer. */
	items: Record<string, string | number>[];
	/** What the stand-in knows an item by. */
	key: 'merchantId' | 'activityId';
	/** What comes out for an item that succeeds. */
	done: (item: Json) => Json;
	/** What an item says of itself when it fails; all that it holds, if not said. */
	subject?: (item: Json) => Json;
	/** By which it says that something may have been changed. */
	flag: string;
	/** What 404 means. */
	notFound: string;
	/** Whether it may be sent again when its answer got lost. */
	isRepeatable: boolean;
}

const customer = { __rl: true, mode: 'merchantId', value: '={{ $json.merchantId }}' };
const [ruleName, activityId] = ['={{ $json.ruleName }}', '={{ $json.activityId }}'];

const OPERATIONS: Changing[] = [
	{
		chosen: { resource: 'customer', operation: 'update' },
		operationId: 'updateCustomer',
		parameters: { customer, updateFields: { birthday: '={{ $json.birthday }}' } },
		items: IDS.map((merchantId) => ({ merchantId, birthday: '1990-05-17' })),
		key: 'merchantId',
		done: ({ merchantId, birthday }) => ({ merchant_id: merchantId, birthday }),
		subject: ({ merchantId }) => ({ merchantId }),
		flag: 'customerMayHaveBeenUpdated',
		notFound: 'customer_not_found',
		isRepeatable: true,
	},
	{
		chosen: { resource: 'reward', operation: 'refund' },
		operationId: 'refundReward',
		parameters: { customer, claimedRewardId: '={{ $json.claimedRewardId }}' },
		items: IDS.map((merchantId, place) => ({ merchantId, claimedRewardId: FIRST_CLAIM + place })),
		key: 'merchantId',
		done: (item) => ({
			success: true,
			...item,
			alreadyRefunded: false,
			voucherDeleted: true,
			claimedReward: { state: 'void', point_cost: 100 },
		}),
		flag: 'rewardMayHaveBeenRefunded',
		notFound: 'claimed_reward_not_found',
		isRepeatable: false,
	},
	{
		chosen: { resource: 'activity', operation: 'track' },
		operationId: 'trackActivity',
		parameters: { customer, ruleName, activityId },
		items: IDS.map((merchantId) => ({
			ruleName: 'visit',
			merchantId,
			activityId: `v-${merchantId}`,
		})),
		key: 'merchantId',
		done: (item) => ({ success: true, ...item, date: null }),
		flag: 'activityMayHaveBeenTracked',
		notFound: 'customer_not_found',
		isRepeatable: false,
	},
	{
		chosen: { resource: 'activity', operation: 'updateState' },
		operationId: 'updateActivity',
		parameters: { ruleName, activityId, state: '={{ $json.state }}' },
		items: IDS.map((id) => ({ ruleName: 'quiz', activityId: `quiz-${id}`, state: 'approved' })),
		key: 'activityId',
		done: (item) => ({ success: true, ...item }),
		flag: 'activityMayHaveBeenUpdated',
		notFound: 'activity_not_found',
		isRepeatable: true,
	},
];

/** How many items are worked on at a time. */
const AT_ONCE = 32;

describe.each(OPERATIONS)('$chosen.resource > $chosen.operation', (changing) => {
	const { chosen, operationId, parameters, flag, isRepeatable } = changing;
	const { subject = (item: Json) => item, key } = changing;
	const [first = {}, second = {}, third = {}] = changing.items;

	const run = async (items: Json[], given: Partial<Given> = {}) =>
		await runOperation({
			onError: 'continueErrorOutput',
			// Where the limit was met before, requests go out slowly.
			credential: newCredential(standIn),
			...given,
			items,
			parameters: { ...chosen, ...parameters, options: { requestsPerSecond: 0 } },
		});
	const sent = () => standIn.count(operationId);
	const failing = (item: Json, code: string, mayBe: boolean) => ({
		code,
		[flag]: mayBe,
		...subject(item),
	});

	describe('items', () => {
		beforeEach(() => {
			const refusal = { kind: 'status', status: 422, body: '{"error":"Not today"}' } as const;
			standIn.misbehaveOn(operationId, String(second[key]), refusal);
		});

		test('of which one fails leave by their output, linked to their input', async () => {
			const { succeeded, failed, output, hints } = await run([first, second, third]);

			expect(succeeded).toMatchObject([
				{ ...changing.done(first), sees: 0 },
				{ ...changing.done(third), sees: 2 },
			]);
			expect(failed).toMatchObject([
				{
					...second,
					sees: 1,
					error: {
						...failing(second, 'refused', false),
						httpCode: '422',
						message: expect.stringMatching(/ \[item 1\]$/),
						description: expect.stringMatching(/^LoyaltyLion says: Not today\. /),
					},
				},
			]);
			expect(output.map((items) => items?.map(({ pairedItem }) => pairedItem))).toEqual([
				[{ item: 0 }, { item: 2 }],
				[{ item: 1 }],
			]);
			expect(hints).toHaveLength(1);
			expect(standIn.breaches).toEqual([]);
		});

		test('come out in input order where all share one output', async () => {
			const { succeeded } = await run([first, second, third], {
				onError: 'continueRegularOutput',
			});

			expect(succeeded).toMatchObject([
				{ ...changing.done(first), sees: 0 },
				{ success: false, ...subject(second), sees: 1, error: { code: 'refused' } },
				{ ...changing.done(third), sees: 2 },
			]);
		});

		test('stop the workflow', async () => {
			const { error } = await run([first, second], { onError: 'stopWorkflow' });

			expect(error).toMatchObject({
				name: 'NodeApiError',
				message: expect.stringMatching(/ \[item 1\]$/),
				description: expect.stringMatching(/^LoyaltyLion says: Not today\. /),
				context: { itemIndex: 1 },
			});
		});
	});

	describe('an answer of', () => {
		test.each([
			[400, '{"error":{"message":"Invalid","details":{"a":"b"}}}', 'rejected_by_api', /a: b\./],
			[401, '{"error":{"message":"No"}}', 'not_authenticated', /Manage > API keys/],
			[403, '{"error":{"message":"No"}}', 'not_permitted', /lacks the write_customers scope/],
			[404, '{"error":"Nothing there"}', changing.notFound, /^LoyaltyLion says: Nothing there\./],
			[422, '{"error":"No"}', 'refused', /^LoyaltyLion says: No\./],
		])('%i changes nothing', async (status, body, code, description) => {
			standIn.misbehaveAt(operationId, { kind: 'status', status, body });

			const { failed } = await run([first]);

			expect(failed).toMatchObject([
				{
					error: {
						...failing(first, code, false),
						httpCode: String(status),
						description: expect.stringMatching(description),
					},
				},
			]);
			expect(sent()).toBe(1);
		});

		test.each([302, 409, 418])('%i leaves it open whether it was changed', async (status) => {
			standIn.misbehaveAt(operationId, { kind: 'status', status });

			const { failed } = await run([first]);

			expect(failed).toMatchObject([
				{ error: { ...failing(first, 'outcome_unknown', true), httpCode: String(status) } },
			]);
			expect(sent()).toBe(1);
		});

		test('429 is waited out', async () => {
			const limit = { kind: 'status', status: 429, headers: { 'Retry-After': '0' } } as const;
			standIn.misbehaveAt(operationId, { ...limit, times: 3 });

			const { succeeded } = await run([first]);

			expect(succeeded).toMatchObject([changing.done(first)]);
			expect(sent()).toBe(4);
		});
	});

	test('a key without the scope is told which one it needs', async () => {
		const other = { ...credential(), apiKey: READ_ONLY_KEY };

		const { failed } = await run([first], { credential: other });

		expect(errorOf(failed[0] ?? {})).toMatchObject({
			...failing(first, 'not_permitted', false),
			description: expect.stringMatching(/lacks the write_customers scope.*add write_customers/),
		});
	});

	test('nothing is sent to where there is no LoyaltyLion', async () => {
		const other = { ...credential(), baseUrl: 'http://127.0.0.1:9' };

		const { failed } = await run([first], { credential: other });

		expect(failed).toMatchObject([{ error: { code: 'not_reached', [flag]: false } }]);
		expect(standIn.requests).toEqual([]);
	});

	test('after a cancel nothing more is sent', async () => {
		const { items } = changing;
		const hold = standIn.hold(({ path, method }) => method !== 'GET' && path.startsWith('/v2/'));
		let execution: PCancelable<IRun> | undefined;

		const running = run(items, {
			onStart: (started) => {
				execution = started;
			},
		});
		await hold.arrivals(AT_ONCE);
		execution?.cancel();
		hold.release();
		const { failed, output } = await running;

		const errors = (output[1] ?? failed.map((json) => ({ json }))).map(({ json }) => errorOf(json));
		expect(errors.map(({ code }) => code)).toEqual(
			items.map((_, index) => (index < AT_ONCE ? 'outcome_unknown' : 'not_sent')),
		);
		expect(sent()).toBe(AT_ONCE);
	});

	test.each(MODES)('%s: Retry On Fail tries again what was refused', async (onError) => {
		standIn.misbehaveOn(operationId, String(first[key]), {
			kind: 'status',
			status: 422,
			times: 1,
		});

		const { succeeded, error } = await run([first, second], { onError, settings: RETRY_ON_FAIL });

		expect(error).toBeUndefined();
		expect(succeeded).toMatchObject([changing.done(first), changing.done(second)]);
		// What stops the workflow may come before the second is sent, or after it.
		const times = isRepeatable ? [3, 4] : [3];
		expect(times).toContain(sent());
	});
});
