import { randomBytes } from 'crypto';
import type { IExecuteFunctions } from 'n8n-workflow';
import { pause, untilAborted } from '../shared/time';
import { NodeStore, type StoreAccess } from '../store/NodeStore';
import { assertNotCanceled } from '../transport/Patience';

/** What is done once for a customer and a value, as it is looked up. */
export interface OnceEntry {
	/** Stands for customer and value. */
	key: string;
	/** What is done, e.g. how many points are added. */
	what: number | string;
	/** Whether its row in the customer's history names the value. */
	isNamed: boolean;
	/** Whether it is remembered what came of it. */
	hasResult: boolean;
	access: StoreAccess;
}

/** What is known of an entry when it is claimed. */
export type Standing =
	/** Nobody has claimed it before. It is claimed now, and may be sent. */
	| 'claimed'
	/** It was done before. */
	| 'done'
	/** Something else was done before. */
	| 'anotherDone'
	/** It was claimed before, and may have been done, or may just be on its way. */
	| 'open'
	/** The same, with something else. */
	| 'openWithAnother';

/** So many are claimed before they are sent, at the most: a crash leaves these unclear. */
const MAX_AHEAD = 64;

/** While so many wait to be sent, there is time for more to come in and be claimed together. */
const ENOUGH_AHEAD = 10;

/** No longer than this, in ms. */
const WAIT_FOR_MORE_MS = 500;

const LOOK_EVERY_MS = 20;

/** So many may be done without being settled in n8n's store. */
const MAX_DONE = 1000;

const REMEMBER_LOOK_MS = 60_000;

/** How often a claim is made anew that another worker has overwritten. */
const MAX_OVERWRITTEN = 8;

/**
 * Remembers, for one node, for which values something was done for customers, whatever becomes of the execution
 * and of n8n.
 *
 * An entry has marks in the node's store: `claimed` and `open`, which are written before anything is sent
 * and always asked for together, one with what is done, and two where its row does not name the value.
 * `open` is taken away when it is done, and all of them when it certainly is not. So a crash at
 * whatever moment leaves `open` behind, and that never counts as done; nor as not done.
 *
 * Of two workers that claim the same entry in the same moment, both find it free, and the one that writes
 * last wins: each writes a token of its own, and looks whether it is still there once the other must have
 * written.
 */
export class OnceLedger {
	private readonly store = new NodeStore();

	/** What is being done about entries, by key. */
	private readonly busy = new Map<string, Promise<void>>();

	/** What was done for those that are done, but still have their `open`. */
	private readonly done = new Map<string, number | string>();

	/** LoyaltyLion's own IDs of what came of these, where that is to be found again. */
	private readonly resultIds = new Map<string, number>();

	private readonly claims: Claim[] = [];

	private isClaiming = false;

	/** When those were sent, in ms since 1970, that are on their way or unclear. */
	private readonly sentAts = new Map<string, number>();

	/** Those that were looked for in the history lately, and when, by time that passes. */
	private readonly lookedFor = new Map<string, number>();

	/** Marks that say nothing, as they are being taken away: of what was asked for when something else was done. */
	private readonly leaving = new Map<string, object>();

	/** The claimed ones that have not been sent yet. */
	private readonly ahead = new Set<string>();

	/**
	 * Does something about an entry while nobody else in this process does.
	 *
	 * @param key the entry's
	 * @param signal ends the wait for others
	 * @param work what to do
	 * @returns what `work` returns
	 * @throws {ItemFailure} `not_sent` when the signal aborts first; and what `work` throws
	 */
	async alone<Result>(
		key: string,
		signal: AbortSignal | undefined,
		work: () => Promise<Result>,
	): Promise<Result> {
		for (let others = this.busy.get(key); others; others = this.busy.get(key)) {
			await untilAborted(others, signal).catch(() => {});
			assertNotCanceled(signal);
		}
		const result = work();
		this.busy.set(
			key,
			result.then(
				() => {},
				() => {},
			),
		);
		try {
			return await result;
		} finally {
			this.ahead.delete(key);
			this.busy.delete(key);
		}
	}

