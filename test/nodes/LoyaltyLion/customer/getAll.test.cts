import fc from 'fast-check';
import type { IDataObject as Json } from 'n8n-workflow';
import type { Customer } from '../../../../dev/stand-in/StandIn.cts';
import { expectSeen, holdsFor } from '../../../harness/holdsFor.cts';
import { FAST } from '../../../harness/reads.cts';
import { shop } from '../../../harness/shop.cts';

const CUSTOMERS: Record<string, Customer> = {
	1: { email: 'ann@example.com', createdAt: '2026-01-01T00:00:00Z' },
	2: { email: 'bob@example.org', enrolled: false, guest: true, birthday: '1990-02-28' },
	3: { email: 'cat@example.com', blocked: true, birthday: '2000-02-29' },
	4: { email: 'dan@example.com', enrolled: false, guest: true, blocked: true },
	5: { email: null, birthday: '1985-03-01', updatedAt: '2026-11-01T00:00:00Z' },
	6: { email: 'odd@example.com', more: { birthday: '1990' }, enrolled: false },
	7: { email: 'end@example.com', birthday: '1970-12-31' },
	8: { email: 'new@example.com', birthday: '1970-01-01' },
};

const { standIn, runOperation } = shop(CUSTOMERS);
afterEach(() => jest.restoreAllMocks());
afterEach(() => Object.assign(standIn, { customers: CUSTOMERS }));

async function getAll(
	filters: Json,
	own: Json = {},
	given: { items?: Json[]; timezone?: string } = {},
) {
	return await runOperation({
		items: [{}],
		onError: 'continueErrorOutput',
		parameters: { resource: 'customer', operation: 'getAll', filters, ...own, options: FAST },
		...given,
	});
}

/** The filters, by label, and a value that each takes. */
const NAMES: Record<string, string> = {
	'Birthday In the Next … Days': 'birthdayInDays',
	'Created After': 'createdAfter',
	'Created Before': 'createdBefore',
	'Email Contains': 'emailContains',
	Status: 'status',
	'Updated After': 'updatedAfter',
	'Updated Before': 'updatedBefore',
};
const GOOD: Record<string, string | number> = {
	birthdayInDays: 0,
	createdAfter: '2026-01-01',
	createdBefore: '2026-01-01',
	emailContains: 'ann',
	status: 'guest',
	updatedAfter: '2026-01-01',
	updatedBefore: '2026-01-01',
};

const idsOf = (rows: Json[]) => rows.map(({ id }) => id);
const query = () =>
	Object.fromEntries(new URL(standIn.requests[0]?.path ?? '', standIn.url).searchParams);

