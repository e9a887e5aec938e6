import fc, { type Arbitrary } from 'fast-check';
import type { IDataObject as Json } from 'n8n-workflow';
import { runAgent } from '../../../../dev/engine/agents.cts';
import { operationWorkflow, outcomeOf } from '../../../harness/addPoints.cts';
import { anotherProcess } from '../../../harness/anotherProcess.cts';
import { errorOf } from '../../../harness/errorOf.cts';
import { holdsFor } from '../../../harness/holdsFor.cts';
import { credentialForEachTest, newCredential } from '../../../harness/newCredential.cts';
import { MODES, RETRY_ON_FAIL } from '../../../harness/modes.cts';
import { shop } from '../../../harness/shop.cts';
import { shortLooks } from '../../../harness/shortLooks.cts';

const IDS = Array.from({ length: 40 }, (_, index) => `${1001 + index}`);
const { standIn, runOperation, n8n } = shop({
	...Object.fromEntries(IDS.map((id) => [id, { email: `c${id}@example.com` }])),
	'7005': { email: 'blocked@example.com', blocked: true },
});
const credential = credentialForEachTest(standIn);
shortLooks();

beforeEach(() => {
	standIn.rules = { quiz: { points: 20 }, $signup: { points: 100 } };
});

const BY_EMAIL = { __rl: true, mode: 'email', value: '={{ $json.email }}' };
const PARAMETERS = {
	resource: 'activity',
	operation: 'track',
	ruleName: '={{ $json.ruleName }}',
	customer: { __rl: true, mode: 'merchantId', value: '={{ $json.merchantId }}' },
	activityId: '={{ $json.activityId }}',
	options: { requestsPerSecond: 0 },
};
const WITHOUT_ID = { activityId: '' };

async function track(items: Json[], parameters: Json = {}, given = {}) {
	return await runOperation({
		items,
		parameters: { ...PARAMETERS, ...parameters },
		onError: 'continueErrorOutput',
		credential: credential(),
		...given,
	});
}

const GOOD = { ruleName: 'quiz', merchantId: '1001', activityId: 'quiz-1' };
const GOOD_TOO = { ruleName: 'quiz', merchantId: '1002', activityId: 'quiz-2' };
const BODY = { name: 'quiz', customer_id: '1001', merchant_id: 'quiz-1', guest: false };
const RESET = { kind: 'reset', times: 1 } as const;
const REFUSED = { kind: 'status', status: 422, times: 1 } as const;

const sent = () => standIn.count('trackActivity');

