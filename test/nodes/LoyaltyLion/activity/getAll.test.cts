import fc from 'fast-check';
import type { IDataObject as Json } from 'n8n-workflow';
import type { StandIn } from '../../../../dev/stand-in/StandIn.cts';
import { expectSeen, holdsFor } from '../../../harness/holdsFor.cts';
import { FAST } from '../../../harness/reads.cts';
import { shop } from '../../../harness/shop.cts';

const { standIn, runOperation } = shop({ 1001: { email: 'ann@example.com' } });

type State = Parameters<StandIn['actByHand']>[0]['state'];
const STATES: State[] = ['pending', 'approved', 'declined', 'void'];
const HOUR_MS = 3_600_000;

function act(name: string, state: State, hoursAgo = 0) {
	standIn.rules = { quiz: { points: 10 }, $signup: { points: 20 } };
	const activity = { name, merchantId: null, customerId: '1001', points: 10, state };
	return standIn.actByHand(activity, hoursAgo * HOUR_MS);
}

async function getAll(own: Json, items: Json[] = [{}]) {
	const outcome = await runOperation({
		items,
		onError: 'continueErrorOutput',
		timezone: 'Asia/Kolkata',
		parameters: { resource: 'activity', operation: 'getAll', ...own, options: FAST },
	});
	expect(standIn.breaches).toEqual([]);
	return outcome;
}

const namesOf = (rows: Json[]) => rows.map(({ rule, state }) => [(rule as Json).name, state]);

test('gives activities as LoyaltyLion does, newest first', async () => {
	act('quiz', 'approved', 1);
	act('$signup', 'pending');

	const { succeeded } = await getAll({});

	expect(namesOf(succeeded)).toEqual([
		['$signup', 'pending'],
		['quiz', 'approved'],
	]);
	expect(succeeded[0]).toMatchObject({ value: 10, customer: { merchant_id: '1001' } });
});

test.each([
	{ filters: { state: ['pending'] }, found: ['pending', 'pending'] },
	{ filters: { state: 'void' }, found: ['void'] },
	{ filters: { ruleName: 'quiz' }, found: ['void', 'pending', 'approved'] },
	{ filters: { ruleName: ' $signup ' }, found: ['pending'] },
	{ filters: { ruleName: 'qui' }, found: [] },
	{ filters: { ruleName: 'quiz', state: ['approved', 'void'] }, found: ['void', 'approved'] },
	{ filters: { ruleName: '', state: [] }, found: ['pending', 'void', 'pending', 'approved'] },
])('$filters', async ({ filters, found }) => {
	act('quiz', 'approved');
	act('quiz', 'pending');
	act('quiz', 'void');
	act('$signup', 'pending');

	const { succeeded } = await getAll({ filters });

	expect(succeeded.map(({ state }) => state)).toEqual(found);
});

test('an activity without a rule is of no rule', async () => {
	const rows = [{ id: 3 }, { id: 2, rule: null }, { id: 1, rule: { name: null } }];
	const body = JSON.stringify({ activities: rows, cursor: { prev: null, next: null } });
	standIn.misbehaveAt('listActivities', { kind: 'status', status: 200, body });

	expect((await getAll({ filters: { ruleName: 'quiz' } })).succeeded).toEqual([]);
	expect((await getAll({})).succeeded.map(({ id }) => id)).toEqual([3, 2, 1]);
});

test.each([
	{ filters: { state: ['open'] }, message: 'State can\'t be "open"' },
	{ filters: { state: '={{ $json.x }}' }, message: 'State comes to nothing' },
	{ filters: { ruleName: '={{ $json.x }}' }, message: 'Rule Name comes to nothing' },
	{ filters: { ruleName: 'a\nb' }, message: 'Rule Name can\'t be "a b"' },
	{ filters: { ruleName: '={{ {} }}' }, message: "Rule Name can't be an object" },
	{ filters: { createdBefore: '2026-02-30' }, message: 'Created Before can\'t be "2026-02-30"' },
	{ filters: { createdAfter: '={{ $json.x }}' }, message: 'Created After comes to nothing' },
])('refuses $filters before anything is asked', async ({ filters, message }) => {
	const { failed } = await getAll({ filters });

	expect(failed).toMatchObject([
		{ error: { code: 'invalid_input', message: `${message} [item 0]` } },
	]);
	expect(standIn.requests).toEqual([]);
});

test('sends times in the time zone of the workflow', async () => {
	await getAll({ filters: { createdAfter: '2026-11-24', createdBefore: '2026-11-25T06:00' } });

	const { searchParams } = new URL(standIn.requests[0]?.path ?? '', standIn.url);
	expect(Object.fromEntries(searchParams)).toEqual({
		limit: '50',
		created_at_min: '2026-11-24T00:00:00.000+05:30',
		created_at_max: '2026-11-25T06:00:00.000+05:30',
	});
});

test('whatever is asked for, those activities come out that there are, newest first', async () => {
	const sometimes = <Value,>(value: fc.Arbitrary<Value>) =>
		fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
	const hoursAgo = fc.integer({ min: 0, max: 20 });
	const given = fc.record({
		acts: fc.array(
			fc.record({
				name: fc.constantFrom('quiz', '$signup'),
				state: fc.constantFrom(...STATES),
				hoursAgo,
			}),
			{ maxLength: 20, size: 'max' },
		),
		ruleName: sometimes(fc.constantFrom('quiz', '$signup', 'other')),
		states: sometimes(fc.subarray(STATES, { minLength: 1 })),
		from: sometimes(hoursAgo),
		to: sometimes(hoursAgo),
		limit: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
	});
	const seen = { none: 0, some: 0, cut: 0 };

	await holdsFor(given, async ({ acts, ruleName, states, from, to, limit }) => {
		standIn.reset();
		const ordered = acts.sort((a, b) => b.hoursAgo - a.hoursAgo);
		for (const each of ordered) act(each.name, each.state, each.hoursAgo);
		// Between two hours, so that it does not matter how long it all takes.
		const half = (hours: number) => new Date(Date.now() - (hours + 0.5) * HOUR_MS).toISOString();
		const expected = ordered
			.filter(
				(each) =>
					(ruleName === undefined || each.name === ruleName) &&
					(!states || states.includes(each.state)) &&
					(from === undefined || each.hoursAgo <= from) &&
					(to === undefined || each.hoursAgo > to),
			)
			.map(({ name, state }) => [name, state])
			.reverse();

		const { succeeded, failed } = await getAll({
			...(limit === undefined ? { returnAll: true } : { limit }),
			filters: {
				...(ruleName !== undefined && { ruleName }),
				...(states && { state: states }),
				...(from !== undefined && { createdAfter: half(from) }),
				...(to !== undefined && { createdBefore: half(to) }),
			},
		});
		seen.none += expected.length === 0 ? 1 : 0;
		seen.some += expected.length > 1 ? 1 : 0;
		seen.cut += expected.length > (limit ?? Infinity) ? 1 : 0;

		expect(failed).toEqual([]);
		expect(namesOf(succeeded)).toEqual(expected.slice(0, limit));
		expect(standIn.breaches).toEqual([]);
	});
	expectSeen(seen);
});
