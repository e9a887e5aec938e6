import { randomBytes } from 'crypto';
import type { IExecuteFunctions } from 'n8n-workflow';
import { pause, untilAborted } from '../shared/time';
import { NodeStore, type StoreAccess } from '../store/NodeStore';
import { assertNotCanceled } from '../transport/Patience';

/** Points that a customer gets once for a value, as they are looked up. */
export interface OnceEntry {
	/** Stands for customer and value. */
	key: string;
	points: number;
	/** Whether the reason that goes out with the points holds the value. */
	isInReason: boolean;
	access: StoreAccess;
}

/** What is known of an entry when it is claimed. */
export type Standing =
	/** Nobody has claimed it before. It is claimed now, and the points may be sent. */
	| 'claimed'
	/** The points were added before. */
	| 'added'
	/** Other points were added before. */
	| 'otherPoints'
	/** It was claimed before, and the points may have been added, or may just be on their way. */
	| 'open'
	/** The same, with other points. */
	| 'openWithOtherPoints';

/** So many are claimed before their points are sent, at the most: a crash leaves these unclear. */
const MAX_AHEAD = 64;

/** While so many wait to be sent, there is time for more to come in and be claimed together. */
const ENOUGH_AHEAD = 10;

/** No longer than this, in ms. */
const WAIT_FOR_MORE_MS = 500;

const LOOK_EVERY_MS = 20;

/** So many may be added without being settled in n8n's store. */
const MAX_ADDED = 1000;

const REMEMBER_LOOK_MS = 60_000;

/** How often a claim is made anew that another worker has overwritten. */
const MAX_OVERWRITTEN = 8;

/**
 * Remembers, for one node, for which values customers have got points, whatever becomes of the execution
 * and of n8n.
 *
 * An entry has marks in the node's store: `claimed` and `open`, which are written before the points are sent
 * and always asked for together, one with its points, and one where its reason does not hold the value.
 * `open` is taken away when the points are there, and all of them when they are certainly not. So a crash at
 * whatever moment leaves `open` behind, and that never counts as added; nor as not added.
 *
 * Of two workers that claim the same entry in the same moment, both find it free, and the one that writes
 * last wins: each writes a token of its own, and looks whether it is still there once the other must have
 * written.
 */
export class OnceLedger {
	private readonly store = new NodeStore();

	/** What is being done about entries, by key. */
	private readonly busy = new Map<string, Promise<void>>();

	/** The points of those that are added, but still have their `open`. */
	private readonly added = new Map<string, number>();

	private readonly claims: Claim[] = [];

	private isClaiming = false;

	/** When the points of those were sent, in ms since 1970, that are on their way or unclear. */
	private readonly sentAts = new Map<string, number>();

	/** Those that were looked for in the history lately, and when, by time that passes. */
	private readonly lookedFor = new Map<string, number>();