describe('what is sent', () => {
	const properties = (...property: Json[]) => ({ properties: { property } });

	test.each([
		[{}, BODY],
		[{ ruleName: ' $signup ' }, { ...BODY, name: '$signup' }],
		[WITHOUT_ID, { name: 'quiz', customer_id: '1001', guest: false }],
		[{ activityId: 42 }, { ...BODY, merchant_id: '42' }],
		[{ date: '2026-11-24T09:30:00Z' }, { ...BODY, date: expect.stringMatching(/^2026-11-24T/) }],
		[
			properties({ name: 'url', value: 'https://a.example' }),
			{ ...BODY, properties: { url: 'https://a.example' } },
		],
		[
			properties(
				{ name: ' a ', value: '={{ 5 }}' },
				{ name: 'b', value: '={{ false }}' },
				{ name: '={{ $json.ruleName }}', value: ' x ' },
			),
			{ ...BODY, properties: { a: 5, b: false, quiz: ' x ' } },
		],
		[properties(), BODY],
		[{ customer: { __rl: true, mode: 'list', value: '1003' } }, { ...BODY, customer_id: '1003' }],
		[
			{ customer: { __rl: true, mode: 'email', value: 'C1004@example.com' } },
			{ ...BODY, customer_id: '1004', customer_email: 'C1004@example.com' },
		],
	])('%j', async (parameters, body) => {
		const { succeeded, failed } = await track([GOOD], parameters);

		expect(failed).toEqual([]);
		expect(succeeded).toMatchObject([{ success: true, confirmedBy: 'response' }]);
		expect(standIn.tracked).toEqual([body]);
		expect(standIn.breaches).toEqual([]);
	});

	test('names the site where there are several', async () => {
		standIn.siteIds = [11, 12];

		const { failed } = await track([GOOD], { options: { siteId: '12', requestsPerSecond: 0 } });

		expect(failed).toEqual([]);
		expect(standIn.requests.at(-1)?.path).toBe('/v2/activities?site_id=12');
	});

	test('is what the item then says of itself', async () => {
		const { succeeded } = await track([{ ...GOOD, email: 'c1001@example.com' }], {
			customer: BY_EMAIL,
			date: '2026-11-24T09:30:00.000+00:00',
		});

		expect(succeeded).toEqual([
			{
				success: true,
				ruleName: 'quiz',
				merchantId: '1001',
				email: 'c1001@example.com',
				activityId: 'quiz-1',
				date: expect.stringMatching(/^2026-11-24T/),
				confirmedBy: 'response',
				sees: 0,
			},
		]);
	});

	test('is an activity also when no rule is met, as LoyaltyLion does not tell', async () => {
		const { succeeded } = await track([{ ...GOOD, ruleName: 'no_such_rule' }]);

		expect(succeeded).toMatchObject([{ success: true, ruleName: 'no_such_rule' }]);
		expect(standIn.activities).toEqual([]);
	});

	test('gives the points of the rule', async () => {
		await track([GOOD, GOOD, GOOD_TOO]);

		expect(standIn.balances()).toEqual({ 1001: 40, 1002: 20 });
	});

	test.each([{ body: '' }, { body: '""' }, { body: '{}' }])(
		'is done with 201 %j',
		async (answer) => {
			standIn.misbehaveAt('trackActivity', { kind: 'status', status: 201, ...answer });

			const { succeeded } = await track([GOOD]);

			expect(succeeded).toMatchObject([{ confirmedBy: 'response' }]);
		},
	);
});

