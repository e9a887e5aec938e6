import fc, { type Arbitrary } from 'fast-check';
import type { IDataObject as Json } from 'n8n-workflow';
import { runAgent } from '../../../../dev/engine/agents.cts';
import { Pacer } from '../../../../nodes/LoyaltyLion/transport/Pacer.ts';
import { calls } from '../../../harness/calls.cts';
import { holdsFor } from '../../../harness/holdsFor.cts';
import { credentialForEachTest, newCredential } from '../../../harness/newCredential.cts';
import { MODES, RETRY_ON_FAIL } from '../../../harness/modes.cts';
import { shop } from '../../../harness/shop.cts';

const { standIn, runOperation, n8n } = shop({ 1001: {} });
const credential = credentialForEachTest(standIn);
afterEach(() => jest.restoreAllMocks());

const ACTIVITY_IDS = Array.from({ length: 40 }, (_, index) => `quiz-${index}`);

/** @param state the one it has */
function act(merchantId: string, state: 'pending' | 'approved' = 'pending', name = 'quiz') {
	return standIn.actByHand({ name, merchantId, customerId: '1001', points: 20, state });
}

beforeEach(() => {
	for (const id of ACTIVITY_IDS) act(id);
});

const PARAMETERS = {
	resource: 'activity',
	operation: 'updateState',
	ruleName: '={{ $json.ruleName }}',
	activityId: '={{ $json.activityId }}',
	state: '={{ $json.state }}',
	options: { requestsPerSecond: 0 },
};

async function update(items: Json[], parameters: Json = {}, given = {}) {
	return await runOperation({
		items,
		parameters: { ...PARAMETERS, ...parameters },
		onError: 'continueErrorOutput',
		credential: credential(),
		...given,
	});
}

const GOOD = { ruleName: 'quiz', activityId: 'quiz-0', state: 'approved' };

describe('an activity', () => {
	test.each([
		['pending', 'approved', 'approved', 20],
		['pending', 'declined', 'declined', 0],
		['approved', 'void', 'void', 0],
		['approved', 'declined', 'void', 0],
	] as const)('that is %s is made %s', async (before, state, after, points) => {
		standIn.reset();
		const activity = act('mine', before);

		const { succeeded } = await update([{ ...GOOD, activityId: 'mine', state }]);

		expect(succeeded).toEqual([
			{ success: true, ruleName: 'quiz', activityId: 'mine', state, sees: 0 },
		]);
		expect([activity.state, standIn.balanceOf('1001')]).toEqual([after, points]);
		expect(standIn.breaches).toEqual([]);
	});

	test.each([
		['$signup', 'a/b ü?#%'],
		['dog_profile', '%2e%2e'],
		['quiz', '...'],
	])('%s %s is found, though its address has to be encoded', async (ruleName, activityId) => {
		act(activityId, 'pending', ruleName);

		await update([{ ruleName, activityId: ` ${activityId} `, state: 'approved' }]);

		expect(standIn.stateUpdates).toEqual([
			{ name: ruleName, merchantId: activityId, state: 'approved' },
		]);
	});

	test('that is not there is said to be', async () => {
		const { failed } = await update([{ ...GOOD, activityId: 'nothing' }]);

		expect(failed).toMatchObject([
			{
				error: {
					code: 'activity_not_found',
					activityId: 'nothing',
					activityMayHaveBeenUpdated: false,
					message: 'LoyaltyLion has no activity nothing of the rule quiz [item 0]',
				},
			},
		]);
	});

	test('that cannot have the state says what can be done', async () => {
		const { failed } = await update([{ ...GOOD, state: 'void' }]);

		expect(failed).toMatchObject([
			{
				error: {
					code: 'refused',
					message: 'LoyaltyLion refused to make activity quiz-0 void [item 0]',
					description: expect.stringMatching(
						/choose Declined, which makes an approved one void\.$/,
					),
				},
			},
		]);
	});

	test('that several items are about has the state of the last one', async () => {
		standIn.misbehaveAt('updateActivity', { kind: 'reset', times: 2 });

		await update([GOOD, { ...GOOD, state: 'void' }]);

		expect(standIn.stateUpdates.map(({ state }) => state)).toEqual(['approved', 'void']);
	});
});

describe('a lost answer', () => {
	test.each([
		{ kind: 'reset' },
		{ kind: 'status', status: 503 },
		{ kind: 'status', status: 200 },
	] as const)('is asked for again: $kind $status', async (fault) => {
		standIn.misbehaveAt('updateActivity', { ...fault, after: true, times: 2 });

		const { succeeded } = await update([GOOD]);

		expect(succeeded).toMatchObject([{ success: true, ...GOOD }]);
		expect(standIn.count('updateActivity')).toBe(3);
		expect(standIn.balanceOf('1001')).toBe(20);
	});

	test('that stays lost says that it is safe to send again', async () => {
		standIn.misbehaveAt('updateActivity', { kind: 'reset', after: true });

		const { failed } = await update([GOOD]);

		expect(failed).toMatchObject([
			{
				error: {
					...GOOD,
					code: 'outcome_unknown',
					activityMayHaveBeenUpdated: true,
					message: 'Unclear whether activity quiz-0 was made approved [item 0]',
					description: expect.stringMatching(/may have been changed\. It is safe to send/),
				},
			},
		]);
		expect(standIn.count('updateActivity')).toBe(3);
	});

	test('stays unclear when it is refused then, as the first may have arrived', async () => {
		act('void-me', 'approved');
		standIn.misbehaveAt(
			'updateActivity',
			{ kind: 'reset', after: true, times: 1 },
			{ kind: 'status', status: 422, times: 1 },
		);

		const { failed } = await update([{ ...GOOD, activityId: 'void-me', state: 'void' }]);

		expect(failed).toMatchObject([
			{ error: { code: 'outcome_unknown', activityMayHaveBeenUpdated: true } },
		]);
	});

	test('is sent again by Retry On Fail', async () => {
		standIn.misbehaveAt('updateActivity', { kind: 'reset', times: 3 });

		const { succeeded } = await update([GOOD], {}, { settings: RETRY_ON_FAIL });

		expect(succeeded).toMatchObject([{ success: true, ...GOOD }]);
	});
});

