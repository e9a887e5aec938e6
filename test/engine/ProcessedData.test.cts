import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
	DeduplicationItemTypes as Item,
	ICheckProcessedContextData,
	INode,
} from 'n8n-workflow';
import { N8n } from '../../dev/engine/N8n.cts';
import { ProcessedData, type Reached } from '../../dev/engine/ProcessedData.cts';
import { TableInFolder, TableInMemory } from '../../dev/engine/processedDataTable.cts';
import { anotherProcess } from '../harness/anotherProcess.cts';
import { OtherNode } from '../harness/otherNode.cts';

const PLACE = { workflowId: 'w', context: 'n:1' };
const BY_NODE: ICheckProcessedContextData = {
	workflow: { id: 'w', active: false },
	node: { id: '1' } as INode,
};
const ENTRIES = { mode: 'entries' } as const;

const folder = mkdtempSync(join(tmpdir(), 'processed-data-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hash = (item: Item) => createHash('md5').update(String(item)).digest('base64');

describe.each([
	{ where: 'in memory', table: () => new TableInMemory() },
	{ where: 'in a folder', table: () => new TableInFolder(mkdtempSync(join(folder, 'table-'))) },
])('a store whose rows are $where', ({ table }) => {
	const store = new ProcessedData();
	beforeAll(() => {
		store.table = table();
	});
	afterEach(() => store.reset());

	const record = (items: Item[], maxEntries?: number) =>
		store.checkProcessedAndRecord(items, 'node', BY_NODE, {
			...ENTRIES,
			...(maxEntries !== undefined && { maxEntries }),
		});
	const remove = (items: Item[]) => store.removeProcessed(items, 'node', BY_NODE, ENTRIES);
	const count = () => store.getProcessedDataCount('node', BY_NODE, ENTRIES);

	/** What n8n's own store does, step by step, each time with the row that was there before. */
	test.each<{
		of: string;
		before?: Item[];
		ask: Item[];
		maxEntries?: number;
		fresh: Item[];
		known?: Item[];
		after: Item[];
	}>([
		{ of: 'a first call', ask: ['a', 'b'], fresh: ['a', 'b'], after: ['a', 'b'] },
		{ of: 'no values', ask: [], fresh: [], after: [] },
		{
			of: 'values of which it knows some',
			before: ['a', 'b'],
			ask: ['b', 'c', 'a', 'd'],
			fresh: ['c', 'd'],
			known: ['b', 'a'],
			after: ['a', 'b', 'c', 'd'],
		},
		{ of: 'twins in a first call', ask: ['a', 'a'], fresh: ['a', 'a'], after: ['a', 'a'] },
		{
			of: 'twins in a later call',
			before: ['a'],
			ask: ['b', 'a', 'b', 'a'],
			fresh: ['b', 'b'],
			known: ['a', 'a'],
			after: ['a', 'b', 'b'],
		},
		{
			of: 'numbers, which are text to it',
			before: [5],
			ask: ['5'],
			fresh: [],
			known: ['5'],
			after: [5],
		},
		{
			of: 'a first call that is too long',
			ask: ['a', 'b', 'c'],
			maxEntries: 2,
			fresh: ['a', 'b', 'c'],
			after: ['b', 'c'],
		},
		{
			of: 'a later call that is too long',
			before: ['a', 'b'],
			ask: ['b', 'c'],
			maxEntries: 2,
			fresh: ['c'],
			known: ['b'],
			after: ['b', 'c'],
		},
		{
			of: 'fewer than it may keep',
			before: ['a'],
			ask: ['b'],
			maxEntries: 5,
			fresh: ['b'],
			after: ['a', 'b'],
		},
		{
			of: 'nothing new, when it keeps more than it may',
			before: ['a', 'b', 'c'],
			ask: ['a'],
			maxEntries: 1,
			fresh: [],
			known: ['a'],
			after: ['c'],
		},
		{
			of: 'no limit, by which 0 is meant too',
			before: ['a', 'b'],
			ask: ['c'],
			maxEntries: 0,
			fresh: ['c'],
			after: ['a', 'b', 'c'],
		},
	])('asked about $of', async ({ before, ask, maxEntries, fresh, known = [], after }) => {
		if (before) await record(before);

		expect(await record(ask, maxEntries)).toEqual({ new: fresh, processed: known });
		expect(store.entries(PLACE)).toEqual(after.map(hash));
		expect(await count()).toBe(after.length);
	});

	test.each<{ before?: Item[]; forget: Item[]; after: Item[] }>([
		{ forget: ['a'], after: [] },
		{ before: ['a', 'b', 'c'], forget: ['b'], after: ['a', 'c'] },
		{ before: ['a', 'b'], forget: ['x'], after: ['a', 'b'] },
		{ before: ['a', 'b', 'a'], forget: ['a'], after: ['b', 'a'] },
		{ before: ['a', 'b', 'a'], forget: ['a', 'a', 'a'], after: ['b'] },
	])('of $before forgets $forget', async ({ before, forget, after }) => {
		if (before) await record(before);

		await remove(forget);

		expect(store.entries(PLACE)).toEqual(after.map(hash));
		expect(store.calls.map(({ method, items }) => ({ method, items }))).toEqual([
			...(before ? [{ method: 'checkProcessedAndRecord', items: before }] : []),
			{ method: 'removeProcessed', items: forget },
		]);
	});

	test('keeps a row for each workflow and each node, and one for the workflow itself', async () => {
		const of = (workflowId: string, nodeId: string) => ({
			workflow: { id: workflowId, active: true },
			node: { id: nodeId } as INode,
		});
		const places = [of('w', '1'), of('w', '2'), of('w/..', '1')];
		for (const place of places) {
			expect(await store.checkProcessedAndRecord(['a'], 'node', place, ENTRIES)).toEqual({
				new: ['a'],
				processed: [],
			});
		}
		const { workflow } = BY_NODE;
		const byWorkflow = async () =>
			await store.checkProcessedAndRecord(['a'], 'workflow', { workflow }, ENTRIES);

		expect(await byWorkflow()).toEqual({ new: ['a'], processed: [] });
		expect(await byWorkflow()).toEqual({ new: [], processed: ['a'] });
		await store.clearAllProcessedItems('node', of('w', '1'));
		expect(await count()).toBe(0);
		expect(store.isProcessed('a')).toBe(true);
		expect(store.isProcessed('a', PLACE)).toBe(false);
		expect(store.isProcessed('a', { workflowId: 'w/..', context: 'n:1' })).toBe(true);
		expect(store.isProcessed('a', { workflowId: 'w', context: '' })).toBe(true);
		expect(store.table.values()).toHaveLength(3);
	});

	test('refuses what n8n refuses, and what it does not keep', async () => {
		const nobody = { workflow: { id: '', active: false }, node: { id: '1' } as INode };
		const { workflow } = BY_NODE;
		const latest = { mode: 'latestDate' } as const;

		const refused = await Promise.allSettled([
			store.checkProcessedAndRecord(['a'], 'node', nobody, ENTRIES),
			store.removeProcessed(['a'], 'node', nobody, ENTRIES),
			store.checkProcessedAndRecord(['a'], 'node', { workflow }, ENTRIES),
			store.checkProcessedAndRecord(['a'], 'node', BY_NODE, latest),
			store.removeProcessed(['a'], 'node', BY_NODE, latest),
		]);

		expect(refused.map((each) => each.status === 'rejected' && String(each.reason))).toEqual([
			expect.stringContaining('AssertionError'),
			expect.stringContaining('AssertionError'),
			expect.stringContaining("cannot use scope 'node'"),
			expect.stringContaining('Deduplication Failed: The mode latestDate'),
			expect.stringContaining('Deduplication Failed: The mode latestDate'),
		]);
		expect(await store.getProcessedDataCount('node', BY_NODE, latest)).toBe(0);
		expect(store.table.values()).toEqual([]);
	});

	test('lets calls at once overwrite each other', async () => {
		await record(['first']);
		const items = Array.from({ length: 20 }, (_, index) => `item ${index}`);

		const answers = await Promise.all(items.map((item) => record([item])));

		expect(answers).toEqual(items.map((item) => ({ new: [item], processed: [] })));
		expect(store.entries(PLACE)).toEqual(['first', 'item 19'].map(hash));
	});

	test('fails all but one of the calls at once that make a row', async () => {
		const items = Array.from({ length: 20 }, (_, index) => `item ${index}`);

		const answers = await Promise.allSettled(items.map((item) => record([item])));

		expect(answers.slice(1).map(({ status }) => status)).toEqual(Array(19).fill('rejected'));
		expect(answers[0]).toEqual({ status: 'fulfilled', value: { new: ['item 0'], processed: [] } });
		expect(answers[1]).toMatchObject({
			reason: expect.objectContaining({
				name: 'QueryFailedError',
				message: expect.stringContaining('UNIQUE constraint failed'),
			}),
		});
		expect(store.entries(PLACE)).toEqual([hash('item 0')]);
	});

	test('remembers nothing when the row is deleted between read and write', async () => {
		await record(['a']);
		const held = store.hold(({ step }) => step === 'beforeWrite');
		const asked = record(['b']);
		await held.arrived;
		store.table.clear();
		held.release();

		expect(await asked).toEqual({ new: ['b'], processed: [] });
		expect(store.entries(PLACE)).toEqual([]);
	});

	describe('holds calls', () => {
		const at = (step: Reached['step']) => (reached: Reached) => reached.step === step;

		test.each([
			{ step: 'beforeRead', remembered: false, overwritten: false },
			{ step: 'beforeWrite', remembered: false, overwritten: true },
			{ step: 'afterWrite', remembered: true, overwritten: false },
		] as const)('$step', async ({ step, remembered, overwritten }) => {
			await record(['first']);
			const held = store.hold(at(step));
			let isAnswered = false;
			const asked = record(['held']).finally(() => {
				isAnswered = true;
			});
			await held.arrived;

			expect(store.isProcessed('held')).toBe(remembered);
			const meanwhile = new ProcessedData();
			meanwhile.table = store.table;
			await meanwhile.checkProcessedAndRecord(['meanwhile'], 'node', BY_NODE, ENTRIES);
			expect(isAnswered).toBe(false);

			held.release();
			expect(await asked).toEqual({ new: ['held'], processed: [] });
			expect(store.isProcessed('held')).toBe(true);
			expect(store.isProcessed('meanwhile')).toBe(!overwritten);
		});

		test('all that come, until so many are there', async () => {
			await record(['first']);
			const held = store.hold(at('beforeWrite'));
			const asked = [record(['a']), record(['b']), remove(['first'])];
			await held.arrivals(3);

			expect(store.entries(PLACE)).toEqual([hash('first')]);
			held.release();
			await Promise.all(asked);
			expect(store.entries(PLACE)).toEqual([]);
		});

		test('one by its number or its values', async () => {
			const second = store.hold(({ number, step }) => number === 2 && step === 'beforeRead');
			const named = store.hold(({ items, step }) => items.includes('c') && step === 'afterWrite');
			await record(['a']);
			const asked = [record(['b'])];
			await second.arrived;
			asked.push(record(['c']));
			await named.arrived;

			expect(store.entries(PLACE)).toEqual(['a', 'c'].map(hash));
			named.release();
			second.release();
			await Promise.all(asked);
			expect(store.entries(PLACE)).toEqual(['a', 'c', 'b'].map(hash));
		});

		test('and fails them when all is forgotten', async () => {
			const held = store.hold(at('beforeWrite'));
			const asked = record(['a']).catch((error: unknown) => error);
			await held.arrived;

			store.reset();

			expect(await asked).toBeInstanceOf(Error);
			expect(await record(['a'])).toEqual({ new: ['a'], processed: [] });
		});
	});

	test.each([
		{ step: 'beforeRead', remembered: false },
		{ step: 'beforeWrite', remembered: false },
		{ step: 'afterWrite', remembered: true },
	] as const)('fails calls $step as often as it is told to', async ({ step, remembered }) => {
		store.fail((reached) => reached.step === step, 2);

		await expect(record(['a'])).rejects.toThrow('database is locked');
		expect(store.isProcessed('a')).toBe(remembered);
		await expect(remembered ? record(['b']) : record(['a'])).rejects.toThrow('database is locked');
		const { new: fresh } = await record(['a']);

		expect(fresh).toEqual(remembered ? [] : ['a']);
		expect(store.isProcessed('a')).toBe(true);
	});

	test('fails calls of one kind for ever, with what it is told to', async () => {
		store.fail(({ method }) => method === 'removeProcessed', Infinity, new Error('no'));
		await record(['a']);

		await expect(remove(['a'])).rejects.toThrow('no');
		await expect(remove(['a'])).rejects.toThrow('no');
		expect(await count()).toBe(1);
		store.reset();
		await record(['a']);
		await remove(['a']);
		expect(await count()).toBe(0);
	});

	test('counts what it reads and writes', async () => {
		await record(['a']);
		const bytes = JSON.stringify({ mode: 'entries', data: [hash('a')] }).length;
		expect([store.bytesRead, store.bytesWritten]).toEqual([0, bytes]);
		await count();
		expect([store.bytesRead, store.bytesWritten]).toEqual([bytes, bytes]);
		await record(['a']);
		expect([store.bytesRead, store.bytesWritten]).toEqual([2 * bytes, 2 * bytes]);

		expect(store.calls.map(({ number, method }) => [number, method])).toEqual([
			[1, 'checkProcessedAndRecord'],
			[2, 'getProcessedDataCount'],
			[3, 'checkProcessedAndRecord'],
		]);
		store.reset();
		expect([store.bytesRead, store.bytesWritten, store.calls.length]).toEqual([0, 0, 0]);
	});

	test('holds old entries when it is told to, which go first', async () => {
		await record(['mine']);
		store.addOldEntries(100_000, PLACE);
		expect(await count()).toBe(100_001);
		await record(['new'], 3);

		expect(store.entries(PLACE)).toEqual(['old entry 99999', 'mine', 'new'].map(hash).slice(-3));
		expect(store.isProcessed('mine')).toBe(true);
	});
});

test('rows in a folder are there for all who share it, and none that was not written whole', async () => {
	const shared = mkdtempSync(join(folder, 'shared-'));
	const [one, other] = [new ProcessedData(), new ProcessedData()];
	one.table = new TableInFolder(shared);
	other.table = new TableInFolder(shared);
	writeFileSync(join(shared, '1.new'), '{"mode":"entr');
	const record = (store: ProcessedData, item: Item) =>
		store.checkProcessedAndRecord([item], 'node', BY_NODE, ENTRIES);

	const first = await Promise.allSettled([record(one, 'a'), record(other, 'b')]);
	expect(first.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
	expect(await record(other, 'a')).toEqual({ new: [], processed: ['a'] });
	await Promise.all([record(one, 'c'), record(other, 'd')]);

	expect(one.entries(PLACE)).toEqual(['a', 'd'].map(hash));
	expect(one.table.values()).toHaveLength(1);
	one.table.clear();
	expect(other.isProcessed('a')).toBe(false);
});

describe("in n8n's engine", () => {
	let node: OtherNode;
	beforeAll(async () => {
		node = await OtherNode.load();
	});
	afterEach(() => N8n.processedData.reset());

	/** What the helpers of a node give when it asks about a value. */
	async function ask(item: Item, given: Parameters<OtherNode['act']>[1] = {}) {
		let answer;
		const error = await node.act(async ({ helpers }) => {
			answer = await helpers.checkProcessedAndRecord([item], 'node', ENTRIES);
		}, given);
		return error ?? answer;
	}

	test('each node of each workflow has a store, by its ID', async () => {
		const fresh = { new: ['a'], processed: [] };
		expect(await ask('a')).toEqual(fresh);
		expect(await ask('a', { nodeId: 'another' })).toEqual(fresh);
		expect(await ask('a', { workflowId: 'another' })).toEqual(fresh);
		expect(await ask('a')).toEqual({ new: [], processed: ['a'] });

		expect(N8n.processedData.calls.map(({ place }) => place)).toEqual([
			{ workflowId: 'workflow', context: 'n:Other' },
			{ workflowId: 'workflow', context: 'n:another' },
			{ workflowId: 'another', context: 'n:Other' },
			{ workflowId: 'workflow', context: 'n:Other' },
		]);
	});

	test('a workflow without an ID has none', async () => {
		expect(await ask('a', { workflowId: '' })).toMatchObject({ code: 'ERR_ASSERTION' });
		expect(N8n.processedData.isProcessed('a')).toBe(false);
	});

	test('all helpers are there', async () => {
		const seen: unknown[] = [];
		const error = await node.act(async ({ helpers }) => {
			const items = [{ id: 1 }, { id: 2 }];
			seen.push(await helpers.checkProcessedItemsAndRecord('id', items, 'workflow', ENTRIES));
			await helpers.removeProcessed(['1'], 'workflow', ENTRIES);
			seen.push(await helpers.getProcessedDataCount('workflow', ENTRIES));
			seen.push(await helpers.checkProcessedAndRecord([1, 2], 'workflow', ENTRIES));
			await helpers.clearAllProcessedItems('workflow', ENTRIES);
			seen.push(await helpers.getProcessedDataCount('workflow', ENTRIES));
		});

		expect(error).toBeUndefined();
		expect(seen).toEqual([
			{ new: [{ id: 1 }, { id: 2 }], processed: [] },
			1,
			{ new: [1], processed: [2] },
			0,
		]);
	});

	test('however many engines are loaded, there is one store', async () => {
		const others = await Promise.all([N8n.load(), N8n.load()]);

		expect(others.map(({ processedData }) => processedData === N8n.processedData)).toEqual([
			true,
			true,
		]);
	});

	test('another process has a store of its own over the same rows', async () => {
		await ask('a');
		const { processedData } = await anotherProcess();

		expect(processedData).not.toBe(N8n.processedData);
		expect(processedData.isProcessed('a')).toBe(true);
		expect(processedData.calls).toEqual([]);
	});
});