describe('a lost answer', () => {
	const LOST = [
		{ kind: 'reset' },
		{ kind: 'truncate', status: 201 },
		{ kind: 'status', status: 502 },
		{ kind: 'status', status: 201, body: '<html>' },
		{ kind: 'status', status: 200 },
	] as const;

	test.each(LOST)('of an activity that was tracked: $kind $status $body', async (fault) => {
		standIn.misbehaveAt('trackActivity', { ...fault, after: true });

		const { succeeded } = await track([GOOD]);

		expect(succeeded).toMatchObject([{ ...GOOD, success: true, confirmedBy: 'history' }]);
		expect(standIn.tracked).toHaveLength(1);
		expect(sent()).toBe(1);
	});

	test.each(LOST)('of an activity that was not: $kind $status $body', async (fault) => {
		standIn.misbehaveAt('trackActivity', fault);

		const { failed, hints } = await track([GOOD]);

		expect(failed).toMatchObject([
			{
				error: {
					...GOOD,
					code: 'outcome_unknown',
					activityMayHaveBeenTracked: true,
					message: 'Unclear whether the activity quiz of customer 1001 was tracked [item 0]',
					description: expect.stringMatching(
						/may have been tracked\. Look .* did not find it, but LoyaltyLion shows none that met no rule/,
					),
				},
			},
		]);
		expect(hints).toHaveLength(1);
		expect(sent()).toBe(1);
	});

	test('is not looked for without an Activity ID', async () => {
		standIn.misbehaveAt('trackActivity', { ...RESET, after: true });

		const { failed } = await track([GOOD], WITHOUT_ID);

		expect(errorOf(failed[0] ?? {})).toMatchObject({
			code: 'outcome_unknown',
			activityId: null,
			description: expect.stringMatching(/cannot look for an activity that has no Activity ID\.$/),
		});
		expect(standIn.count('listActivities')).toBe(0);
	});

	test.each([
		{ other: 'rule', acted: { name: '$signup', merchantId: 'quiz-1', customerId: '1001' } },
		{ other: 'ID', acted: { name: 'quiz', merchantId: 'quiz-2', customerId: '1001' } },
		{ other: 'customer', acted: { name: 'quiz', merchantId: 'quiz-1', customerId: '1002' } },
	])('is not found in an activity of another $other', async ({ acted }) => {
		standIn.actByHand({ ...acted, points: 5, state: 'approved' });
		standIn.misbehaveAt('trackActivity', RESET);

		const { failed } = await track([GOOD]);

		expect(failed).toMatchObject([{ error: { code: 'outcome_unknown' } }]);
	});

	test('is found behind many others', async () => {
		standIn.misbehaveAt('trackActivity', { ...RESET, after: true });
		const hold = standIn.hold(({ path }) => path.startsWith('/v2/activities?'));

		const tracking = track([GOOD]);
		await hold.arrived;
		for (let count = 0; count < 1200; count++) {
			const acted = { name: 'quiz', merchantId: `other-${count}`, customerId: '1002' };
			standIn.actByHand({ ...acted, points: 5, state: 'approved' });
		}
		hold.release();
		const { succeeded } = await tracking;

		expect(succeeded).toMatchObject([{ confirmedBy: 'history' }]);
		expect(standIn.count('listActivities')).toBe(3);
		expect(standIn.breaches).toEqual([]);
	});

	test('is found at its date, should LoyaltyLion count it as created then', async () => {
		const date = new Date(Date.now() - 30 * 24 * 3_600_000);
		standIn.actByHand(
			{ name: 'quiz', merchantId: 'quiz-1', customerId: '1001', points: 20, state: 'approved' },
			Date.now() - date.getTime(),
		);
		standIn.misbehaveAt('trackActivity', RESET);

		const { succeeded } = await track([GOOD], { date: date.toISOString() });

		expect(succeeded).toMatchObject([{ confirmedBy: 'history' }]);
		expect(standIn.breaches).toEqual([]);
	});

	test.each([
		{ kind: 'status', status: 403 },
		{ kind: 'status', status: 200, body: '{"activities":null}' },
		{ kind: 'status', status: 200, body: '{"activities":[],"cursor":{"next":"on"}}' },
	] as const)('stays unclear when the activities cannot be read: $status $body', async (fault) => {
		standIn.misbehaveAt('trackActivity', { ...RESET, after: true });
		standIn.misbehaveAt('listActivities', fault);

		const { failed } = await track([GOOD]);

		expect(failed).toMatchObject([
			{
				error: {
					code: 'outcome_unknown',
					description: expect.stringMatching(/could not read the activities itself\.$/),
				},
			},
		]);
	});

	test('is not found in odd rows', async () => {
		standIn.misbehaveAt('trackActivity', RESET);
		const activities = [null, 7, {}, { rule: null, customer: {} }, { rule: {}, customer: null }];
		const body = JSON.stringify({ activities, cursor: { next: null } });
		standIn.misbehaveAt('listActivities', { kind: 'status', status: 200, body });

		const { failed } = await track([GOOD]);

		expect(failed).toMatchObject([{ error: { code: 'outcome_unknown' } }]);
	});
});

