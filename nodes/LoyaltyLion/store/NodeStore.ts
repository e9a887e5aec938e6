import type { DeduplicationHelperFunctions } from 'n8n-workflow';
import { pause } from '../shared/time';

/** By whose right, and up to which size, a store is used. */
export interface StoreAccess {
	helpers: Pick<
		DeduplicationHelperFunctions,
		'checkProcessedAndRecord' | 'removeProcessed' | 'getProcessedDataCount'
	>;
	/** How many marks it keeps; beyond that, it forgets the oldest. */
	maxMarks: number;
}

/** Taking one away takes n8n longer the more there are, and nothing else runs meanwhile. */
const MAX_REMOVED_AT_ONCE = 40;

/** How long marks may wait until they are taken away together, in ms. */
export const REMOVED_WITHIN_MS = 700;

/** The waits before a call is made again that failed: two workers that write the first mark collide, e.g. */
const WAITS_MS = [25, 100, 400];

/** By how much a call of another worker may take longer than those of this process, in ms. */
const MARGIN_MS = 25;

/** Longer than that, a call says more of this process than of others, in ms. */
const MAX_DURATION_MS = 500;

/** So many calls tell how long one takes. */
const CALLS_REMEMBERED = 20;

/**
 * The store that n8n keeps for a node in its own database: texts, called marks here, that outlive the
 * execution, the process and a crash, and that all workers see.
 *
 * It cannot be read without writing: asking for a mark records it (n8n, `deduplication-helper.ts`). Each
 * call reads the store, and then writes all of it, so that two at once undo each other. Those of one
 * process are made one after another here, and whatever has come in during the last one goes with the next.
 * Other workers are beyond that: see {@link NodeStore.askSettled}.
 */
export class NodeStore {
	private readonly asks: Waiting<Set<string>>[] = [];

	private readonly settledAsks: Waiting<Set<string>>[] = [];

	private readonly removals: Waiting<void>[] = [];

	private readonly removedSoon: Waiting<void>[] = [];

	private readonly removedAgain: Waiting<void>[] = [];

	private isWorking = false;

	private isLingering = false;

	private readonly durationsMs: number[] = [];

	/**
	 * Asks for marks, and records them by that, all in one.
	 *
	 * @param marks any texts
	 * @param access how the store is used
	 * @returns those of them that were there before
	 * @throws what n8n throws when its database cannot be used; the marks may be there then
	 */
	async ask(marks: string[], access: StoreAccess): Promise<Set<string>> {
		return await this.wait(this.asks, marks, access);
	}

	/**
	 * Asks for marks when this process has made no call for longer than one takes. So what another worker had read
	 * before is written by then, and undoes nothing any more; as long as both make calls without a break, each
	 * can go on with what it wrote itself, and never see the other's.
	 *
	 * @param marks any texts
	 * @param access how the store is used
	 * @returns those of them that were there before
	 * @throws what n8n throws when its database cannot be used; the marks may be there then
	 */
	async askSettled(marks: string[], access: StoreAccess): Promise<Set<string>> {
		return await this.wait(this.settledAsks, marks, access);
	}

	/**
	 * Takes marks away.
	 *
	 * @param marks any texts
	 * @param access how the store is used
	 * @throws what n8n throws when its database cannot be used; the marks may be there then
	 */
	async remove(marks: string[], access: StoreAccess): Promise<void> {
		await this.wait(this.removals, marks, access);
	}

	/**
	 * Takes marks away within a second, together with others; and then once more, as a call of another worker
	 * may have brought them back. So they must be none that somebody else may need meanwhile.
	 *
	 * @param marks any texts
	 * @param access how the store is used
	 * @returns when both is done
	 * @throws what n8n throws when its database cannot be used
	 */
	async removeSoon(marks: string[], access: StoreAccess): Promise<void> {
		for (const due of [this.removedSoon, this.removedAgain]) {
			await new Promise<void>((resolve, reject) => {
				due.push({ marks, access, resolve, reject });
				void this.linger();
			});
		}
	}

	/**
	 * Takes away at once what was to be taken away soon.
	 *
	 * @returns when that is done, or has failed
	 */
	async flush(): Promise<void> {
		await this.removeAll(this.removedSoon.splice(0));
	}

