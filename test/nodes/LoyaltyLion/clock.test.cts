import type { IRun } from 'n8n-workflow';
import { anotherProcess } from '../../harness/anotherProcess.cts';
import { awarding } from '../../harness/awarding.cts';
import { credentialForEachTest } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';

const theShop = shop({ 1: {}, 2: {} });
const { standIn, n8n } = theShop;
const credential = credentialForEachTest(standIn);
const { award, retry, posts } = awarding(theShop, credential);
shortLooks();

const ITEM = { merchantId: '1', points: 5, reason: 'Quiz' };
const POINTS = '/v2/customers/1/points';
const HISTORY = '/v2/customers/1/transactions';
const AGAIN = { ifUnclear: 'checkThenSend' };
const CONTINUE = { onError: 'continueErrorOutput' } as const;
const LOST = { kind: 'reset', times: 1 } as const;
const LOST_BUT_ADDED = { kind: 'reset', after: true, times: 1 } as const;
const WAYS = [
	{ what: 'as it was lost', fault: LOST },
	{ what: 'as only its answer was lost', fault: LOST_BUT_ADDED },
];

const TIMES_BROKEN =
	/cannot tell for certain, as n8n was started anew, or its machine's clock was set/;
const UNKNOWN = {
	error: { code: 'outcome_unknown', description: expect.stringMatching(TIMES_BROKEN) },
};

const HOUR_MS = 3_600_000;
const STEPS_MS = [HOUR_MS, -HOUR_MS, 90_000, -5000];

const realNow = Date.now;
afterEach(() => void jest.restoreAllMocks());

/**
 * Sets this machine's clock. LoyaltyLion's goes on as before.
 *
 * @param ms by how much
 */
function setClock(ms: number) {
	jest.spyOn(Date, 'now').mockImplementation(() => realNow() + ms);
	standIn.clockAheadMs = -ms;
}

describe.each(STEPS_MS)('the clock is set by %i ms', (ms) => {
	test.each(WAYS)(
		'between the sending and a retry: nothing is sent again, $what',
		async ({ fault }) => {
			standIn.misbehaveFor('1', fault);
			const { run } = await award([ITEM]);
			setClock(ms);

			const { failed } = await retry(run, { options: AGAIN, ...CONTINUE });

			expect(failed).toMatchObject([UNKNOWN]);
			expect(posts()).toBe(1);
		},
	);

	test.each(WAYS)('while the history is read: nothing is sent again, $what', async ({ fault }) => {
		standIn.misbehaveFor('1', fault);
		void standIn.arrival(HISTORY).then(() => setClock(ms));

		const { failed } = await award([ITEM], { options: AGAIN, ...CONTINUE });

		expect(failed).toMatchObject([{ error: { code: 'outcome_unknown' } }]);
		expect(posts()).toBe(1);
	});

	test.each([false, true])(
		'while the request is on its way: nothing is sent again, added: %s',
		async (after) => {
			standIn.misbehaveFor('1', { kind: 'silence', after, times: 1 });
			void standIn.arrival(POINTS).then(() => setClock(ms));

			const { failed } = await award([ITEM], { options: { ...AGAIN, timeout: 1 }, ...CONTINUE });

			expect(failed).toMatchObject([UNKNOWN]);
			expect(posts()).toBe(1);
		},
	);

	test('while the request is on its way: no other row is taken for its own', async () => {
		for (let minute = 1; minute < 60; minute++) standIn.addByHand({ ...ITEM }, minute * 60_000);
		standIn.misbehaveFor('1', { kind: 'silence', times: 1 });
		void standIn.arrival(POINTS).then(() => setClock(ms));

		const { failed } = await award([ITEM], { options: { ...AGAIN, timeout: 1 }, ...CONTINUE });

		expect(failed).toMatchObject([UNKNOWN]);
		expect(posts()).toBe(1);
	});

	test('between the second sending and its check: it stays unclear', async () => {
		standIn.misbehaveFor('1', LOST, LOST);
		const first = standIn.arrival(POINTS);
		void first.then(() => standIn.arrival(POINTS)).then(() => setClock(ms));

		const { failed } = await award([ITEM], { options: AGAIN, ...CONTINUE });

		expect(failed).toMatchObject([{ error: { code: 'outcome_unknown', timesSent: 2 } }]);
		expect(posts()).toBe(2);
	});
});

test('a clock that is set and set back meanwhile changes nothing', async () => {
	standIn.misbehaveFor('1', LOST);
	const { run } = await award([ITEM]);
	setClock(HOUR_MS);
	setClock(0);

	const { succeeded } = await retry(run, { options: AGAIN });

	expect(succeeded).toMatchObject([{ confirmedBy: 'response', timesSent: 2 }]);
});

/** By the item's place. */
type Remembered = Record<string, { clock?: { process: string; offset: number } }>;

/** What is remembered of the items, for a test to change. */
function memoryOf(run: IRun) {
	const { loyaltyLionRuns } = run.data.executionData?.contextData['node:LoyaltyLion'] ?? {};
	const [items = {}] = Object.values(loyaltyLionRuns as Record<string, Remembered>);
	return Object.values(items);
}

const PROCESSES = [
	'one of another name',
	'one that kept nothing of the clock',
	'one that was really started anew',
];

describe.each(PROCESSES)('the retry runs in another process: %s', (process) => {
	async function elsewhere(run: IRun) {
		if (process === 'one that was really started anew') return await anotherProcess();
		for (const item of memoryOf(run)) {
			if (item.clock && process === 'one of another name') item.clock.process = 'another';
			else delete item.clock;
		}
		return n8n();
	}

	test('what is not in the history is not sent again', async () => {
		standIn.misbehaveFor('1', LOST);
		const { run } = await award([ITEM]);

		const given = { options: AGAIN, ...CONTINUE, host: await elsewhere(run) };
		const { failed } = await retry(run, given);

		expect(failed).toMatchObject([UNKNOWN]);
		expect(posts()).toBe(1);
	});

	test('what is in the history is found', async () => {
		standIn.misbehaveFor('1', LOST_BUT_ADDED);
		const { run } = await award([ITEM]);

		const given = { options: AGAIN, ...CONTINUE, host: await elsewhere(run) };
		const { succeeded } = await retry(run, given);

		expect(succeeded).toMatchObject([{ success: true, confirmedBy: 'history' }]);
		expect(posts()).toBe(1);
	});

	test('what was sent twice is not sent again, and says so', async () => {
		standIn.misbehaveFor('1', LOST, LOST);
		const { run } = await award([ITEM], { options: AGAIN });

		const given = { options: AGAIN, ...CONTINUE, host: await elsewhere(run) };
		const { failed } = await retry(run, given);

		expect(failed).toMatchObject([
			{ error: { code: 'outcome_unknown', timesSent: 2, pointsMayHaveBeenAddedTwice: true } },
		]);
		expect(posts()).toBe(2);
	});
});