describe('what was sent before', () => {
	const workflow = operationWorkflow({ parameters: PARAMETERS });

	test.each(MODES)('%s: is not sent again by Retry On Fail', async (onError) => {
		standIn.misbehaveOn('trackActivity', '1001', REFUSED);

		const { succeeded } = await track([GOOD, GOOD_TOO], {}, { onError, settings: RETRY_ON_FAIL });

		expect(succeeded).toMatchObject([{ ...GOOD, confirmedBy: 'response' }, GOOD_TOO]);
		expect(standIn.tracked).toHaveLength(2);
	});

	test('is not sent again either when the fields come to something else', async () => {
		standIn.misbehaveOn('trackActivity', '1002', REFUSED);
		const { run } = await track([GOOD, GOOD_TOO], {}, { onError: 'stopWorkflow' });
		const changed = operationWorkflow({ parameters: { ...PARAMETERS, ruleName: '$signup' } });

		const retried = await n8n().retry(changed, run, { credential: credential() });

		expect(outcomeOf(retried).succeeded).toMatchObject([
			{ ...GOOD, success: true, confirmedBy: 'earlierTry' },
			{ ...GOOD_TOO, ruleName: '$signup', confirmedBy: 'response' },
		]);
		expect(standIn.tracked).toHaveLength(2);
	});

	test.each(MODES)('%s: and is unclear is not sent again by Retry On Fail', async (onError) => {
		standIn.misbehaveOn('trackActivity', '1001', { kind: 'reset', after: true });

		await track([GOOD, GOOD_TOO], WITHOUT_ID, { onError, settings: RETRY_ON_FAIL });

		const whose = standIn.tracked.map(({ customer_id: id }) => id);
		expect(whose.filter((id) => id === '1001')).toHaveLength(1);
	});

	test.each([
		{ host: 'this', load: async () => await Promise.resolve(n8n()) },
		{ host: 'another', load: anotherProcess },
	])('and is unclear is looked for in $host process', async ({ load }) => {
		standIn.misbehaveAt('trackActivity', RESET);
		const { run, error } = await track([GOOD], {}, { onError: 'stopWorkflow' });
		expect(error?.message).toMatch(/^Unclear whether/);

		const host = await load();
		const given = { credential: credential() };
		const second = await host.retry(workflow, run, given);
		const acted = { name: 'quiz', merchantId: 'quiz-1', customerId: '1001' };
		standIn.actByHand({ ...acted, points: 20, state: 'pending' });
		const third = await host.retry(workflow, second, given);

		expect(outcomeOf(second).error?.message).toMatch(/^Unclear whether/);
		expect(outcomeOf(third).succeeded).toMatchObject([{ ...GOOD, confirmedBy: 'history' }]);
		expect(sent()).toBe(1);
	});

	test.each([
		{ what: 'the credential cannot be opened', credential: new Error('No') },
		{ what: 'a field cannot be read', options: { timeout: 'soon' } },
	])('and is unclear stays so when $what', async ({ credential: other, options }) => {
		standIn.misbehaveAt('trackActivity', RESET);
		const { run } = await track([GOOD], {}, { onError: 'stopWorkflow' });
		const parameters = { ...PARAMETERS, ...(options && { options }) };

		const retried = await n8n().retry(operationWorkflow({ parameters }), run, {
			credential: other ?? credential(),
		});

		expect(outcomeOf(retried).error?.message).toMatch(/^Unclear whether/);
		expect(sent()).toBe(1);
	});

	test('is not taken for what another operation has sent', async () => {
		standIn.misbehaveAt('trackActivity', RESET);
		const { run } = await track([GOOD], WITHOUT_ID, { onError: 'stopWorkflow' });
		const { nodes, connections } = operationWorkflow({
			parameters: {
				...PARAMETERS,
				resource: 'customer',
				operation: 'addPoints',
				points: 5,
			},
		});

		const retried = await n8n().retry({ nodes, connections }, run, { credential: credential() });

		expect(outcomeOf(retried).succeeded).toMatchObject([{ points: 5, confirmedBy: 'response' }]);
	});

	test('is forgotten once all items have succeeded', async () => {
		const { run } = await track([GOOD]);

		expect(run.data.executionData?.contextData['node:LoyaltyLion']).toEqual({
			loyaltyLionActivities: {},
		});
	});

	test('takes little to remember', async () => {
		const items = Array.from({ length: 2000 }, (_, row) => ({
			...GOOD,
			ruleName: row === 0 ? '?' : 'quiz',
		}));

		const { run } = await track(items);

		const context = JSON.stringify(run.data.executionData?.contextData);
		expect(standIn.tracked).toHaveLength(1999);
		expect(context.length / items.length).toBeLessThan(150);
	});
});

