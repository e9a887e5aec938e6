import type { IDataObject } from 'n8n-workflow';
import type { Fault } from '../../../dev/stand-in/faults.cts';
import { StandIn } from '../../../dev/stand-in/StandIn.cts';
import { credentialForEachTest } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';
import { counting, DOINGS, ledgerOf, REWARDS, withPlenty } from '../../harness/doing.cts';

describe.each(DOINGS)('$operation', (doing) => {
	/** One customer for each way in which an answer can get lost, and one whom all is well with. */
	const CUSTOMERS = { 1: {}, 2: {}, 3: {}, 4: {}, 5: {}, 6: {}, 7: {}, 8: {} };

	const { standIn, run } = shop(CUSTOMERS, doing);
	const { ledger, sums, doByHand, misbehaveFor } = counting(standIn, doing);
	const { says, sign } = doing;
	const credential = credentialForEachTest(standIn);
	shortLooks();

	const LOST: Record<string, Fault> = {
		1: { kind: 'reset' },
		2: { kind: 'silence' },
		3: { kind: 'drip' },
		4: { kind: 'truncate' },
		5: { kind: 'status', status: 502, body: '<h1>Bad gateway</h1>', contentType: 'text/html' },
		6: { kind: 'status', status: 504 },
		7: { kind: 'status', status: 201, body: '<html>', contentType: 'text/html' },
	};
	const LOST_CUSTOMERS = Object.keys(LOST);
	const ITEMS = Object.keys(CUSTOMERS).map((merchantId) => ({
		merchantId,
		points: 5,
		reason: 'Quiz',
	}));

	const HISTORY_OF = /^\/v2\/customers\/\d+\/transactions/;

	/** Short for those alone who get no answer: on a busy machine any other may take its time. */
	const TIMEOUT = '={{ ["2", "3"].includes($json.merchantId) ? 3 : 60 }}';

	/** Awards each customer once, with the options given, in the way that shows the most. */
	async function award(options: IDataObject, items: IDataObject[] = ITEMS) {
		const parameters = { options: { timeout: TIMEOUT, ...options } };
		return await run({
			items,
			parameters,
			onError: 'continueErrorOutput',
			credential: credential(),
		});
	}

	const posts = () => standIn.requests.filter(({ method }) => method === 'POST').length;
	const looks = () => standIn.requests.filter(({ path }) => HISTORY_OF.test(path)).length;

	function confirmations(succeeded: IDataObject[]) {
		return Object.fromEntries(
			succeeded.map(({ merchantId, confirmedBy }) => [merchantId as string, confirmedBy]),
		);
	}

	function failures(failed: IDataObject[]) {
		return failed.map(({ error }) => error as Record<string, string>);
	}

	/** @param after whether the points are added before the answer gets lost */
	function loseAnswers(after: boolean) {
		for (const [merchantId, fault] of Object.entries(LOST)) {
			misbehaveFor(merchantId, { ...fault, after, times: 1 });
		}
	}

	const ONCE_EACH = Object.fromEntries(Object.keys(CUSTOMERS).map((merchantId) => [merchantId, 5]));
	const ONLY_THE_LUCKY = { 8: 5 };

	describe('the points were added', () => {
		beforeEach(() => loseAnswers(true));

		test.each(['check', 'checkThenSend'])('%s finds them', async (ifUnclear) => {
			const { succeeded, failed } = await award({ ifUnclear });

			expect(failed).toEqual([]);
			expect(confirmations(succeeded)).toEqual({
				...Object.fromEntries(LOST_CUSTOMERS.map((merchantId) => [merchantId, 'history'])),
				8: 'response',
			});
			expect(sums()).toEqual(ONCE_EACH);
			expect(posts()).toBe(ITEMS.length);
			expect(standIn.breaches).toEqual([]);
		});

		test('report does not look', async () => {
			const { succeeded, failed } = await award({ ifUnclear: 'report' });

			expect(confirmations(succeeded)).toEqual({ 8: 'response' });
			expect(failed).toHaveLength(LOST_CUSTOMERS.length);
			for (const error of failures(failed)) {
				expect(error).toMatchObject({ code: 'outcome_unknown', [doing.flags.mayBeDone]: true });
			}
			expect(sums()).toEqual(ONCE_EACH);
			expect([posts(), looks()]).toEqual([ITEMS.length, 0]);
		});
	});

	describe('the points were not added', () => {
		beforeEach(() => loseAnswers(false));

		test('check does not find them, says so, and sends nothing again', async () => {
			const { succeeded, failed } = await award({ ifUnclear: 'check' });

			expect(confirmations(succeeded)).toEqual({ 8: 'response' });
			expect(failed).toHaveLength(LOST_CUSTOMERS.length);
			for (const error of failures(failed)) {
				expect(error).toMatchObject({ code: 'outcome_unknown', [doing.flags.mayBeDone]: true });
				expect(error.description).toMatch(
					/Look at the customer's points history in LoyaltyLion before you send this item again\. The node looked there and did not find/,
				);
			}
			expect(sums()).toEqual(ONLY_THE_LUCKY);
			expect(posts()).toBe(ITEMS.length);
			expect(looks()).toBeGreaterThanOrEqual(LOST_CUSTOMERS.length);
		});

		test('checkThenSend does not find them, and sends them once more', async () => {
			const { succeeded, failed } = await award({ ifUnclear: 'checkThenSend' });

			expect(failed).toEqual([]);
			expect(confirmations(succeeded)).toEqual(
				Object.fromEntries(Object.keys(CUSTOMERS).map((merchantId) => [merchantId, 'response'])),
			);
			expect(sums()).toEqual(ONCE_EACH);
			expect(posts()).toBe(ITEMS.length + LOST_CUSTOMERS.length);
		});

		test('report does not look', async () => {
			const { failed } = await award({ ifUnclear: 'report' });

			expect(failed).toHaveLength(LOST_CUSTOMERS.length);
			expect(sums()).toEqual(ONLY_THE_LUCKY);
			expect([posts(), looks()]).toEqual([ITEMS.length, 0]);
		});
	});

	describe('sending again after the history does not show it', () => {
		const ITEM = [{ merchantId: '1', points: 5 }];

		test('finds what the second sending added when its answer is lost too', async () => {
			misbehaveFor('1', { kind: 'reset', times: 1 }, { kind: 'reset', after: true, times: 1 });

			const { succeeded } = await award({ ifUnclear: 'checkThenSend' }, ITEM);

			expect(confirmations(succeeded)).toEqual({ 1: 'history' });
			expect(sums()).toEqual({ 1: 5 });
		});

		test('ends after two sendings', async () => {
			misbehaveFor('1', { kind: 'reset' });

			const { failed } = await award({ ifUnclear: 'checkThenSend' }, ITEM);

			expect(failed).toMatchObject([{ error: { code: 'outcome_unknown', timesSent: 2 } }]);
			expect(posts()).toBe(2);
		});

		test('stays unclear when LoyaltyLion refuses then', async () => {
			misbehaveFor('1', { kind: 'reset', times: 1 }, { kind: 'status', status: 422, times: 1 });

			const { failed } = await award({ ifUnclear: 'checkThenSend' }, ITEM);

			expect(failures(failed)).toMatchObject([
				{
					code: 'outcome_unknown',
					description: expect.stringMatching(
						new RegExp(`Sending it again ended so: ${says.refused('1', 5)}\\.$`),
					),
				},
			]);
		});

		test('waits out the limit then', async () => {
			const limit = { kind: 'status', status: 429, times: 2 } as const;
			misbehaveFor('1', { kind: 'reset', times: 1 }, limit);

			const { succeeded } = await award({ ifUnclear: 'checkThenSend' }, ITEM);

			expect(confirmations(succeeded)).toEqual({ 1: 'response' });
			expect(sums()).toEqual({ 1: 5 });
		});
	});

	describe('rows that look alike', () => {
		const ITEM = { merchantId: '1', points: 5, reason: 'Quiz' };
		const loseOne = (after: boolean) => misbehaveFor('1', { kind: 'reset', after, times: 1 });

		test.each(['check', 'checkThenSend'])(
			'two equal awards, both answers lost, one of them added: %s',
			async (ifUnclear) => {
				misbehaveFor('1', { kind: 'reset', after: true, times: 1 }, { kind: 'reset', times: 1 });

				const { succeeded, failed } = await award({ ifUnclear }, [ITEM, ITEM]);

				const isSent = ifUnclear === 'checkThenSend' && doing.isSureToShow;
				expect(succeeded.map(({ confirmedBy }) => confirmedBy).sort()).toEqual(
					isSent ? ['history', 'response'] : ['history'],
				);
				expect(failed).toHaveLength(isSent ? 0 : 1);
				expect(sums()).toEqual({ 1: isSent ? 10 : 5 });
			},
		);

		test('two equal awards, both answers lost, both added', async () => {
			misbehaveFor('1', { kind: 'reset', after: true, times: 2 });

			const { succeeded } = await award({ ifUnclear: 'check' }, [ITEM, ITEM]);

			expect(succeeded).toHaveLength(2);
			expect(sums()).toEqual({ 1: 10 });
		});

		test.each([2, 20])(
			'of %i equal awards the lost one is not taken for another',
			async (count) => {
				loseOne(false);
				const items = Array.from({ length: count }, () => ITEM);

				const { succeeded, failed } = await award({ ifUnclear: 'check' }, items);

				expect([succeeded.length, failed.length]).toEqual([count - 1, 1]);
				expect(ledger()).toHaveLength(count - 1);
			},
		);

		test('nor for one of another execution', async () => {
			loseOne(false);

			const runs = await Promise.all(
				[1, 2, 3].map(() => award({ ifUnclear: 'checkThenSend' }, [ITEM])),
			);

			const done = doing.isSureToShow ? 3 : 2;
			expect(runs.flatMap(({ succeeded }) => succeeded)).toHaveLength(done);
			expect(sums()).toEqual({ 1: 5 * done });
		});

		test('an equal award from before the request does not count', async () => {
			doByHand({ ...ITEM }, 10_000);
			loseOne(false);

			const { failed } = await award({ ifUnclear: 'check' }, [ITEM]);

			expect(failed).toHaveLength(1);
		});

		test.each([-3_600_000, 3_600_000])('whatever the clocks say: %i ms', async (aheadMs) => {
			standIn.clockAheadMs = aheadMs;
			doByHand({ ...ITEM }, 10_000);
			loseOne(true);
			const added = await award({ ifUnclear: 'check' }, [ITEM]);
			loseOne(false);
			const notAdded = await award({ ifUnclear: 'check' }, [{ ...ITEM, points: 6 }]);

			expect(confirmations(added.succeeded)).toEqual({ 1: 'history' });
			expect(notAdded.failed).toHaveLength(1);
		});

		test('nothing is sure when LoyaltyLion does not say what time it is', async () => {
			standIn.tellsTime = false;
			loseOne(true);

			const { failed } = await award({ ifUnclear: 'checkThenSend' }, [ITEM]);

			expect(failures(failed)).toMatchObject([
				{
					code: 'outcome_unknown',
					description: expect.stringMatching(/could not read that history/),
				},
			]);
			expect(sums()).toEqual({ 1: 5 });
		});

		test.each([
			{ note: 'none', describe: () => ({}) },
			{ note: 'an empty one', describe: () => ({ note: null }) },
			{ note: 'one with other blanks', describe: () => ({ note: ' Quiz\n' }) },
		])('rows that name no other reason count: $note', async ({ describe }) => {
			standIn.describeAdjustment = describe;
			loseOne(true);

			const { succeeded } = await award({ ifUnclear: 'check' }, [ITEM]);

			expect(confirmations(succeeded)).toEqual({ 1: 'history' });
		});

		test('without reasons in the history, awards are told apart by their number', async () => {
			standIn.describeAdjustment = () => ({});
			loseOne(false);

			const { succeeded, failed } = await award({ ifUnclear: 'check' }, [
				ITEM,
				{ ...ITEM, reason: 'Birthday' },
				{ ...ITEM, reason: null },
			]);

			expect([succeeded.length, failed.length]).toEqual([2, 1]);
			expect(ledger()).toHaveLength(2);
		});

		if (doing.hasReason) {
			test.each(['check', 'checkThenSend'])(
				'points for another reason are neither taken for these nor ignored: %s',
				async (ifUnclear) => {
					doByHand({ ...ITEM, reason: 'A gift' });
					loseOne(false);

					const { failed } = await award({ ifUnclear }, [ITEM]);

					expect(failures(failed)).toMatchObject([
						{
							code: 'outcome_unknown',
							description: expect.stringMatching(says.unsure),
						},
					]);
					expect(posts()).toBe(1);
				},
			);
		}

		test('other points are ignored', async () => {
			doByHand({ ...ITEM, points: 6 });
			loseOne(false);

			const { succeeded } = await award({ ifUnclear: 'checkThenSend' }, [ITEM]);

			expect(confirmations(succeeded)).toEqual({ 1: 'response' });
			expect(sums()).toEqual({ 1: 11 });
		});

		test('a long history is read as far back as the request', async () => {
			loseOne(true);
			const look = standIn.hold(({ path }) => HISTORY_OF.test(path));
			const many = Array.from({ length: 150 }, () => ({ ...ITEM, points: 6 }));

			const awarded = award({ ifUnclear: 'check' }, [ITEM]);
			await look.arrived;
			many.forEach((other) => doByHand(other));
			look.release();
			const { succeeded } = await awarded;

			expect(confirmations(succeeded)).toEqual({ 1: 'history' });
			expect(looks()).toBe(2);
			expect(standIn.breaches).toEqual([]);
		});
	});

	describe('what must not be concluded', () => {
		const ITEM = { merchantId: '1', points: 5, reason: 'Quiz' };
		const resetOnce = (after: boolean) => misbehaveFor('1', { kind: 'reset', after, times: 1 });

		test('that an award of another shop explains a row of this one', async () => {
			const { apiKey } = credential();
			const another = await new StandIn({
				apiKeys: { [apiKey]: ['write_customers'] },
				customers: withPlenty(CUSTOMERS, doing),
				rewards: REWARDS,
			}).start();
			resetOnce(true);

			const { failed } = await run({
				items: [another, standIn].map(({ url }) => ({ ...ITEM, url })),
				parameters: { options: { ifUnclear: 'checkThenSend' } },
				onError: 'continueErrorOutput',
				credential: { apiKey, baseUrl: '={{ $json.url }}' },
			});
			await another.stop();

			expect(failures(failed)).toMatchObject([{ code: 'outcome_unknown' }]);
			expect([ledgerOf(another, doing).length, ledger().length]).toEqual([1, 1]);
		});

		test('that a slow answer tells what time it is', async () => {
			await award({ ifUnclear: 'check' }, [ITEM]);
			resetOnce(false);
			standIn.latencyMs = 2500;

			const { failed } = await award({ ifUnclear: 'check', timeout: 10 }, [ITEM]).finally(() => {
				standIn.latencyMs = 0;
			});

			expect(failed).toHaveLength(1);
			expect(ledger()).toHaveLength(1);
		});

		test.each([
			{ what: 'another kind of row', row: { resource: 'manual', points_approved: sign * 5 } },
			{
				what: 'a time without a zone',
				row: {
					resource: 'adjustment',
					points_approved: sign * 5,
					created_at: '2026-11-23T03:00:00',
				},
			},
		])('that $what is not the award', async ({ row }) => {
			resetOnce(false);
			const body = JSON.stringify({
				transactions: [{ created_at: new Date().toISOString(), ...row }],
				cursor: { next: null },
			});
			standIn.misbehaveAt('listTransactions', { kind: 'status', status: 200, body });

			const { failed } = await award({ ifUnclear: 'checkThenSend' }, [ITEM]);

			expect(failed).toHaveLength(1);
			expect(posts()).toBe(1);
		});

		if (doing.hasReason) {
			test('that one row which comes twice is two', async () => {
				misbehaveFor('1', { kind: 'reset', after: true, times: 1 }, { kind: 'reset', times: 1 });
				const row = {
					id: 7,
					resource: 'adjustment',
					points_approved: sign * 5,
					created_at: new Date().toISOString(),
				};
				const body = JSON.stringify({ transactions: [row, row], cursor: { next: null } });
				standIn.misbehaveAt('listTransactions', { kind: 'status', status: 200, body });

				const { succeeded } = await award({ ifUnclear: 'check' }, [ITEM, ITEM]);

				expect(succeeded).toHaveLength(1);
			});
		}
	});

	describe('a history that cannot be read', () => {
		test.each([
			{ kind: 'status', status: 403, body: '{"error":{"message":"No"}}' },
			{ kind: 'status', status: 404, body: '{"error":"No"}' },
			{ kind: 'status', status: 200, body: '{"transactions":null}' },
			{ kind: 'status', status: 200, body: '<html>' },
		] as const)('leaves it unclear: $status $body', async (fault) => {
			misbehaveFor('1', { kind: 'reset', after: true, times: 1 });
			standIn.misbehaveAt('listTransactions', fault);

			const { failed } = await award({ ifUnclear: 'checkThenSend' }, [
				{ merchantId: '1', points: 5 },
			]);

			expect(failures(failed)).toMatchObject([
				{
					code: 'outcome_unknown',
					[doing.flags.mayBeDone]: true,
					description: expect.stringMatching(/The node could not read that history itself\.$/),
				},
			]);
			expect(sums()).toEqual({ 1: 5 });
		});

		test('is read again when it could not be read once', async () => {
			misbehaveFor('1', { kind: 'reset', after: true, times: 1 });
			standIn.misbehaveAt('listTransactions', { kind: 'status', status: 403, times: 1 });

			const { succeeded } = await award({ ifUnclear: 'check' }, [{ merchantId: '1', points: 5 }]);

			expect(confirmations(succeeded)).toEqual({ 1: 'history' });
		});

		test.each([
			{
				rows: [{ resource: 'adjustment', points_approved: sign * 5 }],
				what: 'a row without a time',
			},
			{
				rows: [
					null,
					7,
					{ resource: 'activity', points_approved: sign * 5 },
					{ points_approved: '5' },
				],
				what: 'odd rows',
			},
		])('$what is not taken for the award', async ({ rows }) => {
			misbehaveFor('1', { kind: 'reset', times: 1 });
			const body = JSON.stringify({ transactions: rows, cursor: { next: null } });
			standIn.misbehaveAt('listTransactions', { kind: 'status', status: 200, body });

			const { failed } = await award({ ifUnclear: 'check' }, [{ merchantId: '1', points: 5 }]);

			expect(failed).toHaveLength(1);
		});

		test('a row without a time keeps it from being sent again', async () => {
			misbehaveFor('1', { kind: 'reset', times: 1 });
			const rows = [{ resource: 'adjustment', points_approved: sign * 5 }];
			const body = JSON.stringify({ transactions: rows, cursor: { next: null } });
			standIn.misbehaveAt('listTransactions', { kind: 'status', status: 200, body });

			await award({ ifUnclear: 'checkThenSend' }, [{ merchantId: '1', points: 5 }]);

			expect(posts()).toBe(1);
		});
	});
});