	/**
	 * Claims an entry, unless it was claimed before.
	 *
	 * @param entry which one
	 * @returns what is known of it
	 * @throws what n8n throws when its database cannot be used; the entry may be claimed then
	 */
	async claim(entry: OnceEntry): Promise<Standing> {
		const what = this.done.get(entry.key);
		if (what !== undefined) return what === entry.what ? 'done' : 'anotherDone';
		return await new Promise((resolve, reject) => {
			this.claims.push({ entry, waitingSince: performance.now(), overwritten: 0, resolve, reject });
			void this.claimAll();
		});
	}

	/**
	 * @param entry one that was claimed, and is on its way now
	 * @param sentAt when it was sent, in ms since 1970 by this machine's clock
	 */
	sent({ key }: OnceEntry, sentAt: number): void {
		this.ahead.delete(key);
		this.sentAts.set(key, sentAt);
	}

	/**
	 * @param entry one that is open
	 * @returns when it was sent, if it was by this process
	 */
	sentAt({ key }: OnceEntry): number | undefined {
		return this.sentAts.get(key);
	}

	/**
	 * @param entry one that was claimed just now, and is done
	 * @param resultId LoyaltyLion's own ID of what came of it, where that is to be found again
	 */
	close(entry: OnceEntry, resultId?: number): void {
		this.settle(entry, { stays: doneMarks(entry, resultId), goes: asked(entry) }, resultId);
	}

	/**
	 * @param entry one that was unclear, and is done
	 * @param resultId LoyaltyLion's own ID of what came of it, where that is to be found again
	 */
	closeUnclear(entry: OnceEntry, resultId?: number): void {
		const change = { stays: doneMarks(entry, resultId), goes: openMarks(entry.key) };
		this.settle(entry, change, resultId);
	}

	/**
	 * Asks what came of an entry.
	 *
	 * @param entry one that is done
	 * @param ids LoyaltyLion's own, of what may have come of it
	 * @returns those of them that are remembered with it
	 * @throws what n8n throws when its database cannot be used
	 */
	async resultsAmong({ key, access }: OnceEntry, ids: number[]): Promise<number[]> {
		const known = this.resultIds.get(key);
		if (known !== undefined) return ids.filter((id) => id === known);
		const markOf = (id: number) => marksOf.result(key, id);
		const there = await this.store.ask(ids.map(markOf), access);
		const [found, others] = [true, false].map((isThere) =>
			ids.filter((id) => there.has(markOf(id)) === isThere),
		);
		await this.store.remove((others ?? []).map(markOf), access);
		return found ?? [];
	}

	/**
	 * @param entry one that was claimed, and certainly was not done
	 * @throws what n8n throws when its database cannot be used; it stays claimed then
	 */
	async release(entry: OnceEntry): Promise<void> {
		this.sentAts.delete(entry.key);
		await this.store.remove(claimMarks(entry), entry.access);
	}

	/**
	 * Lets it not look as if an entry had been claimed with this.
	 *
	 * @param entry one that was claimed with something else
	 * @throws what n8n throws when its database cannot be used
	 */
	async forgetWhat({ key, what, access }: OnceEntry): Promise<void> {
		await this.store.remove([marksOf.with(key, what)], access);
	}

	/**
	 * @param entry one that was claimed with something else, which is done now
	 * @throws what n8n throws when its database cannot be used
	 */
	async closeWithAnother(entry: OnceEntry): Promise<void> {
		await this.forgetAsked(entry, openMarks(entry.key));
	}

