import type { Transaction } from '../../../dev/stand-in/StandIn.cts';
import { credentialForEachTest } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';

/**
 * What a history looks like in which points are not to be seen as the node expects them: it must not
 * conclude that they were not added, and send them again.
 */

const { standIn, run } = shop({ 1: {} });
const credential = credentialForEachTest(standIn);
shortLooks();

const ITEM = { merchantId: '1', points: 5, reason: 'Quiz' };
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

async function sendAgainIfNotThere() {
	return await run({
		items: [ITEM],
		parameters: { options: { ifUnclear: 'checkThenSend' } },
		onError: 'continueErrorOutput',
		credential: credential(),
	});
}

const each = (change: (row: Transaction) => Record<string, unknown>) => (rows: Transaction[]) =>
	rows.map(change);

const without = (left: string) => (row: Transaction) =>
	Object.fromEntries(Object.entries(row).filter(([name]) => name !== left));

const cutTo = (unit: number) =>
	each((row) => {
		const time = Date.parse(row.created_at);
		return { ...row, created_at: new Date(time - (time % unit)).toISOString() };
	});

/** More than a page of rows from before. */
function addOlder(count: number) {
	for (let row = 0; row < count; row++) {
		standIn.addByHand({ ...ITEM, points: 7 }, 2 * HOUR_MS - row * 1000);
	}
}

const SHOWN = [
	{
		how: 'in points that wait for approval',
		show: each((row) => ({ ...row, points_approved: 0, points_pending: row.points_approved })),
	},
	{
		how: 'half approved',
		show: each((row) => ({ ...row, points_approved: 2, points_pending: 3 })),
	},
	{
		how: 'without points_approved',
		show: each(without('points_approved')),
	},
	{
		how: 'in points written as text',
		show: each((row) => ({ ...row, points_approved: String(row.points_approved) })),
	},
	{
		how: 'with fractions of points',
		show: each((row) => ({ ...row, points_approved: row.points_approved / 100 })),
	},
	{
		how: 'as an adjustment by nothing',
		show: each((row) => ({ ...row, points_approved: 0 })),
	},
	{ how: 'at a time cut to the minute', show: cutTo(MINUTE_MS) },
	{ how: 'at a time cut to the hour', show: cutTo(HOUR_MS) },
	{ how: 'at a time cut to the day', show: cutTo(24 * HOUR_MS) },
	{
		how: 'without a time',
		show: each(without('created_at')),
	},
	{
		how: 'in a row that is none',
		show: each((row) => JSON.stringify(row) as never),
	},
	{
		how: 'oldest first, on the second page',
		older: 150,
		show: (rows: Transaction[]) => [...rows].reverse(),
	},
	{
		how: 'in no order, on the second page',
		older: 150,
		show: ([newest, ...rows]: Transaction[]) => [
			...rows.filter((_, index) => index % 2 === 0),
			...rows.filter((_, index) => index % 2 === 1),
			newest,
		],
	},
	{
		how: 'on a page behind those that are read',
		older: 1100,
		show: (rows: Transaction[]) => [...rows].reverse(),
	},
];

test.each(SHOWN)('points shown $how are not sent again', async ({ show, older = 0 }) => {
	addOlder(older);
	standIn.showTransactions = show;
	standIn.misbehaveFor('1', { kind: 'reset', after: true, times: 1 });

	const { succeeded, failed } = await sendAgainIfNotThere();

	expect(standIn.ledger.filter(({ points }) => points === ITEM.points)).toHaveLength(1);
	expect(standIn.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
	for (const { error } of failed) {
		expect(error).toMatchObject({ code: 'outcome_unknown', pointsMayHaveBeenAdded: true });
	}
	for (const item of succeeded) expect(item).toMatchObject({ confirmedBy: 'history' });
	expect(succeeded.length + failed.length).toBe(1);
});

test('an older row that cannot be read leaves it unclear, whatever else is there', async () => {
	standIn.addByHand({ ...ITEM, points: 9 }, HOUR_MS);
	standIn.showTransactions = each(without('points_approved'));
	standIn.misbehaveFor('1', { kind: 'reset', times: 1 });

	const { failed } = await sendAgainIfNotThere();

	expect(failed).toMatchObject([
		{
			error: {
				code: 'outcome_unknown',
				description: expect.stringMatching(
					/did not find them, but cannot tell for certain from what LoyaltyLion shows\.$/,
				),
			},
		},
	]);
});

test('an equal award that has to be there and is not shows that the history is late', async () => {
	await sendAgainIfNotThere();
	standIn.showTransactions = () => [];
	standIn.misbehaveFor('1', { kind: 'reset', after: true, times: 1 });

	const { failed } = await sendAgainIfNotThere();

	expect(failed).toMatchObject([{ error: { code: 'outcome_unknown' } }]);
	expect(standIn.balances()).toEqual({ 1: 10 });
});

test.each([
	{ what: 'an empty one', show: () => [] },
	{ what: 'a long one, newest first', older: 150 },
	{ what: 'one with other points of the time', other: 6 },
])('$what that proves readable lets the points be sent again', async ({ show, older, other }) => {
	addOlder(older ?? 0);
	if (other !== undefined) standIn.addByHand({ ...ITEM, points: other });
	if (show) standIn.showTransactions = show;
	standIn.misbehaveFor('1', { kind: 'reset', times: 1 });

	const { succeeded } = await sendAgainIfNotThere();

	expect(succeeded).toMatchObject([{ confirmedBy: 'response', timesSent: 2 }]);
	expect(standIn.ledger.filter(({ points }) => points === ITEM.points)).toHaveLength(1);
});
