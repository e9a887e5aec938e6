import { resolve } from 'node:path';
import type { Reached } from '../../dev/engine/ProcessedData.cts';
import { StandIn } from '../../dev/stand-in/StandIn.cts';
import { killable } from '../harness/killable.cts';
import { credentialForEachTest } from '../harness/newCredential.cts';

/** What the tests stand on that kill n8n: that it dies where it is told to, and what is there afterwards. */

const PLACE = { workflowId: 'workflow', context: 'n:keeper' };

const standIn = new StandIn({
	customers: Object.fromEntries(Array.from({ length: 10 }, (_, index) => [1001 + index, {}])),
	requestsPerSecond: Infinity,
});
beforeAll(() => standIn.start());
afterEach(() => standIn.reset());
afterAll(() => standIn.stop());
const credential = credentialForEachTest(standIn);
const { run, processedData } = killable(standIn);

const ITEMS = Object.keys(standIn.customers).map((merchantId) => ({ merchantId, points: 5 }));
const idsIn = (rows: object[]) => rows.map((row) => (row as { merchantId: string }).merchantId);

test('a run that is not killed gives what came out of it', async () => {
	const [item = {}] = ITEMS;
	const ended = await run({
		items: [item, { merchantId: '1', points: 5 }],
		credential: credential(),
		onError: 'continueErrorOutput',
		killAt: { points: 'beforeAdding', nth: 3 },
	});

	expect(ended).toMatchObject({
		wasKilled: false,
		succeeded: [{ success: true, merchantId: '1001', sees: 0 }],
		failed: [{ error: { code: 'customer_not_found' }, sees: 1 }],
		run: { data: { resultData: { runData: { LoyaltyLion: [{ executionStatus: 'success' }] } } } },
	});
	expect(ended).not.toHaveProperty('error');
	expect(idsIn(standIn.ledger)).toEqual(['1001']);
});

test('a run that stops says why', async () => {
	const items = [{ merchantId: '1', points: 5 }];

	expect(await run({ items, credential: credential() })).toMatchObject({
		wasKilled: false,
		error: {
			message: expect.stringContaining('has no customer'),
			description: expect.any(String),
		},
		succeeded: [],
		failed: [],
	});
});

describe('a process is killed at a request for points', () => {
	test.each([
		{ points: 'beforeAdding', lost: 1 },
		{ points: 'beforeAnswer', lost: 0 },
		{ points: 'afterAnswer', lost: 0 },
	] as const)('$points, the last of all', async ({ points, lost }) => {
		const killed = await run({
			items: ITEMS,
			credential: credential(),
			killAt: { points, nth: ITEMS.length },
		});

		expect(killed).toEqual({ wasKilled: true });
		expect(standIn.count('addPoints')).toBe(ITEMS.length);
		expect(new Set(idsIn(standIn.ledger)).size).toBe(ITEMS.length - lost);
		expect(standIn.ledger).toHaveLength(ITEMS.length - lost);
	});

	test('the first of all, when nothing else has been done', async () => {
		const given = { items: ITEMS.slice(0, 1), credential: credential() };

		expect(await run({ ...given, killAt: { points: 'beforeAdding', nth: 1 } })).toEqual({
			wasKilled: true,
		});
		expect(idsIn(standIn.ledger)).toEqual([]);
		expect(await run({ ...given, killAt: { points: 'beforeAnswer', nth: 1 } })).toEqual({
			wasKilled: true,
		});
		expect(idsIn(standIn.ledger)).toEqual(['1001']);
		expect(await run({ ...given, killAt: { points: 'afterAnswer', nth: 1 } })).toEqual({
			wasKilled: true,
		});
		expect(idsIn(standIn.ledger)).toEqual(['1001', '1001']);
		expect(standIn.count('addPoints')).toBe(3);
	});

	test('and the same list, run again, is paid again: the execution was never saved', async () => {
		const given = { items: ITEMS, credential: credential() };
		await run({ ...given, killAt: { points: 'beforeAnswer', nth: 3 } });
		const before = idsIn(standIn.ledger);

		const again = await run(given);

		expect(again).toMatchObject({ wasKilled: false, failed: [] });
		expect(before.length).toBeGreaterThanOrEqual(3);
		expect(idsIn(standIn.ledger).sort()).toEqual([...before, ...idsIn(ITEMS)].sort());
	});
});

describe('a process is killed at a call to what n8n keeps', () => {
	const given = (values: string[]) => ({
		items: values.map((value) => ({ value })),
		credential: credential(),
		workflow: {
			nodes: [
				node('start', 'Start', 'n8n-nodes-base.manualTrigger'),
				node('keeper', 'Success', 'test.keeper'),
			],
			connections: { Start: { main: [[{ node: 'Success', type: 'main' as const, index: 0 }]] } },
		},
	});

	test.each<{ store: Reached['step']; nth: number; kept: string[] }>([
		{ store: 'beforeRead', nth: 1, kept: [] },
		{ store: 'beforeWrite', nth: 1, kept: [] },
		{ store: 'afterWrite', nth: 1, kept: ['a'] },
		{ store: 'beforeRead', nth: 3, kept: ['a', 'b'] },
		{ store: 'beforeWrite', nth: 3, kept: ['a', 'b'] },
		{ store: 'afterWrite', nth: 3, kept: ['a', 'b', 'c'] },
	])('$store of call $nth', async ({ store, nth, kept }) => {
		const values = ['a', 'b', 'c', 'd'];

		expect(await run({ ...given(values), killAt: { store, nth } })).toEqual({ wasKilled: true });
		expect(values.filter((value) => processedData.isProcessed(value, PLACE))).toEqual(kept);
		expect(processedData.entries(PLACE)).toHaveLength(kept.length);

		expect(await run(given(values))).toMatchObject({
			succeeded: values.map((value) => ({ value, isNew: !kept.includes(value) })),
		});
		expect(processedData.entries(PLACE)).toHaveLength(values.length);
	});

	test('of one kind only, and not when there is none', async () => {
		processedData.addOldEntries(3, PLACE);
		const at = { store: 'beforeRead', nth: 2 } as const;

		expect(
			await run({ ...given(['a', 'b']), killAt: { ...at, method: 'removeProcessed' } }),
		).toMatchObject({ wasKilled: false });
		expect(processedData.entries(PLACE)).toHaveLength(5);
		expect(
			await run({ ...given(['c', 'd']), killAt: { ...at, method: 'checkProcessedAndRecord' } }),
		).toEqual({ wasKilled: true });
		expect(processedData.entries(PLACE)).toHaveLength(6);
	});
});

test('a process that ends otherwise is a mistake of the test, and says so', async () => {
	const workflow = { nodes: [node('start', 'Start', 'test.nothing')], connections: {} };
	const given = { items: [], credential: credential(), workflow };

	const error: unknown = await run({ ...given, killAt: { store: 'beforeRead', nth: 1 } }).catch(
		(reason: unknown) => reason,
	);

	expect(String(error)).toContain('The test host has no node type test.nothing');
	// It was the engine that this test runs in.
	expect(String(error)).toContain(resolve(require.resolve('n8n-workflow'), '../../..'));
});

function node(id: string, name: string, type: string) {
	return { id, name, type, typeVersion: 1, position: [0, 0] as [number, number], parameters: {} };
}
