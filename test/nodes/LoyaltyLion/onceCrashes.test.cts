import type { IDataObject as Json } from 'n8n-workflow';
import type { N8n } from '../../../dev/engine/N8n.cts';
import type { Reached } from '../../../dev/engine/ProcessedData.cts';
import { anotherProcess } from '../../harness/anotherProcess.cts';
import { awarding } from '../../harness/awarding.cts';
import { impatient } from '../../harness/impatient.cts';
import { credentialForEachTest } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';
import { counting, POINTS_DOINGS } from '../../harness/doing.cts';

describe.each(POINTS_DOINGS)('$operation', (doing) => {
	// An execution that stands still for good is what a crash leaves behind: what it has written, and nothing else.

	const theShop = shop({ 1: {} }, doing);
	const { standIn } = theShop;
	const { ledger, doByHand, misbehaveFor } = counting(standIn, doing);
	const { doneBefore, anotherCode, flags } = doing;
	const credential = credentialForEachTest(standIn);
	const { award, posts, looks } = awarding(theShop, credential, doing);
	impatient();
	shortLooks();

	const ITEM = { merchantId: '1', points: 5, reason: 'Order 1001', order: '1001' };
	const NAMELESS = { ...ITEM, reason: 'Thank you' };

	/** As often as n8n is started again in a test; each knows nothing of the others. */
	const RESTARTS = 3;

	const hosts: N8n[] = [];
	let restarts = 0;
	let workflowId = '';
	let workflows = 0;
	let ends: (() => Promise<void>)[] = [];
	beforeAll(async () => {
		while (hosts.length < RESTARTS) hosts.push(await anotherProcess());
	});
	beforeEach(() => {
		restarts = 0;
		workflowId = `${doing.operation}-${++workflows}`;
		ends = [];
	});
	afterEach(async () => {
		for (const end of ends) await end();
		await standIn.idle();
		for (const { processedData } of [theShop.n8n(), ...hosts]) processedData.reset();
	});

	type Given = NonNullable<Parameters<typeof award>[1]>;

	const pay = async (item: Json, ifUnclear = 'report', given: Given = {}) =>
		await award([item], {
			workflowId,
			parameters: { onlyOncePer: '={{ $json.order }}' },
			// One that stands still must not go on before the test is over.
			options: { ifUnclear, timeout: 300 },
			onError: 'continueErrorOutput',
			...given,
		});

	/** The same after n8n was started again. */
	async function payAfterRestart(item: Json, ifUnclear: string) {
		const host = hosts[restarts++];
		if (!host) throw new Error('A test starts n8n too often.');
		const { succeeded, failed } = await pay(item, ifUnclear, { host });
		const [{ confirmedBy, [flags.mayBeTwice]: twice } = {}] = succeeded;
		const [{ error } = {}] = failed as { error?: Json }[];
		if (error) return error.code;
		return twice ? `${confirmedBy as string}, maybe twice` : confirmedBy;
	}

	interface Stop {
		arrived: Promise<void>;
		release: () => void;
	}

	/** Where the first request for points arrives. */
	const atRequest = () => {
		let others = 0;
		return standIn.hold(({ path }) => path === doing.path('1') && others++ === 0);
	};

	/** Adds what the held request was about to add, and lets nobody know. */
	const added = (item: Json) =>
		doByHand({ merchantId: '1', points: 5, reason: item.reason as string }, 60_000);

	async function crash(item: Json, stopAt: (host?: N8n) => Stop, host?: N8n) {
		const stop = stopAt(host);
		let cancel = () => {};
		const execution = pay(item, 'report', {
			...(host && { host }),
			onStart: (started) => {
				cancel = () => started.cancel();
			},
		});
		ends.push(async () => {
			cancel();
			stop.release();
			await execution;
		});
		await stop.arrived;
	}

	/** The node takes marks away also when an execution is over: calls of other tests do not count. */
	const call =
		(nth: number, step: Reached['step']) =>
		({ processedData } = theShop.n8n()) =>
			processedData.hold((reached) => {
				const calls = processedData.calls.filter(({ place }) => place.workflowId === workflowId);
				return calls[nth - 1]?.number === reached.number && reached.step === step;
			});

	const beforeTheMark = ({ processedData } = theShop.n8n()) =>
		processedData.hold(
			({ place, method, step }) =>
				place.workflowId === workflowId && method === 'removeProcessed' && step === 'beforeRead',
		);

	describe('nothing was claimed', () => {
		test.each([
			['before the claim', call(1, 'beforeRead')],
			['between reading and writing the claim', call(1, 'beforeWrite')],
		])('%s: it is paid now', async (_when, stopAt) => {
			await crash(ITEM, stopAt);
			expect(await payAfterRestart(ITEM, 'check')).toBe('response');
			expect(ledger()).toHaveLength(1);
		});
	});

	describe('claimed, and not added', () => {
		const MOMENTS: [string, () => Stop][] = [
			['after the claim was written', call(1, 'afterWrite')],
			['before the second look at it', call(2, 'beforeRead')],
			['in that second look', call(2, 'beforeWrite')],
			['after that second look', call(2, 'afterWrite')],
			['while the request is on its way', atRequest],
		];

		test.each(MOMENTS)('%s: it is reported', async (_when, stopAt) => {
			await crash(ITEM, stopAt);
			const before = posts();
			expect(await payAfterRestart(ITEM, 'check')).toBe('outcome_unknown');
			expect(await payAfterRestart(ITEM, 'report')).toBe('outcome_unknown');
			expect(posts()).toBe(before);
		});

		test.each(MOMENTS)(
			'%s: it is sent when the user wants it, and says so',
			async (_when, stopAt) => {
				await crash(ITEM, stopAt);
				expect(await payAfterRestart(ITEM, 'checkThenSend')).toBe('response, maybe twice');
				expect(await payAfterRestart(ITEM, 'check')).toBe(doneBefore);
				expect(ledger()).toHaveLength(1);
			},
		);

		test.each(MOMENTS)('%s: without the value in the reason, too', async (_when, stopAt) => {
			await crash(NAMELESS, stopAt);
			expect(await payAfterRestart(NAMELESS, 'checkThenSend')).toBe('response, maybe twice');
			expect(ledger()).toHaveLength(1);
		});

		test.each(MOMENTS)('%s: not when other points may be these', async (_when, stopAt) => {
			await crash(NAMELESS, stopAt);
			doByHand({ merchantId: '1', points: 5, reason: 'Birthday' });
			const before = posts();
			expect(await payAfterRestart(NAMELESS, 'checkThenSend')).toBe('outcome_unknown');
			expect(posts()).toBe(before);
		});

		test('a reason that was changed since proves nothing', async () => {
			await crash(NAMELESS, atRequest);
			added(NAMELESS);
			expect(await payAfterRestart(ITEM, 'checkThenSend')).toBe('outcome_unknown');
			expect(posts()).toBe(1);
		});

		test('points for another value that are named so can not be these', async () => {
			await crash(ITEM, call(2, 'afterWrite'));
			doByHand({ merchantId: '1', points: 5, reason: 'Order 1002' });
			expect(await payAfterRestart(ITEM, 'checkThenSend')).toBe('response, maybe twice');
		});

		test.each([
			['with the value in the reason', ITEM],
			['without it', NAMELESS],
		])('it is sent again as long as the history shows nothing, %s', async (_how, item) => {
			await crash(item, atRequest);
			misbehaveFor('1', { kind: 'reset', times: 1 }, { kind: 'reset', after: true });
			expect(await payAfterRestart(item, 'checkThenSend')).toBe('outcome_unknown');
			const second = await payAfterRestart(item, 'checkThenSend');
			const third = await payAfterRestart(item, 'checkThenSend');
			expect(ledger()).toHaveLength(1);
			expect([posts(), third]).toEqual([3, doneBefore]);
			expect(second).toBe('history, maybe twice');
		});

		test('other points are not sent as long as those may be there', async () => {
			await crash(NAMELESS, atRequest);
			added(NAMELESS);
			const more = { ...NAMELESS, points: 6 };
			expect(await payAfterRestart(more, 'checkThenSend')).toBe('outcome_unknown');
			expect(await payAfterRestart(more, 'checkThenSend')).toBe('outcome_unknown');
			expect(posts()).toBe(1);
		});
	});

	describe('claimed, and added', () => {
		const MOMENTS: [string, () => Stop][] = [
			['while the answer is on its way', atRequest],
			['after the answer, before the mark', beforeTheMark],
		];

		test.each(MOMENTS)('%s: its reason tells, in one look', async (_when, stopAt) => {
			await crash(ITEM, stopAt);
			if (stopAt === atRequest) added(ITEM);
			for (const ifUnclear of ['check', 'report', 'checkThenSend']) {
				expect(await payAfterRestart(ITEM, ifUnclear)).toBe(doneBefore);
			}
			expect([posts(), looks()]).toEqual([1, 1]);
		});

		test.each(MOMENTS)('%s: without it nobody knows', async (_when, stopAt) => {
			await crash(NAMELESS, stopAt);
			if (stopAt === atRequest) added(NAMELESS);
			expect(await payAfterRestart(NAMELESS, 'check')).toBe('outcome_unknown');
			expect(await payAfterRestart(NAMELESS, 'checkThenSend')).toBe('outcome_unknown');
			expect(posts()).toBe(1);
		});

		test('with other points, a person decides', async () => {
			await crash(ITEM, atRequest);
			added(ITEM);
			const more = { ...ITEM, points: 6 };
			expect(await payAfterRestart(more, 'check')).toBe(anotherCode);
			expect(await payAfterRestart(ITEM, 'report')).toBe(doneBefore);
			expect(await payAfterRestart(more, 'report')).toBe(anotherCode);
			expect(posts()).toBe(1);
		});
	});

	describe('what another node has added for the same order', () => {
		test('is not taken for what this one was about to add', async () => {
			await crash({ ...ITEM, reason: 'Review of order 1001' }, atRequest);
			doByHand({ merchantId: '1', points: 5, reason: 'Order 1001' });
			const review = { ...ITEM, reason: 'Review of order 1001' };
			expect(await payAfterRestart(review, 'check')).toBe('outcome_unknown');
		});

		test('does not count when it is other points', async () => {
			await crash(ITEM, atRequest);
			doByHand({ merchantId: '1', points: 20, reason: 'Review of order 1001' });
			expect(await payAfterRestart(ITEM, 'checkThenSend')).toBe('response, maybe twice');
		});
	});

	test('other points that were asked for meanwhile do not count as those that were added', async () => {
		const hold = standIn.hold(({ path }) => path === doing.path('1'));
		const first = pay(ITEM);
		await hold.arrived;
		const looked = standIn.arrival('/v2/customers/1/transactions');
		const more = payAfterRestart({ ...ITEM, points: 500 }, 'check');
		await looked;
		hold.release();
		await first;
		expect(await more).toBe(anotherCode);
	});

	test('a reason with a time in it still tells', async () => {
		await crash({ ...ITEM, reason: 'Order 1001 at 12:03' }, atRequest);
		added({ ...ITEM, reason: 'Order 1001 at 12:03' });
		expect(await payAfterRestart({ ...ITEM, reason: 'Order 1001 at 17:45' }, 'check')).toBe(
			doneBefore,
		);
	});

	describe('in the middle of asking', () => {
		test.each([
			['before it is written', call(1, 'beforeWrite'), 0],
			['after it was written', call(1, 'afterWrite'), 1],
		])('%s: what is paid is not paid again', async (_when, stopAt, lookCount) => {
			await pay(ITEM);
			await crash(ITEM, stopAt, hosts[restarts++]);
			expect(await payAfterRestart(ITEM, 'check')).toBe(doneBefore);
			expect([posts(), looks()]).toEqual([1, lookCount]);
		});
	});
});
