import { setTimeout } from 'node:timers/promises';
import type { IDataObject, INode } from 'n8n-workflow';
import { addPointsWorkflow, outcomeOf } from '../../harness/addPoints.cts';
import { credentialForEachTest } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';
import { counting, DOINGS } from '../../harness/doing.cts';

describe.each(DOINGS)('$operation', (doing) => {
	const { standIn, credential, n8n, run } = shop(undefined, doing);
	const { ledger, sums, misbehaveFor } = counting(standIn, doing);
	const posts = () => standIn.requests.filter(({ method }) => method === 'POST');
	const said = ({ merchantId, points }: typeof GOOD) => ({ merchantId, [doing.amount]: points });
	shortLooks();

	const MODES = ['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const;
	const RETRY_ON_FAIL = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

	const GOOD = { merchantId: '1001', points: 5 };
	const GOOD_TOO = { merchantId: '1003', points: 7 };
	const UNKNOWN = { merchantId: '999', points: 6 };
	const UNCLEAR = { merchantId: '1002', points: 8 };

	describe('Retry On Fail, which runs all items again', () => {
		describe.each(MODES)('%s', (onError) => {
			test.each([
				{ first: 'the failing one', items: [UNKNOWN, GOOD, GOOD_TOO] },
				{ first: 'a good one', items: [GOOD, UNKNOWN, GOOD_TOO] },
				{ first: 'only good ones', items: [GOOD, GOOD_TOO, UNKNOWN] },
			])('with $first first adds no points twice', async ({ items }) => {
				await run({ items, onError, settings: RETRY_ON_FAIL });

				expect(sums()).toEqual({ 1001: 5, 1003: 7 });
				expect(ledger()).toHaveLength(2);
			});

			test('adds none twice either when the fields come to something else each time', async () => {
				await run({
					items: [GOOD, UNKNOWN],
					onError,
					settings: RETRY_ON_FAIL,
					parameters: {
						reason: '={{ String(Math.random()) }}',
						points: '={{ 1 + Math.floor(Math.random() * 1000) }}',
						reward: {
							__rl: true,
							mode: 'id',
							value: '={{ 1 + Math.floor(Math.random() * 1000) }}',
						},
					},
				});

				expect(ledger()).toHaveLength(1);
			});

			test('never sends an unclear item again', async () => {
				misbehaveFor('1002', { kind: 'reset', after: true });

				const { succeeded, failed, error } = await run({
					items: [UNCLEAR, GOOD],
					onError,
					settings: RETRY_ON_FAIL,
				});

				expect(sums()['1002']).toBe(8);
				expect(standIn.requests.filter(({ path }) => path.includes('1002'))).toHaveLength(1);
				expect([error?.message, ...[...succeeded, ...failed].map(messageOf)]).toContainEqual(
					expect.stringMatching(doing.says.unclear('1002', 8)),
				);
			});
		});

		test('tries again what was refused, and gives what was done before as it was', async () => {
			misbehaveFor('1002', { kind: 'status', status: 422, times: 1 });

			const { succeeded, error } = await run({
				items: [GOOD, UNCLEAR, GOOD_TOO],
				settings: RETRY_ON_FAIL,
			});

			expect(error).toBeUndefined();
			expect(succeeded).toMatchObject([GOOD, UNCLEAR, GOOD_TOO].map(said));
			expect(sums()).toEqual({ 1001: 5, 1002: 8, 1003: 7 });
			expect(posts()).toHaveLength(4);
		});
	});

	describe('the retry of a failed execution', () => {
		const workflow = addPointsWorkflow({ parameters: doing.parameters });

		test('adds points to those only who have none yet', async () => {
			misbehaveFor('1002', { kind: 'status', status: 422, times: 1 });
			const { run: failed } = await run({ items: [GOOD, UNCLEAR, GOOD_TOO] });
			expect(sums()).toEqual({ 1001: 5, 1003: 7 });

			const { succeeded, error } = outcomeOf(
				await n8n().retry(workflow, failed, { credential: credential() }),
			);

			expect(error).toBeUndefined();
			expect(succeeded).toMatchObject([
				{ ...said(GOOD), confirmedBy: 'earlierTry', sees: 0 },
				{ ...said(UNCLEAR), confirmedBy: 'response', sees: 1 },
				{ ...said(GOOD_TOO), confirmedBy: 'earlierTry', sees: 2 },
			]);
			expect(sums()).toEqual({ 1001: 5, 1002: 8, 1003: 7 });
		});

		test('stops at what is unclear, again and again, and sends it no more', async () => {
			misbehaveFor('1002', { kind: 'reset', after: true });
			const { run: first } = await run({ items: [GOOD, UNCLEAR, GOOD_TOO] });

			const second = await n8n().retry(workflow, first, { credential: credential() });
			const third = await n8n().retry(workflow, second, { credential: credential() });

			expect(outcomeOf(third).error?.message).toMatch(doing.says.unclear('1002', 8));
			expect(sums()).toEqual({ 1001: 5, 1002: 8, 1003: 7 });
			expect(posts()).toHaveLength(3);
		});
	});

	describe('what an earlier try left unclear is looked for in the history', () => {
		const testCredential = credentialForEachTest(standIn);

		/**
		 * Fails with 1002 unclear at first, reporting only; then retries the saved execution with another setting.
		 */
		async function retryWith({
			after,
			ifUnclear,
			items = [GOOD, UNCLEAR, GOOD_TOO],
		}: {
			after: boolean;
			ifUnclear: string;
			items?: IDataObject[];
		}) {
			misbehaveFor('1002', { kind: 'reset', after, times: 1 });
			const { run: failed } = await run({ items, credential: testCredential() });
			const options = { ifUnclear };
			const retried = await n8n().retry(
				addPointsWorkflow({ parameters: { ...doing.parameters, options } }),
				failed,
				{
					credential: testCredential(),
				},
			);
			return outcomeOf(retried);
		}

		test.each(['check', 'checkThenSend'])('%s finds it', async (ifUnclear) => {
			const { succeeded } = await retryWith({ after: true, ifUnclear });

			expect(succeeded[1]).toMatchObject({ ...said(UNCLEAR), confirmedBy: 'history' });
			expect(sums()).toEqual({ 1001: 5, 1002: 8, 1003: 7 });
		});

		test('check does not find it, and does not send it', async () => {
			const { error } = await retryWith({ after: false, ifUnclear: 'check' });

			expect(error?.message).toMatch(doing.says.unclear('1002', 8));
			expect(sums()).toEqual({ 1001: 5, 1003: 7 });
		});

		test('checkThenSend sends it', async () => {
			const { succeeded } = await retryWith({ after: false, ifUnclear: 'checkThenSend' });

			expect(succeeded[1]).toMatchObject({ ...said(UNCLEAR), confirmedBy: 'response' });
			expect(sums()).toEqual({ 1001: 5, 1002: 8, 1003: 7 });
		});

		test('an equal award made just before may not show yet, and is waited for', async () => {
			const given = { items: [UNCLEAR], credential: testCredential() };
			misbehaveFor('1002', { kind: 'reset', after: true, times: 1 });
			const { run: failed } = await run(given);
			// Time enough for whatever looks at the history of the first one only.
			await setTimeout(300);
			standIn.historyLagMs = 60;
			await run(given);

			const options = { ifUnclear: 'checkThenSend' };
			const workflow = addPointsWorkflow({ parameters: { ...doing.parameters, options } });
			const { succeeded } = outcomeOf(await n8n().retry(workflow, failed, given));

			expect(succeeded).toMatchObject([{ confirmedBy: 'history' }]);
			expect(ledger()).toHaveLength(2);
		});

		test('an equal award of the same run is not taken for it', async () => {
			const { error } = await retryWith({
				after: false,
				ifUnclear: 'check',
				items: [UNCLEAR, UNCLEAR, UNCLEAR],
			});

			expect(error?.message).toMatch(doing.says.unclear('1002', 8));
			expect(sums()).toEqual({ 1002: 16 });
		});

		test('retried twice, from the newest each time, nobody gets points twice', async () => {
			const workflow = addPointsWorkflow({ parameters: doing.parameters });
			const given = { credential: testCredential() };
			misbehaveFor('1003', { kind: 'status', status: 422, times: 2 });
			const items = [GOOD, GOOD_TOO, UNCLEAR];
			const first = await run({ items, ...given });
			const second = await n8n().retry(workflow, first.run, given);
			expect(outcomeOf(second).error).toBeDefined();

			const third = outcomeOf(await n8n().retry(workflow, second, given));

			expect(third.error).toBeUndefined();
			expect(third.succeeded).toHaveLength(3);
			expect(sums()).toEqual({ 1001: 5, 1002: 8, 1003: 7 });
		});
	});

	describe('runs that must not be mixed up', () => {
		/** Start, then two nodes that both lead to Add Points, which therefore runs twice. */
		function twice(settings: Partial<INode>) {
			const { nodes, connections } = addPointsWorkflow({ parameters: doing.parameters, settings });
			const [start] = nodes;
			if (!start) throw new Error('There is no first node.');
			const two = ['One', 'Two'].map((name) => ({
				...start,
				id: name,
				name,
				type: 'n8n-nodes-base.noOp',
			}));
			const to = (node: string) => ({
				node,
				type: 'main' as const,
				index: 0,
			});
			return {
				nodes: [...nodes, ...two],
				connections: {
					...connections,
					Start: { main: [[to('One'), to('Two')]] },
					One: { main: [[to('LoyaltyLion')]] },
					Two: { main: [[to('LoyaltyLion')]] },
				},
			};
		}

		const pinData = (items: IDataObject[]) => ({
			Start: items.map((json) => ({ json })),
		});

		test('two runs of the node in one execution are two awards', async () => {
			const given = { pinData: pinData([GOOD, GOOD_TOO]), credential: credential() };

			await n8n().run(twice(RETRY_ON_FAIL), given);

			expect(sums()).toEqual({ 1001: 10, 1003: 14 });
		});

		test('a run that is tried again repeats nothing of itself, nor takes the earlier run for its own', async () => {
			const given = { pinData: pinData([GOOD, UNCLEAR]), credential: credential() };
			misbehaveFor('1002', { kind: 'status', status: 422, times: 1 });

			const execution = await n8n().run(twice(RETRY_ON_FAIL), given);

			expect(execution.data.resultData.error).toBeUndefined();
			expect(sums()).toEqual({ 1001: 10, 1002: 16 });
		});

		test('a second node in the same workflow awards for itself', async () => {
			const { nodes, connections } = addPointsWorkflow({
				parameters: { ...doing.parameters },
				settings: RETRY_ON_FAIL,
			});
			const node = nodes.find(({ name }) => name === 'LoyaltyLion');
			if (!node) throw new Error('There is no such node.');
			const second = { ...node, id: 'Second', name: 'Second' };
			const workflow = {
				nodes: [...nodes, second],
				connections: {
					...connections,
					LoyaltyLion: {
						main: [[{ node: 'Second', type: 'main' as const, index: 0 }]],
					},
				},
			};

			await n8n().run(workflow, { pinData: pinData([GOOD]), credential: credential() });

			expect(sums()).toEqual({ 1001: 10 });
		});
	});

	test('what is remembered of 10,000 items stays small', async () => {
		const items = Array.from({ length: 10_000 }, (_, row) => (row === 0 ? UNKNOWN : GOOD));

		const { run: execution } = await run({ items, onError: 'continueErrorOutput' });

		const context = JSON.stringify(execution.data.executionData?.contextData);
		expect(ledger()).toHaveLength(9_999);
		expect(context.length / items.length).toBeLessThan(150);
	});

	test('an execution in which all went well keeps nothing', async () => {
		const { run: execution } = await run({ items: [GOOD, GOOD_TOO] });

		expect(execution.data.executionData?.contextData['node:LoyaltyLion']).toEqual({
			[doing.memory]: {},
		});
	});

	test('two rows that ask for the same are two awards', async () => {
		await run({ items: [GOOD, GOOD] });

		expect(sums()).toEqual({ 1001: 10 });
	});

	function messageOf({ error }: IDataObject) {
		return typeof error === 'object' && error && 'message' in error ? error.message : undefined;
	}
});