test('gives ten fields of each customer, newest first', async () => {
	const { succeeded } = await getAll({});

	expect(idsOf(succeeded)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
	expect(Object.keys(succeeded[0] ?? {}).filter((key) => key !== 'sees')).toEqual([
		'id',
		'merchant_id',
		'email',
		'name',
		'status',
		'points_approved',
		'points_pending',
		'tier',
		'birthday',
		'enrolled_at',
	]);
});

test('gives all that LoyaltyLion says without Simplify', async () => {
	const { succeeded } = await getAll({}, { simplify: false, limit: 1 });

	expect(succeeded).toMatchObject([{ id: 8, guest: false, linked_merchant_ids: [] }]);
});

describe('Status', () => {
	test.each([
		{ status: ['member'], ids: [8, 7, 5, 1] },
		{ status: ['guest'], ids: [6, 2] },
		{ status: ['blocked'], ids: [4, 3] },
		{ status: 'blocked', ids: [4, 3] },
		{ status: ['blocked', 'guest'], ids: [6, 4, 3, 2] },
		{ status: [], ids: [8, 7, 6, 5, 4, 3, 2, 1] },
		{ status: '', ids: [8, 7, 6, 5, 4, 3, 2, 1] },
	])('$status', async ({ status, ids }) => {
		expect(idsOf((await getAll({ status })).succeeded)).toEqual(ids);
	});

	test('reads page by page until the limit is reached, and no bigger pages than that', async () => {
		const { succeeded } = await getAll({ status: ['guest'] }, { limit: 2 });

		expect(idsOf(succeeded)).toEqual([6, 2]);
		expect(standIn.requests).toHaveLength(4);
		expect(standIn.requests.every(({ path }) => path.includes('limit=2'))).toBe(true);
		expect(standIn.breaches).toEqual([]);
	});
});

describe('Birthday In the Next … Days', () => {
	const on = (day: string) => jest.spyOn(Date, 'now').mockReturnValue(Date.parse(day));

	test.each([
		{ today: '2027-02-28', days: 0, ids: [3, 2] },
		{ today: '2028-02-28', days: 0, ids: [2] },
		{ today: '2028-02-29', days: 0, ids: [3] },
		{ today: '2027-02-27', days: 1, ids: [3, 2] },
		{ today: '2028-02-28', days: 1, ids: [3, 2] },
		{ today: '2027-03-01', days: 0, ids: [5] },
		{ today: '2027-02-28', days: 1, ids: [5, 3, 2] },
		{ today: '2100-02-28', days: 0, ids: [3, 2] },
		{ today: '2026-12-31', days: 0, ids: [7] },
		{ today: '2026-12-31', days: 1, ids: [8, 7] },
		{ today: '2026-12-30', days: 2, ids: [8, 7] },
		{ today: '2026-12-30', days: 1, ids: [7] },
		{ today: '2026-12-31', days: 60, ids: [8, 7, 5, 3, 2] },
		{ today: '2026-06-01', days: 366, ids: [8, 7, 5, 3, 2] },
		{ today: '2026-06-01', days: '7', ids: [] },
	])('$days from $today: $ids', async ({ today, days, ids }) => {
		on(`${today}T12:00:00Z`);

		const { succeeded } = await getAll({ birthdayInDays: days }, {}, { timezone: 'UTC' });

		expect(idsOf(succeeded)).toEqual(ids);
	});

	test.each([
		{ timezone: 'Pacific/Auckland', ids: [8] },
		{ timezone: 'Europe/Berlin', ids: [7] },
		{ timezone: 'America/Los_Angeles', ids: [7] },
	])("today is the workflow's, in $timezone", async ({ timezone, ids }) => {
		on('2026-12-31T15:00:00Z');

		const { succeeded } = await getAll({ birthdayInDays: 0 }, {}, { timezone });

		expect(idsOf(succeeded)).toEqual(ids);
	});
});

describe('a time', () => {
	test.each([
		['2026-11-24', 'Europe/Berlin', '2026-11-24T00:00:00.000+01:00'],
		['2026-07-01T09:30', 'America/New_York', '2026-07-01T09:30:00.000-04:00'],
		['2026-07-01 09:30:00', 'America/New_York', '2026-07-01T09:30:00.000-04:00'],
		['2026-11-24T09:30:00Z', 'Europe/Berlin', '2026-11-24T10:30:00.000+01:00'],
		['2026-11-24T09:30:00+05:30', 'UTC', '2026-11-24T04:00:00.000Z'],
		[' 2026-11-24 ', 'Asia/Kolkata', '2026-11-24T00:00:00.000+05:30'],
		// The clocks leave it out.
		['2026-03-29T02:30:00', 'Europe/Berlin', '2026-03-29T03:30:00.000+02:00'],
		// There it begins at one o'clock.
		['2026-09-06', 'America/Santiago', '2026-09-06T01:00:00.000-03:00'],
		['={{ DateTime.fromISO("2026-11-24T09:30Z") }}', 'UTC', '2026-11-24T09:30:00.000Z'],
		['={{ $now.set({ year: 2026 }).startOf("year") }}', 'UTC', '2026-01-01T00:00:00.000Z'],
		['={{ new Date("2026-11-24T09:30Z") }}', 'UTC', '2026-11-24T09:30:00.000Z'],
		['={{ $json.day }}', 'Europe/Berlin', '2028-02-29T00:00:00.000+01:00'],
	])('%s in %s is %s', async (value, timezone, sent) => {
		const filters = { createdAfter: value, updatedBefore: value };
		const { failed } = await getAll(filters, {}, { items: [{ day: '2028-02-29' }], timezone });

		expect(failed).toEqual([]);
		expect(query()).toEqual({ limit: '50', created_at_min: sent, updated_at_max: sent });
		expect(standIn.breaches).toEqual([]);
	});

	test('that comes twice is one of the two', async () => {
		const twice = '2026-10-25T02:30:00';

		await getAll({ createdAfter: twice }, {}, { timezone: 'Europe/Berlin' });

		expect([`${twice}.000+01:00`, `${twice}.000+02:00`]).toContain(query().created_at_min);
	});

	test('is that of its filter', async () => {
		await getAll(
			{
				createdAfter: '2026-01-01',
				createdBefore: '2026-02-01',
				updatedAfter: '2026-03-01',
				updatedBefore: '2026-04-01',
			},
			{},
			{ timezone: 'UTC' },
		);

		expect(query()).toEqual({
			limit: '50',
			created_at_min: '2026-01-01T00:00:00.000Z',
			created_at_max: '2026-02-01T00:00:00.000Z',
			updated_at_min: '2026-03-01T00:00:00.000Z',
			updated_at_max: '2026-04-01T00:00:00.000Z',
		});
	});
});

/** A value, and how the message puts it. */
type Refused = [value: Json[string], shown: string];

const refused = (label: string, rows: Refused[]) =>
	rows.map(([value, shown]) => ({ label, value, shown }));

describe('what a filter refuses, before anything is asked', () => {
	const DATES: Refused[] = [
		['2026-02-30', '"2026-02-30"'],
		['2027-02-29', '"2027-02-29"'],
		['2026-13-01', '"2026-13-01"'],
		['2026-11-24T25:00:00', '"2026-11-24T25:00:00"'],
		['24.11.2026', '"24.11.2026"'],
		['tomorrow', '"tomorrow"'],
		['2026', '"2026"'],
		['2026-11-24}}', '"2026-11-24}}"'],
		[1_700_000_000_000, '1700000000000'],
		[true, 'true'],
		[{ day: 1 }, 'an object'],
		[{ toISO: '2026-11-24' }, 'an object'],
		[['2026-11-24'], 'a list'],
	];
	const cases = [
		...refused('Created After', DATES),
		...refused('Created Before', DATES),
		...refused('Updated After', DATES),
		...refused('Updated Before', DATES),
		...refused('Birthday In the Next … Days', [
			[-1, '-1'],
			[367, '367'],
			[1.5, '1.5'],
			['a week', '"a week"'],
			[{ days: 1 }, 'an object'],
		]),
		...refused('Status', [
			['vip', '"vip"'],
			[['member', 'vip'], '"vip"'],
			['member,guest', '"member,guest"'],
			[5, '5'],
		]),
		...refused('Email Contains', [
			['a\nb', '"a b"'],
			['a\u200bb', '"a b"'],
			[true, 'true'],
			[{ at: 1 }, 'an object'],
			['x'.repeat(255), `"${'x'.repeat(60)}…"`],
		]),
	];

	test.each(cases)('$label: $value', async ({ label, value, shown }) => {
		const { failed } = await getAll(
			{ [NAMES[label] ?? '']: '={{ $json.value }}' },
			{},
			{ items: [{ value }] },
		);

		expect(failed).toMatchObject([
			{ error: { code: 'invalid_input', message: `${label} can't be ${shown} [item 0]` } },
		]);
		expect(standIn.requests).toEqual([]);
	});

	test.each(Object.entries(NAMES))(
		'%s whose expression finds nothing, for that item alone',
		async (label, name) => {
			const good = GOOD[name];
			const items = [{ value: good }, {}, { value: null }, { value: '' }, { value: good }];

			const { succeeded, failed } = await getAll({ [name]: '={{ $json.value }}' }, {}, { items });

			expect(failed).toMatchObject(
				[1, 2, 3].map((sees) => ({
					sees,
					error: { code: 'invalid_input', message: `${label} comes to nothing [item ${sees}]` },
				})),
			);
			expect(succeeded.every(({ sees }) => sees === 0 || sees === 4)).toBe(true);
			expect(standIn.requests).toHaveLength(2);
		},
	);

	test('Status whose expression finds an empty list', async () => {
		const { failed } = await getAll({ status: '={{ [] }}' });

		expect(failed).toMatchObject([{ error: { message: 'Status comes to nothing [item 0]' } }]);
	});

	test.each(Object.values(NAMES))('but %s that is left empty keeps everybody', async (name) => {
		const { succeeded } = await getAll({ [name]: '' });

		expect(succeeded).toHaveLength(8);
	});

	test('all of them at once', async () => {
		const { failed } = await getAll(
			{ createdAfter: 'x', status: 'y', birthdayInDays: 'z' },
			{ sort: 'luck', limit: 0 },
		);

		expect(failed).toMatchObject([
			{
				error: {
					message:
						'Limit can\'t be 0; Birthday In the Next … Days can\'t be "z"; Created After can\'t be "x"; Status can\'t be "y"; Sort can\'t be "luck" [item 0]',
				},
			},
		]);
	});
});

describe('Sort', () => {
	test.each([
		{ sort: 'newestFirst', asked: {}, first: 8 },
		{ sort: 'oldestFirst', asked: { sort_field: 'id', sort_direction: 'asc' }, first: 1 },
		{
			sort: 'lastChangedFirst',
			asked: { sort_field: 'updated_at', sort_direction: 'desc' },
			first: 5,
		},
		{
			sort: 'lastChangedLast',
			asked: { sort_field: 'updated_at', sort_direction: 'asc' },
			first: 2,
		},
	])('$sort', async ({ sort, asked, first }) => {
		const { succeeded } = await getAll({}, { sort, limit: 1 });

		expect(query()).toEqual({ limit: '1', ...asked });
		expect(idsOf(succeeded)).toEqual([first]);
	});
});

test('whatever is asked for, those customers come out that the shop has, once, in order', async () => {
	const days = fc.integer({ min: 0, max: 800 }).map((day) => new Date(DAY_ZERO + day * DAY_MS));
	const customer = fc.record({
		email: fc.constantFrom('ann@example.com', 'joann@example.com', 'bob@example.org', null),
		enrolled: fc.boolean(),
		blocked: fc.constantFrom(false, false, true),
		birthday: fc.option(days.map((day) => day.toISOString().slice(0, 10))),
		createdAt: days.map((day) => day.toISOString()),
		updatedAt: days.map((day) => day.toISOString()),
	});
	const sometimes = <Value,>(value: fc.Arbitrary<Value>) =>
		fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
	const time = sometimes(days);
	const given = fc.record({
		customers: fc.array(customer, { maxLength: 30, size: 'max' }),
		limit: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined, freq: 3 }),
		sort: fc.constantFrom('newestFirst', 'oldestFirst', 'lastChangedFirst', 'lastChangedLast'),
		emailContains: sometimes(fc.constantFrom('ann@', 'ANN@', '.org', 'nobody')),
		status: sometimes(fc.subarray(['member', 'guest', 'blocked'], { minLength: 1 })),
		birthdayInDays: sometimes(fc.integer({ min: 0, max: 366 })),
		today: days,
		createdAfter: time,
		createdBefore: time,
		updatedAfter: time,
		updatedBefore: time,
	});
	const seen = { none: 0, some: 0, cut: 0, severalPages: 0 };

	await holdsFor(given, async ({ customers, limit, sort, today, ...filters }) => {
		standIn.reset();
		Object.assign(standIn, { customers: Object.fromEntries(Object.entries(customers)) });
		jest.spyOn(Date, 'now').mockReturnValue(today.getTime() + DAY_MS / 2);
		const { emailContains: text = '', status, birthdayInDays } = filters;
		const { createdAfter, createdBefore, updatedAfter, updatedBefore } = filters;
		const isDuring = (iso: string, from?: Date, to?: Date) =>
			Date.parse(iso) >= (from?.getTime() ?? -Infinity) &&
			Date.parse(iso) <= (to?.getTime() ?? Infinity);
		const expected = customers
			.map((each, index) => ({ ...each, id: index + 1 }))
			.filter(
				({ email, enrolled, blocked, birthday, ...times }) =>
					(email ?? '').includes(text.toLowerCase()) &&
					(!status || status.includes(blocked ? 'blocked' : enrolled ? 'member' : 'guest')) &&
					(birthdayInDays === undefined || isSoon(birthday, today, birthdayInDays)) &&
					isDuring(times.createdAt, createdAfter, createdBefore) &&
					isDuring(times.updatedAt, updatedAfter, updatedBefore),
			)
			.sort(ORDERS[sort]);

		const { succeeded, failed } = await getAll(
			Object.fromEntries(
				Object.entries(filters)
					.filter(([, value]) => value !== undefined)
					.map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
			) as Json,
			{ sort, ...(limit === undefined ? { returnAll: true } : { limit }) },
			{ timezone: 'UTC' },
		);
		seen.none += expected.length === 0 ? 1 : 0;
		seen.some += expected.length > 1 ? 1 : 0;
		seen.cut += expected.length > (limit ?? Infinity) ? 1 : 0;
		seen.severalPages += standIn.requests.length > 1 ? 1 : 0;

		expect(failed).toEqual([]);
		expect(idsOf(succeeded)).toEqual(expected.slice(0, limit).map(({ id }) => id));
		expect(standIn.breaches).toEqual([]);
		for (const { path } of standIn.requests) {
			const asked = new URL(path, standIn.url).searchParams.get('limit');
			expect(Number(asked)).toBe(limit ?? 500);
		}
	});
	expectSeen(seen);
});

