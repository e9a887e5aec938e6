import { ok } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import {
	type DeduplicationItemTypes,
	type DeduplicationScope,
	type ICheckProcessedContextData,
	type ICheckProcessedOptions,
	type IDataDeduplicator,
	type IDeduplicationOutput,
	UnexpectedError,
} from 'n8n-workflow';
import { Hold } from '../Hold.cts';
import { type Place, type ProcessedDataTable, TableInMemory } from './processedDataTable.cts';

/** A call that came from a node. */
export interface Call {
	/** Its place among all calls, counted from 1. */
	number: number;
	method: keyof IDataDeduplicator;
	place: Place;
	/** What it was about; none for those methods that take none. */
	items: DeduplicationItemTypes[];
}

/** Where a call has got to. One that reads, but changes nothing, gets no further than the first. */
export interface Reached extends Call {
	step: 'beforeRead' | 'beforeWrite' | 'afterWrite';
}

/**
 * What every node can keep in n8n: the store behind `this.helpers.checkProcessedAndRecord` and its like,
 * for an engine without a whole n8n around it. In the mode `entries` it does what n8n's own does (n8n,
 * `deduplication-helper.ts`; the same in 1.123.0 and 2.41.1): a row for each workflow and node, which is
 * read, changed and written as a whole, with nothing that keeps two calls apart. Other modes are refused.
 */
export class ProcessedData implements IDataDeduplicator {
	/** Every call that came from a node, in the order in which they began. */
	calls: Call[] = [];

	/** How much was read from the table, as JSON. */
	bytesRead = 0;

	/** How much was written to the table, as JSON. */
	bytesWritten = 0;

	/** Where the rows are kept. */
	table: ProcessedDataTable = new TableInMemory();

	/** Is told where each call has got to, before anything is done there. */
	onReach: (reached: Reached) => void = () => {};

	#holds: Hold<Reached>[] = [];

	#failures: Failure[] = [];

	/**
	 * Remembers values. Those that come twice in one call are told to be new, and remembered, twice.
	 *
	 * @param options beyond `maxEntries` the oldest are forgotten, also those of this very call
	 * @returns which of them it has remembered just now, and which it knew already
	 * @throws when another call has made the row meanwhile, or when the workflow has no ID
	 */
	async checkProcessedAndRecord(
		items: DeduplicationItemTypes[],
		scope: DeduplicationScope,
		contextData: ICheckProcessedContextData,
		{ mode, maxEntries }: ICheckProcessedOptions,
	): Promise<IDeduplicationOutput> {
		const call = this.#begin('checkProcessedAndRecord', scope, contextData, items);
		ok(call.place.workflowId);
		refuseOtherThanEntries(mode);
		const entries = await this.#read(call);
		const known = new Set(entries);
		const asked = items.map((item) => ({ item, hash: hashOf(item) }));
		const fresh = asked.filter(({ hash }) => !known.has(hash));
		const processed = asked.filter(({ hash }) => known.has(hash));
		const all = [...(entries ?? []), ...fresh.map(({ hash }) => hash)];
		if (maxEntries) all.splice(0, all.length - maxEntries);
		await this.#write(call, (table) => {
			if (entries) table.update(call.place, this.#toValue(all));
			else table.insert(call.place, this.#toValue(all));
		});
		return { new: fresh.map(({ item }) => item), processed: processed.map(({ item }) => item) };
	}

	/** Forgets values, each once. */
	async removeProcessed(
		items: DeduplicationItemTypes[],
		scope: DeduplicationScope,
		contextData: ICheckProcessedContextData,
		{ mode }: ICheckProcessedOptions,
	): Promise<void> {
		const call = this.#begin('removeProcessed', scope, contextData, items);
		refuseOtherThanEntries(mode);
		ok(call.place.workflowId);
		const entries = await this.#read(call);
		if (!entries) return;
		for (const hash of items.map(hashOf)) {
			const index = entries.indexOf(hash);
			if (index !== -1) entries.splice(index, 1);
		}
		await this.#write(call, (table) => table.update(call.place, this.#toValue(entries)));
	}

	/** Forgets all values of a workflow or node. */
	async clearAllProcessedItems(
		scope: DeduplicationScope,
		contextData: ICheckProcessedContextData,
	): Promise<void> {
		const call = this.#begin('clearAllProcessedItems', scope, contextData);
		await this.#write(call, (table) => table.delete(call.place));
	}

