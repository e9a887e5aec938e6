import { awarding } from '../../harness/awarding.cts';
import { credentialForEachTest } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';

const theShop = shop({ 1: {}, 2: {} });
const { standIn } = theShop;
const credential = credentialForEachTest(standIn);
const { award, retry, posts } = awarding(theShop, credential);
shortLooks();

const ITEM = { merchantId: '1', points: 5, reason: 'Quiz' };
const AGAIN = { ifUnclear: 'checkThenSend' };
const CONTINUE = { onError: 'continueErrorOutput' } as const;
const LOST = { kind: 'reset', times: 1 } as const;
const LOST_BUT_ADDED = { kind: 'reset', after: true, times: 1 } as const;
const AGO_MS = 30 * 60_000;

const LONG_AGO = new Date(Date.now() - AGO_MS).toUTCString();

const STALE: { what: string; headers: Record<string, string> }[] = [
	{ what: 'its Date is of then', headers: { Date: LONG_AGO } },
	{ what: 'it tells its Age', headers: { Age: '1800' } },
	{ what: 'both', headers: { Age: '1800', Date: LONG_AGO } },
];

/** Answers out of a cache: with an equal award that is half an hour old, or without any. */
function answerStale(headers: Record<string, string>, withRow: boolean) {
	const row = {
		id: 7,
		resource: 'adjustment',
		points_approved: 5,
		points_pending: 0,
		created_at: new Date(Date.now() - AGO_MS).toISOString(),
		adjustment: { note: 'Quiz' },
	};
	const body = JSON.stringify({ transactions: withRow ? [row] : [], cursor: { next: null } });
	standIn.misbehaveAt('listTransactions', {
		kind: 'status',
		status: 200,
		body,
		headers,
	});
}

describe.each(STALE)('an answer out of a cache: $what', ({ headers }) => {
	// An answer that tells LoyaltyLion's time.
	beforeEach(() => award([{ ...ITEM, merchantId: '2' }]));

	test('whose row is older than the award is not taken for it', async () => {
		standIn.misbehaveFor('1', LOST);
		answerStale(headers, true);

		const { failed } = await award([ITEM], { options: { ifUnclear: 'check' }, ...CONTINUE });

		expect(failed).toMatchObject([{ error: { code: 'outcome_unknown' } }]);
	});

	test('that lacks the award does not let it be sent again', async () => {
		standIn.misbehaveFor('1', LOST_BUT_ADDED);
		answerStale(headers, false);

		const { failed } = await award([ITEM], { options: AGAIN, ...CONTINUE });

		expect(failed).toMatchObject([
			{
				error: {
					code: 'outcome_unknown',
					description: expect.stringMatching(/could not read that history/),
				},
			},
		]);
		expect(posts()).toBe(2);
	});

	test('counts for nothing, but one that is not does', async () => {
		standIn.misbehaveFor('1', LOST_BUT_ADDED);
		answerStale(headers, false);
		const { run } = await award([ITEM], { options: AGAIN });
		standIn.misbehaveAt('listTransactions');

		const { succeeded } = await retry(run, { options: AGAIN });

		expect(succeeded).toMatchObject([{ confirmedBy: 'history' }]);
		expect(posts()).toBe(2);
	});
});
