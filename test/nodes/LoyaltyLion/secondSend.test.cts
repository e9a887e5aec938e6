import { setTimeout } from 'node:timers/promises';
import type { IRun } from 'n8n-workflow';
import { LOOKS_AFTER_MS as looks } from '../../../nodes/LoyaltyLion/adjustments/checkHistory.ts';
import { accountOf } from '../../../nodes/LoyaltyLion/transport/accounts.ts';
import { awarding } from '../../harness/awarding.cts';
import { openDoor } from '../../harness/door.cts';
import { impatient, TRIES } from '../../harness/impatient.cts';
import { credentialForEachTest } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';
import { counting, DOINGS } from '../../harness/doing.cts';

describe.each(DOINGS)('$operation', (doing) => {
	const theShop = shop({ 1: { email: 'ann@example.com' }, 2: {}, 1666: { blocked: true } }, doing);
	const { standIn } = theShop;
	const { ledger, misbehaveFor } = counting(standIn, doing);
	const credential = credentialForEachTest(standIn);
	const { award, retry, posts, arrivals } = awarding(theShop, credential, doing);
	impatient();
	shortLooks();

	const ITEM = { merchantId: '1', points: 5, reason: 'Quiz' };
	const REFUSED = { merchantId: '1666', points: 7, reason: 'Quiz' };
	const POINTS = doing.path('1');
	const AGAIN = { ifUnclear: 'checkThenSend' };
	const RETRY_ON_FAIL = { retryOnFail: true, maxTries: 5, waitBetweenTries: 1 };

	const LOST = { kind: 'reset', times: 1 } as const;
	const LOST_BUT_ADDED = { kind: 'reset', after: true, times: 1 } as const;

	const SENT_TWICE = { timesSent: 2, [doing.flags.mayBeTwice]: true };
	const MAY_BE_TWICE = doing.says.mayBeTwice;

	/** Hides all that is added, until the second sending has arrived. */
	async function hideUntilSecond() {
		standIn.historyLagMs = 3_600_000;
		await arrivals(POINTS, 2);
		standIn.historyLagMs = 0;
	}

	const hintsOf = ({ hints }: { hints: { message: string }[] }) =>
		hints.map(({ message }) => message).join('\n');

	/** Makes the node look once only; what it returns undoes that. */
	function lookOnce() {
		const others = looks.splice(1, Infinity);
		return () => void looks.push(...others);
	}

	/** Comes to pass when the node has read that LoyaltyLion wants all to wait. */
	async function pauseByLoyaltyLion() {
		const { apiKey, baseUrl } = credential();

		const { pacer } = accountOf({ origin: baseUrl, authorization: `Bearer ${apiKey}` });
		while (!pacer.isPaused) await setTimeout(1);
	}

	describe('there is no third', () => {
		test('over all tries of n8n, and over all retries after them', async () => {
			misbehaveFor('1', { kind: 'reset' });

			const first = await award([ITEM], { options: AGAIN, settings: RETRY_ON_FAIL });
			const afterFirst = posts();
			const second = await retry(first.run, { options: AGAIN, settings: RETRY_ON_FAIL });
			const third = await retry(second.run, { options: AGAIN });
			const fromTheFirst = await retry(first.run, { options: AGAIN });

			expect([afterFirst, posts()]).toEqual([2, 2]);
			for (const { error } of [first, second, third, fromTheFirst]) {
				expect(error?.message).toMatch(doing.says.unclear('1', 5));
				expect(error?.description).toMatch(doing.says.sentTwice);
			}
		});

		test('when the first try has sent once, and what is saved of it is retried twice', async () => {
			misbehaveFor('1', LOST, LOST, LOST, LOST);
			const { run } = await award([ITEM]);

			const one = await retry(run, { options: AGAIN, onError: 'continueErrorOutput' });
			const two = await retry(run, { options: AGAIN, onError: 'continueErrorOutput' });

			expect(posts()).toBe(2);
			for (const { failed } of [one, two]) {
				expect(failed).toMatchObject([{ error: { code: 'outcome_unknown', ...SENT_TWICE } }]);
			}
			expect(hintsOf(two)).toMatch(MAY_BE_TWICE);
		});

		test('nor when both retries go on at the same time', async () => {
			misbehaveFor('1', { kind: 'reset' });
			const { run } = await award([ITEM]);
			const given = { options: AGAIN, onError: 'continueErrorOutput' } as const;

			const both = await Promise.all([retry(run, given), retry(run, given)]);

			expect(posts()).toBe(2);
			for (const { failed } of both) {
				expect(failed).toMatchObject([{ error: { code: 'outcome_unknown', ...SENT_TWICE } }]);
			}
		});

		test('nor while the other waits because LoyaltyLion says so', async () => {
			const wait = { 'Retry-After': '1' };
			const limit = { kind: 'status', status: 429, times: 1, headers: wait } as const;
			misbehaveFor('1', LOST, limit);
			const { run } = await award([ITEM]);
			const given = { options: AGAIN, onError: 'continueErrorOutput' } as const;

			await Promise.all([retry(run, given), retry(run, given)]);

			expect(ledger()).toHaveLength(1);
		});

		test('nor by a retry of the first execution, after LoyaltyLion refused it', async () => {
			misbehaveFor('1', LOST, { kind: 'status', status: 422, times: 1 });
			const { run } = await award([ITEM]);
			await retry(run, { options: AGAIN });

			const { failed } = await retry(run, { options: AGAIN, onError: 'continueErrorOutput' });

			expect(posts()).toBe(2);
			expect(failed).toMatchObject([{ error: { code: 'outcome_unknown', timesSent: 2 } }]);
		});

		test('nor after a retry of the first execution was confirmed, whatever the history shows then', async () => {
			misbehaveFor('1', LOST);
			const { run } = await award([ITEM]);
			await retry(run, { options: AGAIN });
			standIn.historyLagMs = 3_600_000;

			const { succeeded, ...outcome } = await retry(run, { options: AGAIN });

			expect(posts()).toBe(2);
			expect(succeeded).toMatchObject([{ confirmedBy: 'earlierTry', ...SENT_TWICE }]);
			expect(hintsOf(outcome)).toMatch(MAY_BE_TWICE);
		});

		test('nor after a retry of the first execution has found it', async () => {
			misbehaveFor('1', LOST_BUT_ADDED);
			const { run } = await award([ITEM]);
			await retry(run, { options: AGAIN });
			standIn.historyLagMs = 3_600_000;

			const { succeeded } = await retry(run, { options: AGAIN });

			expect(posts()).toBe(1);
			expect(succeeded).toMatchObject([{ success: true, confirmedBy: 'earlierTry' }]);
			expect(succeeded[0]).not.toHaveProperty('timesSent');
		});

		test('by email as little as by merchant ID', async () => {
			const parameters = { customer: { __rl: true, mode: 'email', value: 'ann@example.com' } };
			misbehaveFor('1', { kind: 'reset' });

			const { run } = await award([ITEM], { parameters, options: AGAIN, settings: RETRY_ON_FAIL });
			await retry(run, { options: AGAIN });

			expect(posts()).toBe(2);
		});
	});

	describe('the second sending does not count', () => {
		const memoryOf = ({ data }: IRun) => JSON.stringify(data.executionData?.contextData);

		test('when LoyaltyLion took nothing because of its limit', async () => {
			misbehaveFor('1', LOST, { kind: 'status', status: 429, times: TRIES });

			const outcome = await award([ITEM], { options: AGAIN, onError: 'continueErrorOutput' });

			expect(outcome.failed).toMatchObject([{ error: { code: 'outcome_unknown' } }]);
			expect(outcome.failed[0]?.error).not.toHaveProperty('timesSent');
			expect(hintsOf(outcome)).not.toMatch(MAY_BE_TWICE);
			expect(memoryOf(outcome.run)).not.toContain('secondSend');
		});

		test('when LoyaltyLion took nothing because of its limit: a retry may send it', async () => {
			misbehaveFor('1', LOST, { kind: 'status', status: 429, times: TRIES });
			const { run } = await award([ITEM], { options: AGAIN });

			const { succeeded } = await retry(run, { options: AGAIN });

			expect(succeeded).toMatchObject([{ confirmedBy: 'response', ...SENT_TWICE }]);
			expect(ledger()).toHaveLength(1);
		});

		test('when the execution was canceled before it went out', async () => {
			const headers = { 'Retry-After': '60' };
			misbehaveFor('1', LOST, { kind: 'status', status: 429, headers, times: 1 });
			const refused = arrivals(POINTS, 2).then(pauseByLoyaltyLion);

			const outcome = await award([ITEM], {
				options: AGAIN,
				onError: 'continueErrorOutput',
				onStart: (execution) => void refused.then(() => execution.cancel()),
			});

			expect(posts()).toBe(2);
			const [json] = outcome.output.flatMap((items) => items ?? []).map((item) => item.json);
			expect(json?.error).toMatchObject({ code: 'outcome_unknown' });
			expect(json?.error).not.toHaveProperty('timesSent');
			expect(hintsOf(outcome)).not.toMatch(MAY_BE_TWICE);
			expect(memoryOf(outcome.run)).not.toContain('secondSend');
		});

		test('when there was no way to LoyaltyLion: a retry may send it', async () => {
			misbehaveFor('1', LOST);
			const door = await openDoor(standIn.url);
			const given = { options: AGAIN, credential: { ...credential(), baseUrl: door.url } };
			const lookOften = lookOnce();
			void standIn.arrival('/v2/customers/1/transactions').then(door.close);
			const { run } = await award([ITEM], given).finally(lookOften);
			expect(memoryOf(run)).not.toContain('secondSend');

			await door.open();
			const { succeeded } = await retry(run, given);
			door.close();

			expect(succeeded).toMatchObject([{ confirmedBy: 'response', ...SENT_TWICE }]);
			expect(ledger()).toHaveLength(1);
		});
	});

	describe('the second sending is answered with a refusal', () => {
		test.each([400, 401, 403, 404, 422])('%i: it counts, and adds nothing', async (status) => {
			misbehaveFor('1', LOST, { kind: 'status', status, times: 1 });

			const first = await award([ITEM], { options: AGAIN });
			const second = await retry(first.run, { options: AGAIN, onError: 'continueErrorOutput' });

			expect(posts()).toBe(2);
			expect(second.failed).toMatchObject([{ error: { code: 'outcome_unknown', timesSent: 2 } }]);
			expect(second.failed[0]?.error).not.toHaveProperty(doing.flags.mayBeTwice);
			expect(hintsOf(second)).not.toMatch(MAY_BE_TWICE);
		});
	});

	describe('what the item says', () => {
		const MODES = ['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const;
		test.each(MODES)('confirmed the second time: %s', async (onError) => {
			misbehaveFor('1', LOST);

			const outcome = await award([ITEM], {
				options: AGAIN,
				onError,
			});

			expect(outcome.succeeded).toMatchObject([
				{ success: true, confirmedBy: 'response', ...SENT_TWICE },
			]);
			expect(outcome.succeeded[0]).not.toHaveProperty(doing.flags.isTwice);
			expect(hintsOf(outcome)).toMatch(MAY_BE_TWICE);
		});

		test.each(MODES)('both are in the history: %s', async (onError) => {
			misbehaveFor('1', LOST_BUT_ADDED);
			void hideUntilSecond();

			const outcome = await award([ITEM], {
				options: AGAIN,
				onError,
			});

			expect(ledger()).toHaveLength(2);
			expect(outcome.succeeded).toMatchObject([
				{ success: true, ...SENT_TWICE, [doing.flags.isTwice]: true },
			]);
			expect(hintsOf(outcome)).toMatch(doing.says.isTwice);
		});

		test('both are in the history, and both answers were lost', async () => {
			misbehaveFor('1', LOST_BUT_ADDED, LOST_BUT_ADDED);
			void hideUntilSecond();

			const outcome = await award([ITEM], { options: AGAIN });

			expect(outcome.succeeded).toMatchObject([
				{ confirmedBy: 'history', ...SENT_TWICE, [doing.flags.isTwice]: true },
			]);
		});

		test('one is in the history, and both answers were lost', async () => {
			misbehaveFor('1', LOST, LOST_BUT_ADDED);

			const { succeeded } = await award([ITEM], { options: AGAIN });

			expect(succeeded).toMatchObject([{ confirmedBy: 'history', ...SENT_TWICE }]);
			expect(succeeded[0]).not.toHaveProperty(doing.flags.isTwice);
		});

		const error = { code: 'outcome_unknown', ...SENT_TWICE };

		test.each([
			{ onError: 'continueRegularOutput', item: { success: false, ...SENT_TWICE, error } },
			{ onError: 'continueErrorOutput', item: { error } },
		] as const)('unclear the second time: $onError', async ({ onError, item: expected }) => {
			misbehaveFor('1', { kind: 'reset' });

			const outcome = await award([ITEM], { options: AGAIN, onError });

			const [json] = outcome.output.flatMap((items) => items ?? []).map((item) => item.json);
			expect(json).toMatchObject(expected);
			expect(hintsOf(outcome)).toMatch(MAY_BE_TWICE);
		});

		test('again in a later try', async () => {
			misbehaveFor('1', LOST);
			const { run } = await award([ITEM, REFUSED], { options: AGAIN });

			const outcome = await retry(run, { options: AGAIN, onError: 'continueErrorOutput' });

			expect(outcome.succeeded).toMatchObject([{ confirmedBy: 'earlierTry', ...SENT_TWICE }]);
			expect(hintsOf(outcome)).toMatch(MAY_BE_TWICE);
		});

		test('again in a later try that cannot open the credential', async () => {
			misbehaveFor('1', { kind: 'reset' });
			const { run } = await award([ITEM], { options: AGAIN });

			const outcome = await retry(run, {
				options: AGAIN,
				onError: 'continueErrorOutput',
				credential: new Error('It is gone.'),
			});

			expect(outcome.failed).toMatchObject([{ error: { code: 'outcome_unknown', ...SENT_TWICE } }]);
			expect(hintsOf(outcome)).toMatch(MAY_BE_TWICE);
		});

		test('nothing of the kind when it was sent once', async () => {
			misbehaveFor('1', LOST_BUT_ADDED);

			const { succeeded, hints } = await award([ITEM], { options: AGAIN });

			expect(succeeded[0]).not.toHaveProperty('timesSent');
			expect(hints).toEqual([]);
		});
	});

	describe('equal awards that are both sent a second time', () => {
		test('are not taken for one that was added twice', async () => {
			misbehaveFor('1', LOST, LOST, LOST_BUT_ADDED, LOST_BUT_ADDED);

			const { succeeded, failed } = await award([ITEM, ITEM], {
				options: AGAIN,
				onError: 'continueErrorOutput',
			});

			expect(ledger()).toHaveLength(2);
			expect([...succeeded, ...failed]).toHaveLength(2);
			for (const json of succeeded) expect(json).not.toHaveProperty(doing.flags.isTwice);
		});

		test('nor when the row of the other is still looked for', async () => {
			misbehaveFor('1', LOST, LOST, LOST_BUT_ADDED);

			const { succeeded } = await award([ITEM, ITEM], {
				options: AGAIN,
				onError: 'continueErrorOutput',
			});

			expect(ledger()).toHaveLength(2);
			for (const json of succeeded) expect(json).not.toHaveProperty(doing.flags.isTwice);
		});
	});
});