test.each([{}, WITHOUT_ID])('two equal items are two activities: %j', async (parameters) => {
	const { succeeded } = await track([GOOD, GOOD], parameters);

	expect(succeeded.map(({ sees }) => sees)).toEqual([0, 1]);
	expect(standIn.tracked).toHaveLength(2);
});

describe('bad input', () => {
	const RULE = 'in letters and underscores only, e.g. dog_profile';
	const NAMES = 'Each of Properties must have a name, e.g. url.';
	const property = (...rows: unknown[]) => ({ properties: { property: rows } }) as Json;

	test.each([
		[{ ruleName: '={{ "" }}' }, 'Rule Name is empty', RULE],
		[{ ruleName: '={{ undefined }}' }, 'Rule Name is empty', RULE],
		[{ ruleName: 'dog-profile' }, 'Rule Name can\'t be "dog-profile"', RULE],
		[{ ruleName: 'quiz2' }, 'Rule Name can\'t be "quiz2"', RULE],
		[{ ruleName: 'a$b' }, 'Rule Name can\'t be "a$b"', RULE],
		[{ ruleName: '$' }, 'Rule Name can\'t be "$"', RULE],
		[{ ruleName: '={{ 5 }}' }, "Rule Name can't be 5", RULE],
		[{ ruleName: `a${'_'.repeat(255)}` }, `Rule Name can't be "a${'_'.repeat(59)}…"`, RULE],
		[{ activityId: '={{ undefined }}' }, 'Activity ID comes to nothing', 'finds no value'],
		[{ activityId: '={{ "a\\nb" }}' }, 'Activity ID can\'t be "a b"', 'invisible characters'],
		[{ activityId: '..' }, 'Activity ID can\'t be ".."', 'your own ID of the activity'],
		[
			{ activityId: 'x'.repeat(256) },
			`Activity ID can't be "${'x'.repeat(60)}…"`,
			'255 characters',
		],
		[{ activityId: '={{ [1] }}' }, "Activity ID can't be a list", 'your own ID of the activity'],
		[{ date: 'yesterday' }, 'Date can\'t be "yesterday"', 'Date must be a date that there is'],
		[{ date: '2026-02-30' }, 'Date can\'t be "2026-02-30"', 'Date must be a date that there is'],
		[{ date: '={{ undefined }}' }, 'Date comes to nothing', 'finds no value'],
		[property({ name: '', value: 'x' }), 'The name of a property is empty', NAMES],
		[property({ name: '={{ 5 }}', value: 'x' }), "The name of a property can't be 5", NAMES],
		[
			property({ name: '__proto__', value: 'x' }),
			'The name of a property can\'t be "__proto__"',
			NAMES,
		],
		[property({ name: 'url', value: '' }), 'The property url is empty', 'a text or a number'],
		[
			property({ name: 'url', value: '={{ [1] }}' }),
			"The property url can't be a list",
			'a text or a number',
		],
		[
			property({ name: 'a', value: 'x' }, { name: ' a', value: 'y' }),
			'Properties has a name twice',
			'of its own',
		],
		[
			{ options: { siteId: 'main' } },
			'Site ID can\'t be "main"',
			'must be a number in digits only',
		],
		[{ options: { siteId: 0 } }, "Site ID can't be 0", 'must be a number in digits only'],
		[
			{ customer: { ...PARAMETERS.customer, value: '={{ "" }}' }, ruleName: '?', date: 'x' },
			'Rule Name can\'t be "?"; Merchant ID is empty; Date can\'t be "x"',
			'Nothing was sent to LoyaltyLion for this item.',
		],
	])('%j', async (parameters, message, description) => {
		for (const onError of MODES) {
			const { succeeded, failed, error } = await track([GOOD], parameters, { onError });

			const said = error ?? [...succeeded, ...failed][0]?.error;
			expect(said).toMatchObject({
				message: `${message} [item 0]`,
				description: expect.stringContaining(description),
			});
		}
		expect(standIn.requests).toEqual([]);
	});
});

