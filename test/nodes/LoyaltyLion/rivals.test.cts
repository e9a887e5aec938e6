import type { IDataObject } from 'n8n-workflow';
import { anotherProcess } from '../../harness/anotherProcess.cts';
import { awarding } from '../../harness/awarding.cts';
import { openDoor } from '../../harness/door.cts';
import { credentialForEachTest } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';
import { timePasses } from '../../harness/timePasses.cts';
import { counting, DOINGS } from '../../harness/doing.cts';

describe.each(DOINGS)('$operation', (doing) => {
	const theShop = shop({ 1: { email: 'ann@example.com' }, 2: {} }, doing);
	const { standIn, n8n } = theShop;
	const { ledger, misbehaveFor, doByHand } = counting(standIn, doing);
	const credential = credentialForEachTest(standIn);
	const { award, retry, posts, looks, arrivals } = awarding(theShop, credential, doing);
	shortLooks();

	const ITEM = { merchantId: '1', points: 5, reason: 'Quiz' };
	const POINTS = doing.path('1');
	const HISTORY = '/v2/customers/1/transactions';
	const CHECK = { ifUnclear: 'check' };
	const AGAIN = { ifUnclear: 'checkThenSend' };
	const BY_ITEM = { ifUnclear: '={{ $json.ifUnclear }}' };
	const CONTINUE = { onError: 'continueErrorOutput' } as const;
	const LOST = { kind: 'reset', times: 1 } as const;
	const LOST_BUT_ADDED = { kind: 'reset', after: true, times: 1 } as const;
	const UNKNOWN = { error: { code: 'outcome_unknown' } };
	const MINUTES_MS = 60_000;

	/** Loses the answers to the next awards, the first of which are added all the same. */
	function lose(count: number, added: number) {
		const faults = Array.from({ length: count }, (_, place) =>
			place < added ? LOST_BUT_ADDED : LOST,
		);
		misbehaveFor('1', ...faults);
	}

	let door: Awaited<ReturnType<typeof openDoor>> | undefined;
	afterEach(() => door?.close());

	/** A credential with which no answer comes in before so many awards have been sent. */
	async function atOnce(count: number) {
		door = await openDoor(standIn.url);
		void arrivals(POINTS, count).then(door.hold());
		return { ...credential(), baseUrl: door.url };
	}

	describe('three executions award the same at the same time, and one of them is canceled', () => {
		/** @param which is canceled */
		async function threeWithCancel(which: number, when: Promise<unknown>, options: IDataObject) {
			const given = { options, ...CONTINUE, credential: await atOnce(3) };
			return await Promise.all(
				[0, 1, 2].map((place) =>
					award([ITEM], {
						...given,
						onStart: (execution) => void (place === which && when.then(() => execution.cancel())),
					}),
				),
			);
		}

		describe.each([0, 1, 2])('execution %i, while a history that all wait for is read', (which) => {
			test.each([1, 2, 3])('with %i of the awards added', async (added) => {
				lose(3, added);
				standIn.misbehaveAt('listTransactions', { kind: 'silence', times: 1 });

				const outcomes = await threeWithCancel(which, standIn.arrival(HISTORY), {
					...CHECK,
					timeout: 3,
				});

				const others = outcomes.filter((_, place) => place !== which);
				const succeeded = outcomes.flatMap((outcome) => outcome.succeeded);
				expect(succeeded.length).toBeLessThanOrEqual(added);
				expect(succeeded.length).toBeGreaterThanOrEqual(added - 1);
				const failed = others.flatMap((outcome) => outcome.failed);
				expect(failed.length).toBe(2 - succeeded.length);
				for (const { error } of failed) {
					expect(error).toMatchObject({
						code: 'outcome_unknown',
						description: expect.stringMatching(/The node looked there and/),
					});
				}
				expect(posts()).toBe(3);
			});

			test('the others send theirs again only if none of the rows can be theirs', async () => {
				lose(3, 1);
				standIn.misbehaveAt('listTransactions', { kind: 'silence', times: 1 });

				const outcomes = await threeWithCancel(which, standIn.arrival(HISTORY), {
					...AGAIN,
					timeout: 3,
				});

				expect(outcomes.flatMap(({ succeeded }) => succeeded)).toEqual([]);
				expect([posts(), ledger().length]).toEqual([3, 1]);
			});
		});

		test.each([0, 1, 2])('execution %i, while all awards are on their way', async (which) => {
			misbehaveFor('1', { kind: 'silence', after: true, times: 1 }, LOST, LOST);

			const outcomes = await threeWithCancel(which, arrivals(POINTS, 3), { ...CHECK, timeout: 3 });

			expect(outcomes.flatMap(({ succeeded }) => succeeded).length).toBeLessThanOrEqual(1);
			expect(ledger()).toHaveLength(1);
		});
	});

	describe('so many rows, so many successes', () => {
		test.each([0, 1, 2, 5, 6])('%i of six in one run', async (added) => {
			lose(6, added);

			const { succeeded, failed } = await award(Array<typeof ITEM>(6).fill(ITEM), {
				options: CHECK,
				...CONTINUE,
			});

			expect([succeeded.length, failed.length]).toEqual([added, 6 - added]);
		});

		test.each([1, 2])('%i of three executions', async (added) => {
			lose(3, added);

			const given = { options: CHECK, ...CONTINUE, credential: await atOnce(3) };
			const outcomes = await Promise.all([0, 1, 2].map(() => award([ITEM], given)));

			expect(outcomes.flatMap(({ succeeded }) => succeeded)).toHaveLength(added);
		});

		test.each([1, 2, 4])(
			'%i of four saved ones that are retried at the same time',
			async (added) => {
				lose(4, added);
				const saved = await Promise.all([0, 1, 2, 3].map(() => award([ITEM])));

				const outcomes = await Promise.all(
					saved.map(({ run }) => retry(run, { options: CHECK, ...CONTINUE })),
				);

				expect(outcomes.flatMap(({ succeeded }) => succeeded)).toHaveLength(added);
			},
		);

		test('by email or by merchant ID', async () => {
			const byEmail = { customer: { __rl: true, mode: 'email', value: 'ann@example.com' } };
			lose(2, 1);

			const saved = [await award([ITEM]), await award([ITEM], { parameters: byEmail })];

			const outcomes = await Promise.all(
				saved.map(({ run }) => retry(run, { options: CHECK, ...CONTINUE })),
			);

			expect(outcomes.flatMap(({ succeeded }) => succeeded)).toHaveLength(1);
		});

		if (doing.hasReason) {
			test('reasons that the history names tell them apart', async () => {
				misbehaveFor('1', LOST, LOST_BUT_ADDED, LOST);
				const items = ['Quiz', 'Birthday', null].map((reason) => ({ ...ITEM, reason }));

				const { succeeded, failed } = await award(items, { options: CHECK, ...CONTINUE });

				expect(succeeded).toMatchObject([{ confirmedBy: 'history' }]);
				const [added] = ledger();
				expect(succeeded[0]?.reason).toBe(added?.reason);
				expect(failed).toHaveLength(2);
			});
		}
	});

	describe('a row may belong to an equal award that is unclear', () => {
		test.each([CHECK, AGAIN])(
			'of another execution, which only reports it: %j',
			async (options) => {
				lose(2, 1);
				await award([ITEM]);

				const { failed } = await award([ITEM], { options, ...CONTINUE });

				expect(failed).toMatchObject([UNKNOWN]);
				expect(posts()).toBe(2);
			},
		);

		test.each([CHECK, AGAIN])('of another execution that was sent twice: %j', async (options) => {
			standIn.historyLagMs = 60 * MINUTES_MS;
			misbehaveFor('1', LOST_BUT_ADDED, LOST_BUT_ADDED, LOST);
			await award([ITEM], { options: AGAIN });
			standIn.historyLagMs = 0;

			const { failed } = await award([ITEM], { options, ...CONTINUE });

			expect(failed).toMatchObject([UNKNOWN]);
			expect(posts()).toBe(3);
		});

		const reported = { ...ITEM, ifUnclear: 'report' };
		const checked = { ...ITEM, ifUnclear: 'check' };
		const sentAgain = { ...ITEM, ifUnclear: 'checkThenSend' };

		test.each([
			{ where: 'in this process', host: async () => n8n() },
			{ where: 'in another process', host: anotherProcess },
		])('of the same run, from an earlier try $where', async ({ host }) => {
			misbehaveFor('1', LOST_BUT_ADDED, LOST, LOST);
			const { run } = await award([reported, checked, sentAgain]);

			const { failed } = await retry(run, { options: BY_ITEM, ...CONTINUE, host: await host() });

			expect(failed).toMatchObject([UNKNOWN, UNKNOWN, UNKNOWN]);
			expect(posts()).toBe(3);
		});

		test('of another execution that is retried in another process, too', async () => {
			lose(2, 1);
			const [first, second] = await Promise.all([award([ITEM]), award([ITEM])]);
			const host = await anotherProcess();

			await retry(first.run, { host });
			const { failed } = await retry(second.run, { options: CHECK, ...CONTINUE, host });

			expect(failed).toMatchObject([UNKNOWN]);
		});
	});

	describe('long after', () => {
		test.each([11, 600])(
			'%i minutes: what another execution has added stays its own',
			async (minutes) => {
				misbehaveFor('1', LOST);
				const { run } = await award([ITEM]);
				await award([ITEM]);
				timePasses(minutes * MINUTES_MS);
				await award([{ ...ITEM, merchantId: '2' }]);

				const { failed } = await retry(run, { options: CHECK, ...CONTINUE });

				expect(failed).toMatchObject([UNKNOWN]);
			},
		);

		test.each([11, 600])('%i minutes: what is unclear may still be its own', async (minutes) => {
			lose(2, 1);
			const [first, second] = await Promise.all([award([ITEM]), award([ITEM])]);
			timePasses(minutes * MINUTES_MS);
			await retry(first.run);
			await award([{ ...ITEM, merchantId: '2' }]);

			const { failed } = await retry(second.run, { options: CHECK, ...CONTINUE });

			expect(failed).toMatchObject([UNKNOWN]);
		});

		test.each([11, 600, 3000])(
			'%i minutes after a retry has sent it again, another retry of the first execution does not',
			async (minutes) => {
				misbehaveFor('1', LOST);
				const { run } = await award([ITEM]);
				timePasses(30 * MINUTES_MS);
				await retry(run, { options: AGAIN });
				expect([posts(), ledger().length]).toEqual([2, 1]);
				timePasses(minutes * MINUTES_MS);
				await award([{ ...ITEM, merchantId: '2' }]);

				await retry(run, { options: AGAIN, ...CONTINUE });

				expect(ledger().filter(({ merchantId }) => merchantId === '1')).toHaveLength(1);
			},
		);
	});

	test('points that are known to be for another award do not keep one from being sent again', async () => {
		misbehaveFor('1', LOST);
		const { run } = await award([ITEM]);
		timePasses(5 * MINUTES_MS);
		await award([ITEM]);
		timePasses(5 * MINUTES_MS);

		const { succeeded, failed } = await retry(run, { options: AGAIN, ...CONTINUE });

		const isSentAgain = doing.isSureToShow;
		expect(succeeded).toMatchObject(isSentAgain ? [{ confirmedBy: 'response', timesSent: 2 }] : []);
		expect(failed).toMatchObject(isSentAgain ? [] : [UNKNOWN]);
		expect(ledger()).toHaveLength(isSentAgain ? 2 : 1);
	});

	describe('a row that was there', () => {
		const HIDE_MS = 60 * MINUTES_MS;

		if (doing.hasReason) {
			test('and is not shown any more keeps the award from being sent again', async () => {
				misbehaveFor('1', LOST);
				doByHand({ ...ITEM, reason: 'Birthday' });
				void standIn
					.arrival(HISTORY)
					.then(() => standIn.arrival(HISTORY))
					.then(() => {
						standIn.historyLagMs = HIDE_MS;
					});

				const { failed } = await award([ITEM], { options: AGAIN, ...CONTINUE });

				expect(failed).toMatchObject([UNKNOWN]);
				expect(posts()).toBe(1);
			});
		}

		test('from long after the award does so too, and is not taken for it', async () => {
			misbehaveFor('1', LOST);
			const { run } = await award([ITEM]);
			timePasses(60 * MINUTES_MS);
			doByHand({ ...ITEM }, 20 * MINUTES_MS);

			const { failed } = await retry(run, { options: AGAIN, ...CONTINUE });

			expect(failed).toMatchObject([UNKNOWN]);
			expect(posts()).toBe(1);
		});
	});

	describe('looks at the history are shared', () => {
		// So slow that all who look want the next answer before this one is there.
		beforeEach(() => {
			standIn.latencyMs = 300;
		});
		afterEach(() => {
			standIn.latencyMs = 0;
		});

		test('by thirty-two equal awards', async () => {
			lose(32, 0);

			const outcomes = await Promise.all(
				[1, 2, 3, 4].map(() =>
					award(Array<typeof ITEM>(8).fill(ITEM), { options: CHECK, ...CONTINUE }),
				),
			);

			expect(outcomes.flatMap(({ failed }) => failed)).toHaveLength(32);
			expect(posts()).toBe(32);
			expect(looks()).toBeLessThanOrEqual(6);
		});

		test('by awards of different points to one customer', async () => {
			lose(9, 9);
			const items = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((points) => ({ ...ITEM, points }));
			standIn.historyLagMs = 60 * MINUTES_MS;

			const { failed } = await award(items, { options: CHECK, ...CONTINUE });

			expect(failed).toHaveLength(9);
			expect(looks()).toBeLessThanOrEqual(6);
		});

		test('not by those of different customers', async () => {
			lose(1, 1);
			misbehaveFor('2', LOST);

			const { succeeded, failed } = await award([ITEM, { ...ITEM, merchantId: '2' }], {
				options: CHECK,
				...CONTINUE,
			});

			expect(succeeded).toMatchObject([{ merchantId: '1', confirmedBy: 'history' }]);
			expect(failed).toMatchObject([UNKNOWN]);
		});
	});
});