	/**
	 * @param access how the store is used
	 * @returns how many marks there are
	 * @throws what n8n throws when its database cannot be used
	 */
	async count({ helpers }: StoreAccess): Promise<number> {
		return await helpers.getProcessedDataCount(SCOPE, { mode: MODE });
	}

	private async linger(): Promise<void> {
		if (this.isLingering) return;
		this.isLingering = true;
		await pause(REMOVED_WITHIN_MS, undefined);
		this.isLingering = false;
		await this.removeAll([...this.removedAgain.splice(0), ...this.removedSoon.splice(0)]);
	}

	private async removeAll(due: Waiting<void>[]): Promise<void> {
		await Promise.all(
			due.map(async ({ marks, access, resolve, reject }) => {
				await this.remove(marks, access).then(resolve, reject);
			}),
		);
	}

	private async wait<Result>(
		queue: Waiting<Result>[],
		marks: string[],
		access: StoreAccess,
	): Promise<Result> {
		return await new Promise((resolve, reject) => {
			queue.push({ marks, access, resolve, reject });
			void this.work();
		});
	}

	private async work(): Promise<void> {
		if (this.isWorking) return;
		this.isWorking = true;
		// What else is asked for in the same moment goes with the first call.
		await pause(0, undefined);
		while (this.asks.length + this.settledAsks.length + this.removals.length > 0) {
			await this.removeSome();
			await this.askAll();
		}
		this.isWorking = false;
	}

	/** What comes in while nothing else is called may be asked for then, too. */
	private async askAll(): Promise<void> {
		const settled = this.settledAsks.splice(0);
		if (settled.length > 0) await pause(this.settledAfterMs(), undefined);
		const asks = [...settled, ...this.asks.splice(0)];
		const maxMarks = Math.max(...asks.map(({ access }) => access.maxMarks));
		await this.serve(asks, async (marks, helpers) => {
			const options = { mode: MODE, maxEntries: maxMarks } as const;
			const { processed } = await helpers.checkProcessedAndRecord(marks, SCOPE, options);
			return new Set(processed.map(String));
		});
	}

	/** After so many ms, a call of another worker that had read the store before has written it. */
	private settledAfterMs(): number {
		const longest = Math.max(0, ...this.durationsMs);
		return 2 * Math.min(longest, MAX_DURATION_MS) + MARGIN_MS;
	}

	private async removeSome(): Promise<void> {
		const some: Waiting<void>[] = [];
		let count = 0;
		for (
			let next = this.removals[0];
			next && count < MAX_REMOVED_AT_ONCE;
			next = this.removals[0]
		) {
			some.push(next);
			count += next.marks.length;
			this.removals.shift();
		}
		await this.serve(some, async (marks, helpers) => {
			await helpers.removeProcessed(marks, SCOPE, { mode: MODE });
		});
	}

	/** Makes one call for all who wait for it. */
	private async serve<Result>(
		waiting: Waiting<Result>[],
		call: (marks: string[], helpers: StoreAccess['helpers']) => Promise<Result>,
	): Promise<void> {
		const [first] = waiting;
		if (!first) return;
		const marks = [...new Set(waiting.flatMap((each) => each.marks))];
		try {
			const result = await this.persist(async () => await call(marks, first.access.helpers));
			for (const { resolve } of waiting) resolve(result);
		} catch (error) {
			for (const { reject } of waiting) reject(error);
		}
	}

	private async persist<Result>(call: () => Promise<Result>): Promise<Result> {
		for (const wait of WAITS_MS) {
			try {
				return await this.timed(call);
			} catch {
				await pause(wait, undefined);
			}
		}
		return await this.timed(call);
	}

	private async timed<Result>(call: () => Promise<Result>): Promise<Result> {
		const began = performance.now();
		try {
			return await call();
		} finally {
			this.durationsMs.push(performance.now() - began);
			if (this.durationsMs.length > CALLS_REMEMBERED) this.durationsMs.shift();
		}
	}
}

const SCOPE = 'node';

const MODE = 'entries';

interface Waiting<Result> {
	marks: string[];
	access: StoreAccess;
	resolve: (result: Result) => void;
	reject: (error: unknown) => void;
}