test('an agent tracks an activity', async () => {
	const answers = await runAgent(n8n(), {
		by: 'test.requestingAgent',
		plan: { fetches: [[{ Rule: 'quiz', Customer: '1002', Activity: 'a-1' }]] },
		fields: {
			...PARAMETERS,
			ruleName: "={{ $fromAI('Rule', '', 'string') }}",
			customer: { ...PARAMETERS.customer, value: "={{ $fromAI('Customer', '', 'string') }}" },
			activityId: "={{ $fromAI('Activity', '', 'string') }}",
		},
		credential: credential(),
	});

	expect(answers).toMatchObject([{ success: true, merchantId: '1002', activityId: 'a-1' }]);
	expect(standIn.tracked).toHaveLength(1);
});

const anyValue = fc.oneof(
	fc.jsonValue(),
	fc.string({ unit: 'binary' }),
	fc.constantFrom('', ' ', '$', '..', '__proto__', '2026-13-01'),
) as Arbitrary<Json[string]>;

function oftenGood<Good>(good: Arbitrary<Good>) {
	return fc.oneof({ weight: 5, arbitrary: good }, { weight: 1, arbitrary: anyValue });
}

test('whatever the items hold, it is refused before a request, or sent as it was asked for', async () => {
	const item = fc.record({
		ruleName: oftenGood(fc.stringMatching(/^\$?[A-Za-z_]{1,20}$/)),
		merchantId: oftenGood(fc.constantFrom('1001', '1002')),
		activityId: oftenGood(fc.stringMatching(/^[!-~]{3,20}$/)),
		name: oftenGood(fc.stringMatching(/^[a-z]{1,9}$/)),
		value: oftenGood(fc.oneof(fc.stringMatching(/^[!-~]{1,9}$/), fc.integer(), fc.boolean())),
		date: oftenGood(
			fc
				.date({ min: new Date('2020-01-01'), max: new Date('2026-01-01'), noInvalidDate: true })
				.map((date) => date.toISOString()),
		),
	});
	const parameters = {
		properties: { property: [{ name: '={{ $json.name }}', value: '={{ $json.value }}' }] },
		date: '={{ $json.date }}',
	};
	let count = 0;
	await holdsFor(fc.array(item, { minLength: 1, maxLength: 6 }), async (items) => {
		standIn.reset();

		const { succeeded, failed } = await track(items as Json[], parameters, {
			credential: newCredential(standIn),
		});

		const out = [...succeeded, ...failed].map(({ sees }) => Number(sees));
		expect(out.sort((a, b) => a - b)).toEqual([...items.keys()]);
		expect(standIn.breaches).toEqual([]);
		count += succeeded.length;
		const asked = succeeded.map(({ sees }) => {
			const { ruleName, merchantId, activityId, name, value, date } = items[Number(sees)] as Json;
			return {
				name: textOf(ruleName),
				customer_id: textOf(merchantId),
				merchant_id: textOf(activityId),
				properties: Object.fromEntries([[textOf(name), value]]),
				date: Date.parse(textOf(date)),
				guest: false,
			};
		});
		const tracked = standIn.tracked.map(({ date = '', ...sending }) => ({
			...sending,
			date: Date.parse(date),
		}));
		expect(tracked).toHaveLength(asked.length);
		expect(tracked).toEqual(expect.arrayContaining(asked));
		for (const { error } of failed)
			expect(error).toMatchObject({ activityMayHaveBeenTracked: false });
	});
	expect(count).toBeGreaterThan(10);
});

/** As the node reads a text. */
function textOf(value: unknown) {
	return String(value).trim();
}
