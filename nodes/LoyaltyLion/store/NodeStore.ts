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
const CHANGED_WITHIN_MS = 700;

/** How often marks are taken away that other workers bring back. */
const MAX_TIMES = 5;

/** Enough for all that is taken away in a second; so many stay in the store while nothing is done. */
const ENOUGH_LASTING = 40;

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

	private readonly changes: Change[] = [];

	private readonly checks: Check[] = [];

	/** Marks that are known to have outlived the calls of other workers. */
	private readonly lasting: string[] = [];

	private readonly spared: string[] = [];

	private isWorking = false;

	private isLingering = false;

	private changing: Promise<unknown> = Promise.resolve();

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
	 * Takes marks away within a second, together with others, and makes sure that other marks are there. Then it
	 * looks whether both has lasted, as a call of another worker may have undone it, and does it again if not.
	 *
	 * @param change which marks; none of those that go may be needed by anybody meanwhile
	 * @param access how the store is used
	 * @returns when all is done
	 * @throws what n8n throws when its database cannot be used
	 */
	async changeSoon(
		change: { stays: string[]; goes: string[] },
		access: StoreAccess,
	): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			this.changes.push({ ...change, access, resolve, reject });
			void this.linger();
		});
	}

	/**
	 * Does at once what was to be done soon; whether it lasts is looked at later all the same.
	 *
	 * @returns when that is done, or has failed
	 */
	async flush(): Promise<void> {
		this.changing = Promise.all([this.changing, this.changeAll()]);
		await this.changing;
	}

	/**
	 * Hands over marks that nobody needs any more, to be taken away together with others.
	 *
	 * @param marks which ones
	 * @param haveLasted whether they were there when other workers could have undone them: they can prove something
	 */
	spare(marks: string[], { haveLasted }: { haveLasted: boolean }): void {
		for (const mark of marks) {
			if (haveLasted && this.lasting.length < ENOUGH_LASTING) this.lasting.push(mark);
			else this.spared.push(mark);
		}
	}

	/**
	 * @param access how the store is used
	 * @returns how many marks there are, without those that are for proving something
	 * @throws what n8n throws when its database cannot be used
	 */
	async count({ helpers }: StoreAccess): Promise<number> {
		const count = await helpers.getProcessedDataCount(SCOPE, { mode: MODE });
		return Math.max(0, count - this.lasting.length - this.spared.length);
	}

	private async linger(): Promise<void> {
		if (this.isLingering) return;
		this.isLingering = true;
		await pause(CHANGED_WITHIN_MS, undefined);
		this.isLingering = false;
		await Promise.all([this.checkAll(), this.flush()]);
	}

	private async changeAll(): Promise<void> {
		for (let some = this.takeChanges(); some.length > 0; some = this.takeChanges()) {
			await this.change({ changes: some, times: 0 });
		}
	}

	private takeChanges(): Change[] {
		const some: Change[] = [];
		let count = 0;
		for (let next = this.changes[0]; next && count < MAX_REMOVED_AT_ONCE; next = this.changes[0]) {
			some.push(next);
			count += next.goes.length;
			this.changes.shift();
		}
		return some;
	}

	/** What goes takes a mark with it that has lasted so far: if that is there later, so is the rest. */
	private async change({ changes, times }: Omit<Check, 'proof'>): Promise<void> {
		const [first] = changes;
		if (!first) return;
		const proof = this.lasting.pop();
		const goes = [...changes.flatMap((each) => each.goes), ...this.spared.splice(0)];
		try {
			const stays = changes.flatMap((each) => each.stays);
			if (stays.length > 0) await this.ask(stays, first.access);
			await this.remove([...goes, ...(proof === undefined ? [] : [proof])], first.access);
			this.checks.push({ changes, proof, times: times + 1 });
			void this.linger();
		} catch (error) {
			for (const { reject } of changes) reject(error);
		}
	}

	private async checkAll(): Promise<void> {
		await Promise.all(this.checks.splice(0).map(async (check) => await this.check(check)));
	}

	private async check({ changes, proof, times }: Check): Promise<void> {
		const [first] = changes;
		if (!first) return;
		try {
			const marks = [...changes.flatMap(({ stays }) => stays), ...(proof ? [proof] : [])];
			const there = await this.askSettled(marks, first.access);
			const hasLasted = proof === undefined ? times > 2 : !there.has(proof);
			if (hasLasted || times >= MAX_TIMES) {
				if (proof) this.spared.push(proof);
				for (const { resolve } of changes) resolve();
			} else {
				await this.change({ changes, times });
			}
		} catch (error) {
			for (const { reject } of changes) reject(error);
		}
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

interface Change extends Omit<Waiting<void>, 'marks'> {
	stays: string[];
	goes: string[];
}

/** Some that were made together. */
interface Check {
	changes: Change[];
	/** A mark that went with them, and is back if they were undone. */
	proof: string | undefined;
	/** How often they were made. */
	times: number;
}

interface Waiting<Result> {
	marks: string[];
	access: StoreAccess;
	resolve: (result: Result) => void;
	reject: (error: unknown) => void;
}