	/**
	 * Asks for what the claim has left, without leaving the same: there are two such marks, and one of them alone
	 * was left by somebody who asked, and was cut off by a crash.
	 *
	 * @param entry one that was claimed before
	 * @returns whether what was sent certainly named the value, if anything was
	 * @throws what n8n throws when its database cannot be used
	 */
	async wasNamed({ key, isNamed, access }: OnceEntry): Promise<boolean> {
		if (!isNamed) return false;
		const asked: string[] = [];
		for (const mark of namelessMarks(key)) {
			asked.push(mark);
			const wasThere = (await this.store.ask([mark], access)).has(mark);
			if (wasThere) continue;
			await this.store.remove(asked, access);
			return true;
		}
		return false;
	}

	/**
	 * Claims the right to send what is unclear of an entry once more.
	 *
	 * @param entry which one
	 * @param most how often they may be sent once more, over all executions
	 * @returns for which time that is, counted from 1; `undefined` when it was done so often before
	 * @throws what n8n throws when its database cannot be used
	 */
	async claimAgain({ key, access }: OnceEntry, most: number): Promise<number | undefined> {
		let nth = 1;
		for (let times = 0; times < most + MAX_OVERWRITTEN && nth <= most; times++) {
			const again = marksOf.again(key, nth);
			const token = newToken();
			const there = await this.store.ask([again, token], access);
			if (there.has(again)) nth++;
			else if (await this.isStillThere(token, access)) return nth;
			this.store.spare([token], { haveLasted: false });
		}
		return undefined;
	}

	/**
	 * @param entry one that was to be sent once more, and certainly was not taken
	 * @param nth for which time that was
	 * @throws what n8n throws when its database cannot be used
	 */
	async giveBackAgain({ key, access }: OnceEntry, nth: number): Promise<void> {
		await this.store.remove([marksOf.again(key, nth)], access);
	}

	/**
	 * @param entry any
	 * @returns how many values are remembered, about
	 * @throws what n8n throws when its database cannot be used
	 */
	async count({ access, hasResult }: OnceEntry): Promise<number> {
		return Math.floor((await this.store.count(access)) / marksOfDone(hasResult));
	}

	/** @returns once nothing that is done is left `open`, as far as n8n's database can be used */
	async flush(): Promise<void> {
		await this.store.flush();
	}

	/** @param entry one that was looked for in the history, and not found */
	noteLookedFor({ key }: OnceEntry): void {
		const now = performance.now();
		for (const [other, at] of this.lookedFor) {
			if (now - at < REMEMBER_LOOK_MS) break;
			this.lookedFor.delete(other);
		}
		this.lookedFor.delete(key);
		this.lookedFor.set(key, now);
	}

	/**
	 * @param entry one that is open
	 * @returns whether it was looked for just now
	 */
	wasLookedFor({ key }: OnceEntry): boolean {
		return performance.now() - (this.lookedFor.get(key) ?? -Infinity) < REMEMBER_LOOK_MS;
	}

	private async claimAll(): Promise<void> {
		if (this.isClaiming) return;
		this.isClaiming = true;
		// What else is claimed in the same moment goes with the first.
		await pause(0, undefined);
		for (let [oldest] = this.claims; oldest; [oldest] = this.claims) {
			const hasWaited = performance.now() - oldest.waitingSince > WAIT_FOR_MORE_MS;
			const room = MAX_AHEAD - this.ahead.size;
			if (this.done.size > MAX_DONE) {
				// Else the marks that are to go would push out those that are to stay.
				await this.store.flush();
				await pause(LOOK_EVERY_MS, undefined);
			} else if (room > 0 && (hasWaited || this.ahead.size <= ENOUGH_AHEAD)) {
				await this.claimTogether(this.claims.splice(0, room));
			} else {
				await pause(LOOK_EVERY_MS, undefined);
			}
		}
		this.isClaiming = false;
	}