const DAY_MS = 86_400_000;

/** A leap year comes soon after it. */
const DAY_ZERO = Date.UTC(2027, 6, 1);

interface Row {
	id: number;
	updatedAt: string;
}

const byChange = (a: Row, b: Row) =>
	Date.parse(a.updatedAt) - Date.parse(b.updatedAt) || a.id - b.id;

const ORDERS = {
	newestFirst: (a: Row, b: Row) => b.id - a.id,
	oldestFirst: (a: Row, b: Row) => a.id - b.id,
	lastChangedFirst: (a: Row, b: Row) => byChange(b, a),
	lastChangedLast: byChange,
};

/** Goes from day to day, and asks on each whether it is the birthday. */
function isSoon(birthday: string | null, today: Date, days: number) {
	if (birthday === null) return false;
	const [, month, day] = birthday.split('-').map(Number);
	return Array.from({ length: days + 1 }, (_, index) => {
		const date = new Date(today.getTime() + index * DAY_MS);
		const year = date.getUTCFullYear();
		const isLeap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
		const [itsMonth, itsDay] = month === 2 && day === 29 && !isLeap ? [2, 28] : [month, day];
		return date.getUTCMonth() + 1 === itsMonth && date.getUTCDate() === itsDay;
	}).includes(true);
}