test('a stopped run warns of nothing that was done behind the failing item, as it can be done again', async () => {
	standIn.misbehaveOn('updateActivity', 'quiz-0', { kind: 'status', status: 422 });
	const hold = standIn.hold(({ path }) => path.endsWith('/quiz-0'));
	const answered = calls(Pacer.prototype, 'taken');

	const items = [GOOD, { ...GOOD, activityId: 'quiz-1' }];
	const running = update(items, {}, { onError: 'stopWorkflow' });
	await Promise.all([hold.arrived, answered]);
	hold.release();
	const { error } = await running;

	expect(error?.description).toMatch(/Items that were updated: 1\. Not sent any more: 0\.$/);
	expect(error?.description).not.toMatch(/Do not send/);
});

test('two equal items are both done', async () => {
	const { succeeded } = await update([GOOD, GOOD]);

	expect(succeeded).toMatchObject([
		{ ...GOOD, sees: 0 },
		{ ...GOOD, sees: 1 },
	]);
	expect(standIn.balanceOf('1001')).toBe(20);
});

describe('bad input', () => {
	const STATE = 'State must be one of approved, declined, void.';

	test.each([
		[{ ruleName: 'a b' }, 'Rule Name can\'t be "a b"', 'letters and underscores only'],
		[{ activityId: '' }, 'Activity ID is empty', 'your own ID of the activity'],
		[{ activityId: '.' }, 'Activity ID can\'t be "."', 'your own ID of the activity'],
		[{ activityId: -1 }, "Activity ID can't be -1", 'your own ID of the activity'],
		[{ activityId: 2 ** 53 }, "Activity ID can't be 9007199254740992", 'must be sent as text here'],
		[{ state: 'pending' }, 'State can\'t be "pending"', STATE],
		[{ state: 'Approved' }, 'State can\'t be "Approved"', STATE],
		[{ state: '' }, 'State comes to nothing', 'finds no value'],
		[{ state: null }, 'State comes to nothing', 'finds no value'],
		[{ state: ['approved'] }, "State can't be a list", STATE],
		[
			{ ruleName: '', activityId: {}, state: 'x' },
			'Rule Name is empty; Activity ID can\'t be an object; State can\'t be "x"',
			'Nothing was sent to LoyaltyLion for this item.',
		],
	])('%j', async (bad, message, description) => {
		for (const onError of MODES) {
			const { succeeded, failed, error } = await update([{ ...GOOD, ...bad }], {}, { onError });

			const said = error ?? [...succeeded, ...failed][0]?.error;
			expect(said).toMatchObject({
				message: `${message} [item 0]`,
				description: expect.stringContaining(description),
			});
		}
		expect(standIn.requests).toEqual([]);
	});
});

test('an agent declines an activity', async () => {
	const answers = await runAgent(n8n(), {
		by: 'test.requestingAgent',
		plan: { fetches: [[{ Activity: 'quiz-3', State: 'declined' }]] },
		fields: {
			...PARAMETERS,
			ruleName: 'quiz',
			activityId: "={{ $fromAI('Activity', '', 'string') }}",
			state: "={{ $fromAI('State', '', 'string') }}",
		},
		credential: credential(),
	});

	expect(answers).toMatchObject([{ success: true, activityId: 'quiz-3', state: 'declined' }]);
});

const anyValue = fc.oneof(
	fc.jsonValue(),
	fc.string({ unit: 'binary' }),
	fc.constantFrom('', ' ', '.', '..', 'pending', 'toString'),
) as Arbitrary<Json[string]>;

function oftenGood<Good>(good: Arbitrary<Good>) {
	return fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: anyValue });
}

test('whatever the items hold, it is refused before a request, or sent as it was asked for', async () => {
	const item = fc.record({
		ruleName: oftenGood(fc.stringMatching(/^\$?[A-Za-z_]{1,20}$/)),
		activityId: oftenGood(fc.string({ unit: 'grapheme', minLength: 3, maxLength: 20 })),
		state: oftenGood(fc.constantFrom('approved', 'declined')),
	});
	let count = 0;
	await holdsFor(fc.array(item, { minLength: 1, maxLength: 6 }), async (items) => {
		standIn.reset();
		standIn.misbehaveAt('updateActivity', { kind: 'status', status: 204 });

		const { succeeded, failed } = await update(
			items as Json[],
			{},
			{
				credential: newCredential(standIn),
			},
		);

		const out = [...succeeded, ...failed].map(({ sees }) => Number(sees));
		expect(out.sort((a, b) => a - b)).toEqual([...items.keys()]);
		expect(standIn.breaches).toEqual([]);
		count += succeeded.length;
		const asked = succeeded.map(({ sees }) => {
			const { ruleName, activityId } = items[Number(sees)] as Json;
			const parts = [ruleName, activityId].map((part) => encodeURIComponent(textOf(part)));
			return `/v2/activities/${parts.join('/')}`;
		});
		expect(standIn.requests.map(({ path }) => path).sort()).toEqual(asked.sort());
		for (const { error } of failed) {
			expect(error).toMatchObject({ code: 'invalid_input', activityMayHaveBeenUpdated: false });
		}
	});
	expect(count).toBeGreaterThan(10);
});

/** As the node reads a text. */
function textOf(value: unknown) {
	return String(value).trim();
}