	private async claimTogether(claims: Claim[]): Promise<void> {
		const access = widest(claims);
		const tokens = [newToken(), newToken(), newToken()] as const;
		for (const { entry } of claims) this.ahead.add(entry.key);
		try {
			const marks = claims.flatMap(({ entry }) => claimMarks(entry));
			const there = await this.store.ask([...marks, ...tokens], access);
			const free: Claim[] = [];
			for (const claim of claims) {
				const { claimed, open } = marksOf;
				const isFree = ![claimed, open].some((mark) => there.has(mark(claim.entry.key)));
				if (isFree) free.push(claim);
				else this.stand(claim, there);
			}
			if (free.length === 0) this.store.spare([...tokens], { haveLasted: false });
			// The next ones are claimed meanwhile.
			else void this.confirm(free, tokens);
		} catch (error) {
			for (const claim of claims) this.fail(claim, error);
		}
	}

	/** Tells what has become of an entry that was claimed before. */
	private stand({ entry, resolve }: Claim, there: Set<string>): void {
		const { key, what } = entry;
		const { claimed, open } = marksOf;
		this.ahead.delete(key);
		const same = marksOf.with(key, what);
		const isSame = there.has(same) && !this.leaving.has(same);
		const isDone = there.has(claimed(key)) && !there.has(open(key));
		if (!isDone) {
			resolve(isSame ? 'open' : 'openWithAnother');
		} else if (isSame) {
			this.settle(entry, { stays: [], goes: asked(entry) });
			resolve('done');
		} else {
			this.forgetAsked(entry, asked(entry))
				.catch(() => {})
				.finally(() => resolve('anotherDone'));
		}
	}

	/**
	 * It must not look as if an entry had been done with what was asked for. A call of another worker that is under
	 * way may bring the marks back, so that this process does not believe them before they are gone for good.
	 */
	private async forgetAsked({ key, what, access }: OnceEntry, left: string[]): Promise<void> {
		const same = marksOf.with(key, what);
		const goes = [...left, same];
		const mine = {};
		this.leaving.set(same, mine);
		await this.store.remove(goes, access).finally(() => {
			this.store.changeSoon({ stays: [], goes }, access).then(
				() => {
					if (this.leaving.get(same) === mine) this.leaving.delete(same);
				},
				() => {},
			);
		});
	}

	/** Lets those go ahead that no other worker has overwritten. */
	private async confirm(claims: Claim[], tokens: readonly [string, string, string]): Promise<void> {
		try {
			const haveLasted = await this.isStillThere(tokens[0], widest(claims));
			this.store.spare([...tokens], { haveLasted });
			for (const claim of claims) {
				if (haveLasted) claim.resolve('claimed');
				else this.claimAnew(claim);
			}
		} catch (error) {
			for (const claim of claims) this.fail(claim, error);
		}
	}

	/** Another worker has written what it had read before; with that, it may have claimed the same. */
	private claimAnew(claim: Claim): void {
		this.ahead.delete(claim.entry.key);
		claim.overwritten++;
		if (claim.overwritten > MAX_OVERWRITTEN) claim.reject(new Error('Overwritten'));
		else this.claims.unshift(claim);
		void this.claimAll();
	}

	/** Looks once more, when a call of another worker that began before has ended. */
	private async isStillThere(token: string, access: StoreAccess): Promise<boolean> {
		return (await this.store.askSettled([token], access)).has(token);
	}

	private fail({ entry, reject }: Claim, error: unknown): void {
		this.ahead.delete(entry.key);
		reject(error);
	}

	/** Where this fails, the entry is `open` for whoever asks next, and looked for in the history. */
	private settle(
		{ key, what, access }: OnceEntry,
		change: { stays: string[]; goes: string[] },
		resultId?: number,
	): void {
		this.done.set(key, what);
		if (resultId !== undefined) this.resultIds.set(key, resultId);
		this.sentAts.delete(key);
		this.store
			.changeSoon(change, access)
			.catch(() => {})
			.finally(() => {
				this.done.delete(key);
				this.resultIds.delete(key);
			});
	}
}

