import type { IDataObject as Json } from 'n8n-workflow';
import { OnceLedger } from '../../../nodes/LoyaltyLion/adjustments/OnceLedger.ts';
import { N8n } from '../../../dev/engine/N8n.cts';
import { anotherProcess } from '../../harness/anotherProcess.cts';
import { awarding } from '../../harness/awarding.cts';
import { impatient } from '../../harness/impatient.cts';
import { calls } from '../../harness/calls.cts';
import { credentialForEachTest, newCredential } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';
import { counting, DOINGS } from '../../harness/doing.cts';

describe.each(DOINGS)('$operation', (doing) => {
	const theShop = shop(
		{
			1: { email: 'ann@example.com' },
			2: { email: 'bob@example.com' },
			1666: { blocked: true },
		},
		doing,
	);
	const { standIn } = theShop;
	const { ledger, misbehaveFor } = counting(standIn, doing);
	const { doneBefore, anotherCode, flags, says } = doing;
	const credential = credentialForEachTest(standIn);
	const { award, retry, posts } = awarding(theShop, credential, doing);
	const { processedData } = N8n;
	impatient();
	shortLooks();
	let workflowId = '';
	let workflows = 0;
	// The node remembers for a moment what it is about to write into n8n's store.
	beforeEach(() => {
		workflowId = `${doing.operation}-${++workflows}`;
	});
	afterEach(() => {
		jest.restoreAllMocks();
		processedData.reset();
	});

	const ITEM = { merchantId: '1', points: 5, reason: 'Order 1001', order: '1001' };
	const PER_ORDER = { onlyOncePer: '={{ $json.order }}' };
	const AGAIN = { ifUnclear: 'checkThenSend' };
	const CHECK = { ifUnclear: 'check' };
	const ON = { onError: 'continueErrorOutput' } as const;
	const GO_ON = { onError: 'continueRegularOutput' } as const;
	const place = () => ({ workflowId, context: 'n:LoyaltyLion' });
	const POINTS = doing.path('1');

	type Given = Parameters<typeof award>[1];

	const pay = async (items: Json[], { parameters, ...given }: Given = {}) =>
		await award(items, { workflowId, parameters: { ...PER_ORDER, ...parameters }, ...given });

	const holdPoints = () => standIn.hold(({ path }) => path === POINTS);

	const howConfirmed = ({ succeeded }: { succeeded: Json[] }) =>
		succeeded.map(({ confirmedBy }) => confirmedBy);

	const codes = ({ failed }: { failed: Json[] }) =>
		failed.map(({ error }) => (error as { code: string }).code);

	const storeCalls = () =>
		processedData.calls.filter((call) => call.place.workflowId === workflowId);

	/** Which marks of an order are there, by what they say. */
	const marks = (order = '1001', merchantId = '1') => {
		const key = JSON.stringify([doing.mark, 'program', '2', merchantId, order]);
		const isThere = (...mark: unknown[]) =>
			processedData.isProcessed(JSON.stringify(mark), place());
		return {
			claimed: isThere('claimed', key),
			points: isThere('points', key, 5),
			open: isThere('open', key),
			notInReason: isThere('notInReason', key, 1) || isThere('notInReason', key, 2),
		};
	};

	const NO_MARKS = { claimed: false, points: false, open: false, notInReason: false };

	/** What stays of each value that is paid. */
	const MARKS = { ...NO_MARKS, claimed: true, points: true };

	describe('paid before', () => {
		test('an item of a later execution succeeds, and nothing is sent', async () => {
			const first = await pay([ITEM]);
			const second = await pay([ITEM]);

			expect(howConfirmed(first)).toEqual(['response']);
			expect(posts()).toBe(1);
			expect(second.succeeded).toEqual([
				expect.objectContaining({
					success: true,
					merchantId: '1',
					[doing.amount]: 5,
					...(doing.hasReason && { reason: 'Order 1001' }),
					onlyOncePer: '1001',
					confirmedBy: doneBefore,
				}),
			]);
			expect(ledger()).toHaveLength(1);
			expect(marks()).toEqual(MARKS);
		});

		test('the rest of a list is paid', async () => {
			await pay([ITEM]);
			const { succeeded } = await pay([
				{ ...ITEM, order: '1002' },
				ITEM,
				{ ...ITEM, merchantId: '2' },
			]);
			expect(howConfirmed({ succeeded })).toEqual(['response', doneBefore, 'response']);
			expect(ledger()).toHaveLength(3);
		});

		test.each([
			['stopWorkflow', {}],
			['continueRegularOutput', GO_ON],
			['continueErrorOutput', ON],
		])('two equal values in one list count once, with %s', async (_mode, mode) => {
			const { succeeded } = await pay([ITEM, ITEM, ITEM], mode);
			expect(howConfirmed({ succeeded })).toEqual(['response', doneBefore, doneBefore]);
			expect(ledger()).toHaveLength(1);
		});

		test('with other points it is for a person to decide', async () => {
			await pay([ITEM]);
			const { failed } = await pay([{ ...ITEM, points: 6 }], ON);
			const again = await pay([{ ...ITEM, points: 6 }, ITEM], ON);

			expect(failed).toEqual([
				expect.objectContaining({
					error: expect.objectContaining({
						code: anotherCode,
						message: `${says.another} [item 0]`,
						[flags.mayBeDone]: false,
						merchantId: '1',
						[doing.amount]: 6,
						onlyOncePer: '1001',
					}),
				}),
			]);
			expect(codes(again)).toEqual([anotherCode]);
			expect(howConfirmed(again)).toEqual([doneBefore]);
			expect(posts()).toBe(1);
		});

		if (doing.hasReason) {
			test('a balance that is asked for comes all the same', async () => {
				await pay([ITEM]);
				const { succeeded } = await pay([ITEM], { options: { includeCustomer: true } });
				expect(succeeded[0]).toMatchObject({
					confirmedBy: doneBefore,
					customer: { points_approved: standIn.balanceOf('1') },
				});
			});
		}

		test('by email, only the search is made', async () => {
			const byEmail = { customer: { __rl: true, mode: 'email', value: 'ann@example.com' } };
			await pay([ITEM], { parameters: byEmail });
			standIn.requests.length = 0;
			const { succeeded } = await pay([ITEM], { parameters: byEmail });
			expect(howConfirmed({ succeeded })).toEqual([doneBefore]);
			expect(posts()).toBe(0);
			expect(standIn.count('listCustomers')).toBe(1);
		});

		test('another node, and another workflow, counts for itself', async () => {
			await pay([ITEM]);
			await pay([ITEM], { workflowId: 'another' });
			await pay([ITEM], { settings: { id: 'another' } });
			expect(ledger()).toHaveLength(3);
		});

		test('in another process, too', async () => {
			await pay([ITEM]);
			await award([ITEM], { workflowId, parameters: PER_ORDER, host: await anotherProcess() });
			expect(ledger()).toHaveLength(1);
		});
	});

	describe('the value', () => {
		test('is the same as a number and as a text, with blanks around it or without', async () => {
			const values = [1001, '1001', ' 1001 ', '\u00a01001\n'];
			const { succeeded } = await pay(values.map((order) => ({ ...ITEM, order })));
			expect(howConfirmed({ succeeded }).sort()).toEqual([
				doneBefore,
				doneBefore,
				doneBefore,
				'response',
			]);
			expect(succeeded.map(({ onlyOncePer }) => onlyOncePer)).toEqual(Array(4).fill('1001'));
		});

		test('is the same in whatever way its accents are written', async () => {
			await pay([{ ...ITEM, order: 'caf\u00e9' }]);
			const { succeeded } = await pay([{ ...ITEM, order: 'cafe\u0301' }]);
			expect(howConfirmed({ succeeded })).toEqual([doneBefore]);
		});

		test('that is constant pays each customer once', async () => {
			const campaign = { parameters: { onlyOncePer: 'spring quiz' } };
			await pay([ITEM, { ...ITEM, merchantId: '2' }, ITEM], campaign);
			await pay([{ ...ITEM, merchantId: '2' }], campaign);
			expect(
				ledger()
					.map(({ merchantId }) => merchantId)
					.sort(),
			).toEqual(['1', '2']);
		});

		test('may have 255 characters', async () => {
			const { succeeded } = await pay([{ ...ITEM, order: '\u{1f98a}'.repeat(255) }]);
			expect(howConfirmed({ succeeded })).toEqual(['response']);
		});

		test.each([
			['a text that is too long', 'x'.repeat(256), /at most 255 characters/],
			['a list', ['1001'], /can't be a list/],
			['an object', { id: 1001 }, /can't be an object/],
			['true', true, /can't be true/],
			['false', false, /can't be false/],
			['a zero-width blank', '10\u200b01', /invisible characters/],
			['a line break', '10\n01', /invisible characters/],
			['a number that loses digits', 2 ** 60, /loses its last digits/],
			['nothing', undefined, /comes to nothing/],
			['null', null, /comes to nothing/],
			['an empty text', '', /comes to nothing/],
			['blanks', '  ', /comes to nothing/],
		])('is refused when it is %s', async (_what, order, words) => {
			const items = [
				{ ...ITEM, order: '7' },
				{ ...ITEM, order },
			];
			const outcome = await pay(items as Json[], ON);
			const [{ error } = {}] = outcome.failed as {
				error?: { message: string; description: string };
			}[];

			expect(codes(outcome)).toEqual(['invalid_input']);
			expect(`${error?.message} ${error?.description}`).toMatch(words);
			expect(howConfirmed(outcome)).toEqual(['response']);
			expect(ledger()).toHaveLength(1);
		});

		test.each([
			['', ''],
			['blanks', '  '],
			['an equals sign without an expression', '='],
		])('does not matter when the field holds %s', async (_what, onlyOncePer) => {
			const { succeeded } = await award([ITEM, ITEM], { parameters: { onlyOncePer } });
			expect(howConfirmed({ succeeded })).toEqual(['response', 'response']);
			expect(succeeded[0]).not.toHaveProperty('onlyOncePer');
			expect(storeCalls()).toEqual([]);
			expect(standIn.count('whoami')).toBe(0);
		});
	});

	describe('what was certainly not added', () => {
		test('is remembered by nothing', async () => {
			const refused = { ...ITEM, merchantId: '1666' };
			const unknown = { ...ITEM, merchantId: '999' };
			const first = await pay([refused, unknown], ON);
			expect(codes(first)).toEqual(['refused', doing.notFoundCode]);
			expect([marks('1001', '1666'), marks('1001', '999')]).toEqual([NO_MARKS, NO_MARKS]);

			standIn.customers['1666'] = { points: 10 };
			const second = await pay([refused], ON);
			standIn.customers['1666'] = { blocked: true };
			expect(howConfirmed(second)).toEqual(['response']);
		});

		test('lets go ahead whoever waits for it', async () => {
			misbehaveFor('1', { kind: 'status', status: 400, body: '{"error":"No"}', times: 1 });
			const outcome = await pay([ITEM, ITEM], ON);
			expect(codes(outcome)).toEqual(['rejected_by_api']);
			expect(howConfirmed(outcome)).toEqual(['response']);
		});

		test.each([
			['no connection', () => ({ ...credential(), baseUrl: 'http://127.0.0.1:9' }), 'not_reached'],
		])('with %s', async (_why, broken, code) => {
			await pay([ITEM]);
			const outcome = await pay([{ ...ITEM, order: '2' }], { ...ON, credential: broken() });
			expect(codes(outcome)).toEqual([code]);
			expect(marks('2')).toEqual(NO_MARKS);
		});
	});

	describe('side by side', () => {
		test('two executions that meet the same value: one pays, the other reports it', async () => {
			const hold = holdPoints();
			const first = pay([ITEM]);
			await hold.arrived;
			const second = pay([ITEM]);
			const third = pay([{ ...ITEM, points: 6 }], ON);
			const fourth = await pay([{ ...ITEM, merchantId: '2' }]);
			hold.release();

			expect(howConfirmed(await first)).toEqual(['response']);
			expect(howConfirmed(await second)).toEqual([doneBefore]);
			expect(codes(await third)).toEqual([anotherCode]);
			expect(howConfirmed(fourth)).toEqual(['response']);
			expect(posts()).toBe(2);
		});

		test('the same form fifty times at once pays once', async () => {
			const outcomes = await Promise.all(Array.from({ length: 50 }, () => pay([ITEM])));
			const confirmed = outcomes.flatMap(howConfirmed);
			expect(confirmed.filter((how) => how === 'response')).toHaveLength(1);
			expect(confirmed.filter((how) => how === doneBefore)).toHaveLength(49);
			expect(posts()).toBe(1);
			expect(marks()).toEqual(MARKS);
		});

		test('whoever waits can be canceled', async () => {
			const hold = holdPoints();
			const first = pay([ITEM]);
			await hold.arrived;
			let cancel = () => {};
			const waiting = calls(OnceLedger.prototype, 'alone');
			const second = pay([ITEM], {
				...ON,
				onStart: (execution) => (cancel = () => execution.cancel()),
			});
			await waiting;
			cancel();
			const { output } = await second;
			hold.release();
			await first;
			expect(JSON.stringify(output)).toContain('not_sent');
			expect(ledger()).toHaveLength(1);
		});
	});

	describe('unclear in this process', () => {
		test('is found by the next execution', async () => {
			misbehaveFor('1', { kind: 'reset', after: true, times: 1 });
			const first = await pay([ITEM], ON);
			const second = await pay([ITEM], { ...ON, options: CHECK });

			expect(codes(first)).toEqual(['outcome_unknown']);
			expect(howConfirmed(second)).toEqual([doneBefore]);
			expect(posts()).toBe(1);
			expect(marks()).toEqual(MARKS);
		});

		test('is not sent again by the next execution, unless the user wants it', async () => {
			misbehaveFor('1', { kind: 'reset', times: 1 });
			await pay([ITEM], ON);
			const second = await pay([ITEM], { ...ON, options: CHECK });
			const third = await pay([ITEM], { ...ON, options: AGAIN });
			const fourth = await pay([ITEM], { ...ON, options: CHECK });

			expect(codes(second)).toEqual(['outcome_unknown']);
			expect(third.succeeded).toEqual([
				expect.objectContaining({ confirmedBy: 'response', [flags.mayBeTwice]: true }),
			]);
			expect(howConfirmed(fourth)).toEqual([doneBefore]);
			expect(posts()).toBe(2);
		});

		test('is said to be there twice, whoever finds that out', async () => {
			misbehaveFor('1', { kind: 'reset', times: 1 }, { kind: 'reset', after: true, times: 1 });
			await pay([ITEM], ON);
			const { succeeded } = await pay([ITEM], { ...ON, options: AGAIN });
			expect(succeeded).toEqual([
				expect.objectContaining({ [flags.mayBeTwice]: true, timesSent: 2 }),
			]);
		});

		test('is never sent a third time, by whichever execution', async () => {
			misbehaveFor('1', { kind: 'reset' });
			for (let times = 0; times < 4; times++) await pay([ITEM], { ...ON, options: AGAIN });
			expect(posts()).toBe(2);
		});

		test('may be sent a second time as long as LoyaltyLion has not taken it', async () => {
			misbehaveFor('1', { kind: 'reset', times: 1 }, { kind: 'status', status: 429 });
			await pay([ITEM], ON);
			const second = await pay([ITEM], { ...ON, options: AGAIN });
			misbehaveFor('1');
			const third = await pay([ITEM], { ...ON, options: AGAIN });

			expect(codes(second)).toEqual(['outcome_unknown']);
			expect(howConfirmed(third)).toEqual(['response']);
			expect(ledger()).toHaveLength(1);
		});

		test('is seen by an equal item of the same list', async () => {
			misbehaveFor('1', { kind: 'reset', after: true, times: 1 });
			const { succeeded } = await pay([ITEM, ITEM], { ...ON, options: CHECK });
			expect(howConfirmed({ succeeded })).toEqual(['history', doneBefore]);
		});
	});

	describe('retries', () => {
		test('of n8n add nothing, and say so as ever', async () => {
			const items = [{ ...ITEM, merchantId: '1666' }, ITEM];
			const { succeeded } = await pay(items, {
				...ON,
				settings: { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 },
			});
			expect(howConfirmed({ succeeded })).toEqual(['earlierTry']);
			expect(ledger()).toHaveLength(1);
		});

		test('of an old execution know what a newer one has paid', async () => {
			misbehaveFor('1', { kind: 'status', status: 400, body: '{"error":"No"}', times: 1 });
			const old = await pay([ITEM]);
			await pay([ITEM]);
			const retried = await retry(old.run, { workflowId, parameters: PER_ORDER });

			expect(old.error?.message).toMatch(/did not accept/);
			expect(howConfirmed(retried)).toEqual([doneBefore]);
			expect(ledger()).toHaveLength(1);
		});

		test('of an unclear one know that a newer one has sent it again', async () => {
			misbehaveFor('1', { kind: 'reset', times: 1 });
			const old = await pay([ITEM]);
			await pay([ITEM], { options: AGAIN });
			const retried = await retry(old.run, { workflowId, parameters: PER_ORDER, options: AGAIN });

			expect(howConfirmed(retried)).toEqual([doneBefore]);
			expect(posts()).toBe(2);
			expect(ledger()).toHaveLength(1);
		});
	});

	describe('whose it is', () => {
		test('a renewed key changes nothing', async () => {
			await pay([ITEM]);
			const { succeeded } = await pay([ITEM], { credential: newCredential(standIn) });
			expect(howConfirmed({ succeeded })).toEqual([doneBefore]);
		});

		test("another store's key pays in that store", async () => {
			await pay([ITEM]);
			const { succeeded } = await pay([ITEM], { credential: newCredential(standIn, 77) });
			expect(howConfirmed({ succeeded })).toEqual(['response']);
		});

		test('the program is asked for once', async () => {
			await pay([ITEM]);
			await pay([
				{ ...ITEM, order: '2' },
				{ ...ITEM, order: '3' },
			]);
			expect(standIn.count('whoami')).toBe(1);
		});

		test('where it is not told, the credential in n8n counts', async () => {
			standIn.tellsProgram = false;
			await pay([ITEM]);
			const { succeeded } = await pay([ITEM], { credential: newCredential(standIn) });
			expect(howConfirmed({ succeeded })).toEqual([doneBefore]);
		});

		test('nor need it be told to a site token', async () => {
			const site = { siteToken: 'site-once', siteSecret: 'secret-once' };
			standIn.accounts.sites[site.siteToken] = site.siteSecret;
			standIn.misbehaveAt('whoami', { kind: 'status', status: 403, body: '{"error":"No"}' });
			const bySite = {
				credential: { authentication: 'siteToken', ...site, baseUrl: standIn.url },
			};
			await pay([ITEM], bySite);
			expect(howConfirmed(await pay([ITEM], bySite))).toEqual([doneBefore]);
		});

		test('a proxy that refuses the question does not make it another', async () => {
			await pay([ITEM]);
			standIn.misbehaveAt('whoami', { kind: 'status', status: 403, body: '<html>No</html>' });
			const outcome = await pay([ITEM], { ...ON, credential: newCredential(standIn) });
			expect(codes(outcome)).toEqual(['not_permitted']);
			expect(ledger()).toHaveLength(1);
		});

		test('as long as it cannot be told, nothing is sent', async () => {
			standIn.misbehaveAt('whoami', { kind: 'status', status: 500, times: 3 });
			const outcome = await pay([ITEM], ON);
			expect(codes(outcome)).toEqual(['lookup_failed']);
			expect(posts()).toBe(0);
			expect(howConfirmed(await pay([ITEM]))).toEqual(['response']);
		});
	});

	describe("n8n's store", () => {
		test('that cannot be reached keeps anything from being sent', async () => {
			processedData.fail(() => true);
			const outcome = await pay([ITEM], ON);
			expect(codes(outcome)).toEqual(['not_remembered']);
			expect(outcome.failed[0]?.error).toMatchObject({
				message: `${says.notRemembered} [item 0]`,
				[flags.mayBeDone]: false,
			});
			expect(posts()).toBe(0);
		});

		test('that fails now and then does no harm', async () => {
			processedData.fail(({ step }) => step === 'beforeRead', 2);
			const { succeeded } = await pay([ITEM]);
			expect(howConfirmed({ succeeded })).toEqual(['response']);
			expect(marks()).toEqual(MARKS);
		});

		test('is not there for a workflow that has not been saved', async () => {
			const outcome = await pay([ITEM], { ...ON, workflowId: '__EMPTY__' });
			expect(codes(outcome)).toEqual(['not_remembered']);
			expect(outcome.failed[0]?.error).toMatchObject({
				description: expect.stringMatching(/Save the workflow/),
			});
			expect(standIn.requests).toEqual([]);
		});

		if (doing.hasReason) {
			test('that cannot be written when it is paid leaves it open, and then it is looked for', async () => {
				processedData.fail(({ method }) => method === 'removeProcessed', 8);
				await pay([ITEM]);
				const { succeeded } = await pay([ITEM], { options: CHECK });
				expect(howConfirmed({ succeeded })).toEqual([doneBefore]);
				expect(posts()).toBe(1);
			});
		}

		test('is asked for many values in one call, each once', async () => {
			const items = Array.from({ length: 30 }, (_, order) => ({ ...ITEM, order: `${order % 15}` }));
			await pay(items);
			const asked = storeCalls().filter(({ method }) => method === 'checkProcessedAndRecord');
			for (const { items: marked } of asked) expect(new Set(marked).size).toBe(marked.length);
			expect(asked.length).toBeLessThan(10);
			expect(ledger()).toHaveLength(15);
		});

		test('holds no value, no customer and no key as they are', async () => {
			await pay([ITEM]);
			for (const entry of processedData.entries(place())) expect(entry).toMatch(/^[\w+/]{22}==$/);
		});

		test('that is full of what is paid forgets none of it when all is run again', async () => {
			// Each claim that was made before is read from a history that grows with all of them.
			const length = doing.operation === 'claimReward' ? 150 : 1500;
			const items = Array.from({ length }, (_, order) => ({ ...ITEM, order: `${order}` }));
			const size = { options: { historySize: items.length } };
			await pay(items, size);
			const again = await pay(items, size);
			const third = await pay(items.slice(0, 50), size);

			expect(howConfirmed(again).filter((how) => how !== doneBefore)).toEqual([]);
			expect(howConfirmed(third).filter((how) => how !== doneBefore)).toEqual([]);
			expect(ledger()).toHaveLength(items.length);
		});

		test('must hold a whole list', async () => {
			const items = [1, 2, 3].map((order) => ({ ...ITEM, order }));
			const outcome = await pay(items, { ...ON, options: { historySize: 2 } });
			expect(codes(outcome)).toEqual(Array(3).fill('not_remembered'));
			expect(posts()).toBe(0);
		});

		test('says when it is nearly full', async () => {
			const size = { options: { historySize: 10 } };
			const items = (count: number) =>
				Array.from({ length: count }, (_, order) => ({ ...ITEM, order }));
			const first = await pay(items(8), size);
			const second = await pay(items(9), size);
			expect(first.hints).toEqual([]);
			expect(second.hints.map(({ message }) => message)).toEqual([
				expect.stringMatching(
					/remembers about 9 values, and History Size is 10\..+Raise History Size/,
				),
			]);
		});
	});
});