	/** @returns how many values of a workflow or node are remembered; 0 in another mode than `entries` */
	async getProcessedDataCount(
		scope: DeduplicationScope,
		contextData: ICheckProcessedContextData,
		{ mode }: ICheckProcessedOptions,
	): Promise<number> {
		const call = this.#begin('getProcessedDataCount', scope, contextData);
		const entries = await this.#read(call);
		return mode === 'entries' ? (entries?.length ?? 0) : 0;
	}

	/**
	 * Lets calls wait from now on where they have got to, until they are released. Of several holds that fit,
	 * the last one holds.
	 */
	hold(matches: (reached: Reached) => boolean) {
		const hold = new Hold(matches);
		this.#holds.push(hold);
		return hold;
	}

	/**
	 * Lets calls fail from now on where they have got to; what was written before that stays so.
	 *
	 * @param times how many of them
	 * @param error what they fail with
	 */
	fail(
		matches: (reached: Reached) => boolean,
		times = Infinity,
		error = new Error('SQLITE_BUSY: database is locked'),
	) {
		this.#failures.push({ matches, times, error });
	}

	/** The hashes that a row holds, the oldest first. */
	entries(place: Place): string[] {
		return entriesIn(this.table.select(place)) ?? [];
	}

	/** Whether a value is remembered, in whatever row, or in one. */
	isProcessed(item: DeduplicationItemTypes, place?: Place): boolean {
		const rows = place
			? [this.entries(place)]
			: this.table.values().map((value) => entriesIn(value) ?? []);
		return rows.some((entries) => entries.includes(hashOf(item)));
	}

	/** Has a row remember values that are older than all that it does. */
	addOldEntries(count: number, place: Place) {
		const old = Array.from({ length: count }, (_, index) => hashOf(`old entry ${index}`));
		const value = toValue([...old, ...this.entries(place)]);
		this.table.delete(place);
		this.table.insert(place, value);
	}

	/** Forgets all that has happened, every order to fail, and the calls that are held, which fail. */
	reset() {
		for (const hold of this.#holds) hold.forget();
		this.#holds = [];
		this.#failures = [];
		this.onReach = () => {};
		this.calls = [];
		this.bytesRead = 0;
		this.bytesWritten = 0;
		this.table.clear();
	}

	#begin(
		method: Call['method'],
		scope: DeduplicationScope,
		{ workflow, node }: ICheckProcessedContextData,
		items: Call['items'] = [],
	): Call {
		if (scope === 'node' && !node) {
			throw new DeduplicationError(
				"No node information has been provided and so cannot use scope 'node'",
			);
		}
		const context = scope === 'node' ? `n:${node?.id}` : '';
		const number = this.calls.length + 1;
		const call = { number, method, place: { workflowId: workflow.id, context }, items };
		this.calls.push(call);
		return call;
	}

	async #read(call: Call): Promise<string[] | undefined> {
		await this.#reach({ ...call, step: 'beforeRead' });
		const value = this.table.select(call.place);
		this.bytesRead += value?.length ?? 0;
		return entriesIn(value);
	}

	async #write(call: Call, write: (table: ProcessedDataTable) => void) {
		await this.#reach({ ...call, step: 'beforeWrite' });
		write(this.table);
		await this.#reach({ ...call, step: 'afterWrite' });
	}

	/** No answer of a database comes at once, so calls that are made side by side overlap. */
	async #reach(reached: Reached) {
		await setImmediate();
		this.onReach(reached);
		const hold = this.#holds.findLast((each) => each.holds(reached));
		if (hold && !(await hold.wait())) throw new Error('Nobody waits for this call any more.');
		const failure = this.#failures.find(({ times, matches }) => times > 0 && matches(reached));
		if (!failure) return;
		failure.times--;
		throw failure.error;
	}

	#toValue(entries: string[]) {
		const value = toValue(entries);
		this.bytesWritten += value.length;
		return value;
	}
}

interface Failure {
	matches: (reached: Reached) => boolean;
	/** How many more calls are to fail by it. */
	times: number;
	error: Error;
}

class DeduplicationError extends UnexpectedError {
	constructor(message: string) {
		super(`Deduplication Failed: ${message}`);
	}
}

function refuseOtherThanEntries(mode: ICheckProcessedOptions['mode']) {
	if (mode !== 'entries') throw new DeduplicationError(`The mode ${mode} is not there.`);
}

function hashOf(item: DeduplicationItemTypes) {
	return createHash('md5').update(item.toString()).digest('base64');
}

/** A row's value as n8n keeps it. */
function toValue(data: string[]) {
	return JSON.stringify({ mode: 'entries', data });
}

function entriesIn(value: string | undefined) {
	return value === undefined ? undefined : (JSON.parse(value) as { data: string[] }).data;
}