/**
 * Finds the ledger of a node.
 *
 * @param context the running node
 * @returns the same for all executions of this process; nothing where n8n keeps no store, as the workflow
 *   has not been saved
 */
export function ledgerOf(context: IExecuteFunctions): OnceLedger | undefined {
	const { id } = context.getWorkflow();
	if (!id || id === UNSAVED) return undefined;
	const key = `${id} ${context.getNode().id}`;
	const ledger = LEDGERS.get(key) ?? new OnceLedger();
	LEDGERS.set(key, ledger);
	return ledger;
}

/**
 * @param historySize how many values are to be remembered
 * @param hasResult whether it is remembered with each of them what came of it
 * @returns how many marks the store has to keep for that, also while others are on their way
 */
export function maxMarks(historySize: number, hasResult: boolean): number {
	return marksOfDone(hasResult) * historySize + MARKS_ON_THEIR_WAY;
}

/** More than a few workers can have: what is claimed, and what is done and has marks that are to go. */
const MARKS_ON_THEIR_WAY = 4000;

/** By workflow and node, as n8n keeps their stores. */
const LEDGERS = new Map<string, OnceLedger>();

/** What n8n calls a workflow that is new in the editor (n8n-core, `PLACEHOLDER_EMPTY_WORKFLOW_ID`). */
const UNSAVED = '__EMPTY__';

interface Claim {
	entry: OnceEntry;
	/** By time that passes, in ms. */
	waitingSince: number;
	/** How often another worker has overwritten it. */
	overwritten: number;
	resolve: (standing: Standing) => void;
	reject: (error: unknown) => void;
}

/** How many stay of an entry that is done. */
function marksOfDone(hasResult: boolean): number {
	return hasResult ? 3 : 2;
}

/** Under the words that stores hold since there were points only. */
const marksOf = {
	claimed: (key: string) => JSON.stringify(['claimed', key]),
	with: (key: string, what: number | string) => JSON.stringify(['points', key, what]),
	open: (key: string) => JSON.stringify(['open', key]),
	result: (key: string, id: number) => JSON.stringify(['result', key, id]),
	/** That what was sent does not name the value; there are two of these. */
	nameless: (key: string, nth: 1 | 2) => JSON.stringify(['notInReason', key, nth]),
	/** That it was sent once more, for which time. */
	again: (key: string, nth: number) => JSON.stringify(['again', key, nth]),
};

/** The oldest are forgotten first, so that `claimed` never stays behind without `open`. */
function claimMarks(entry: Pick<OnceEntry, 'key' | 'what' | 'isNamed'>): string[] {
	const { key, what } = entry;
	const nameless = entry.isNamed ? [] : namelessMarks(key);
	return [marksOf.claimed(key), marksOf.open(key), marksOf.with(key, what), ...nameless];
}

function doneMarks({ key, what }: OnceEntry, resultId: number | undefined): string[] {
	const result = resultId === undefined ? [] : [marksOf.result(key, resultId)];
	return [marksOf.claimed(key), marksOf.with(key, what), ...result];
}

/** Those that asking for an entry brings about that is done. */
function asked({ key, isNamed }: OnceEntry): string[] {
	return isNamed ? [marksOf.open(key)] : openMarks(key);
}

/** Those that an entry has only as long as it is not known to be done. */
function openMarks(key: string): string[] {
	return [marksOf.open(key), ...namelessMarks(key)];
}

function namelessMarks(key: string): string[] {
	return [marksOf.nameless(key, 1), marksOf.nameless(key, 2)];
}

function newToken(): string {
	return JSON.stringify(['token', randomBytes(12).toString('base64url')]);
}

/** One call for several must not forget what one of them wants to be kept. */
function widest(claims: Claim[]): StoreAccess {
	return claims
		.map(({ entry }) => entry.access)
		.reduce((one, other) => (other.maxMarks > one.maxMarks ? other : one));
}