	/** The claimed ones whose points have not been sent yet. */
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
		const points = this.added.get(entry.key);
		if (points !== undefined) return points === entry.points ? 'added' : 'otherPoints';
		return await new Promise((resolve, reject) => {
			this.claims.push({ entry, waitingSince: performance.now(), overwritten: 0, resolve, reject });
			void this.claimAll();
		});
	}

	/**
	 * @param entry one that was claimed, and whose points are on their way now
	 * @param sentAt when they were sent, in ms since 1970 by this machine's clock
	 */
	sent({ key }: OnceEntry, sentAt: number): void {
		this.ahead.delete(key);
		this.sentAts.set(key, sentAt);
	}

	/**
	 * @param entry one that is open
	 * @returns when its points were sent, if it was by this process
	 */
	sentAt({ key }: OnceEntry): number | undefined {
		return this.sentAts.get(key);
	}

	/** @param entry one that was claimed just now, and whose points are there */
	close(entry: OnceEntry): void {
		this.settle(entry, { stays: addedMarks(entry), goes: asked(entry) });
	}

	/** @param entry one that was unclear, and whose points are there */
	closeUnclear(entry: OnceEntry): void {
		this.settle(entry, { stays: addedMarks(entry), goes: openMarks(entry.key) });
	}

	/**
	 * @param entry one that was claimed, and whose points were certainly not added
	 * @throws what n8n throws when its database cannot be used; it stays claimed then
	 */
	async release(entry: OnceEntry): Promise<void> {
		this.sentAts.delete(entry.key);
		await this.store.remove(claimMarks(entry), entry.access);
	}

	/**
	 * Lets it not look as if an entry had been claimed with these points.
	 *
	 * @param entry one that was claimed with other points
	 * @throws what n8n throws when its database cannot be used
	 */
	async forgetPoints({ key, points, access }: OnceEntry): Promise<void> {
		await this.store.remove([marksOf.withPoints(key, points)], access);
	}

	/**
	 * @param entry one that was claimed with other points, which are there now
	 * @throws what n8n throws when its database cannot be used
	 */
	async closeWithOtherPoints(entry: OnceEntry): Promise<void> {
		const { key, points, access } = entry;
		await this.store.remove([...openMarks(key), marksOf.withPoints(key, points)], access);
	}

	/**
	 * Asks for what the claim has left, without leaving the same: there are two such marks, and one of them alone
	 * was left by somebody who asked, and was cut off by a crash.
	 *
	 * @param entry one that was claimed before
	 * @returns whether the reason certainly held the value that went out with its points, if they did
	 * @throws what n8n throws when its database cannot be used
	 */
	async wasInReason({ key, isInReason, access }: OnceEntry): Promise<boolean> {
		if (!isInReason) return false;
		const asked: string[] = [];
		for (const mark of notInReasonMarks(key)) {
			asked.push(mark);
			const wasThere = (await this.store.ask([mark], access)).has(mark);
			if (wasThere) continue;
			await this.store.remove(asked, access);
			return true;
		}
		return false;
	}

	/**
	 * Claims the right to send the points of an unclear entry once more.
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
	 * @param access how the store is used
	 * @returns how many values are remembered, about
	 * @throws what n8n throws when its database cannot be used
	 */
	async count(access: StoreAccess): Promise<number> {
		return Math.floor((await this.store.count(access)) / MARKS_OF_ADDED);
	}

	/** @returns once nothing that is added is left `open`, as far as n8n's database can be used */
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
			if (this.added.size > MAX_ADDED) {
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
		const { key, points } = entry;
		const { claimed, open, withPoints } = marksOf;
		this.ahead.delete(key);
		const isSame = there.has(withPoints(key, points));
		const isAdded = there.has(claimed(key)) && !there.has(open(key));
		if (!isAdded) {
			resolve(isSame ? 'open' : 'openWithOtherPoints');
		} else if (isSame) {
			this.settle(entry, { stays: [], goes: asked(entry) });
			resolve('added');
		} else {
			// It must not look as if it had been added with these.
			const goes = [...asked(entry), withPoints(key, points)];
			this.store
				.remove(goes, entry.access)
				.catch(() => {})
				.finally(() => resolve('otherPoints'));
		}
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
		{ key, points, access }: OnceEntry,
		change: { stays: string[]; goes: string[] },
	): void {
		this.added.set(key, points);
		this.sentAts.delete(key);
		this.store
			.changeSoon(change, access)
			.catch(() => {})
			.finally(() => this.added.delete(key));
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
 * @returns how many marks the store has to keep for that, also while others are on their way
 */
export function maxMarks(historySize: number): number {
	return MARKS_OF_ADDED * historySize + MARKS_ON_THEIR_WAY;
}

/** More than a few workers can have: what is claimed, and what is added and has marks that are to go. */
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

/** Those that stay of an entry whose points were added. */
const MARKS_OF_ADDED = 2;

const marksOf = {
	claimed: (key: string) => JSON.stringify(['claimed', key]),
	withPoints: (key: string, points: number) => JSON.stringify(['points', key, points]),
	open: (key: string) => JSON.stringify(['open', key]),
	/** That the reason of the points that were sent does not hold the value; there are two of these. */
	notInReason: (key: string, nth: 1 | 2) => JSON.stringify(['notInReason', key, nth]),
	/** That the points were sent once more, for which time. */
	again: (key: string, nth: number) => JSON.stringify(['again', key, nth]),
};

/** The oldest are forgotten first, so that `claimed` never stays behind without `open`. */
function claimMarks(entry: Pick<OnceEntry, 'key' | 'points' | 'isInReason'>): string[] {
	const { key, points } = entry;
	const notInReason = entry.isInReason ? [] : notInReasonMarks(key);
	return [marksOf.claimed(key), marksOf.open(key), marksOf.withPoints(key, points), ...notInReason];
}

function addedMarks({ key, points }: OnceEntry): string[] {
	return [marksOf.claimed(key), marksOf.withPoints(key, points)];
}

/** Those that asking for an entry brings about that is added. */
function asked({ key, isInReason }: OnceEntry): string[] {
	return isInReason ? [marksOf.open(key)] : openMarks(key);
}

/** Those that an entry has only as long as it is not known to be added. */
function openMarks(key: string): string[] {
	return [marksOf.open(key), ...notInReasonMarks(key)];
}

function notInReasonMarks(key: string): string[] {
	return [marksOf.notInReason(key, 1), marksOf.notInReason(key, 2)];
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
