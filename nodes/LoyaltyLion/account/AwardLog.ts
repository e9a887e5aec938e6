import { untilAborted } from '../shared/untilAborted';
import { alikeKey, type Alike } from './alike';
import type { SentAward } from './SentAward';

/** How long it is remembered what other executions have awarded. */
const KEEP_MS = 10 * 60 * 1000;

/**
 * What is known of the awards that this process made with one credential, so that a row in a customer's
 * history that belongs to one of them is not taken for that of another.
 *
 * Awards count as alike when customer and points are the same: the history need not tell their reasons
 * apart. While the history is checked for one, none like it is sent, in this run or any other.
 */
export class AwardLog {
	/** Those that are alike under one key; the keys in the order of their last award. */
	private readonly awards = new Map<string, SentAward[]>();

	private readonly sending = new Map<string, Set<Promise<unknown>>>();

	private readonly checking = new Map<string, Promise<unknown>>();

	/** @returns whether nothing is kept, or under way, that could matter to a check */
	get isIdle(): boolean {
		this.forgetOld();
		return this.awards.size + this.sending.size + this.checking.size === 0;
	}

	/** @param award an award that LoyaltyLion has confirmed */
	add(award: SentAward): void {
		const key = alikeKey(award);
		const alike = this.alike(award);
		while (alike[0] && !isRecent(alike[0])) alike.shift();
		alike.push(award);
		this.awards.delete(key);
		this.awards.set(key, alike);
		this.forgetOld();
	}

	/**
	 * @param award any award
	 * @returns the confirmed ones that are like it
	 */
	alike(award: Alike): SentAward[] {
		return this.awards.get(alikeKey(award)) ?? [];
	}

	/**
	 * Does what sends an award, while no check for one like it is under way.
	 *
	 * @param award which one
	 * @param signal ends the wait for such a check; it must keep `send` from sending, too
	 * @param send sends it
	 * @returns what `send` returns
	 * @throws what `send` throws
	 */
	async whileSending<Result>(
		award: Alike,
		signal: AbortSignal | undefined,
		send: () => Promise<Result>,
	): Promise<Result> {
		const key = alikeKey(award);
		for (let check = this.checking.get(key); check; check = this.checking.get(key)) {
			if (signal?.aborted) break;
			await untilAborted(check, signal).catch(() => {});
		}
		const sent = send();
		const others = this.sending.get(key) ?? new Set();
		this.sending.set(key, others.add(sent));
		try {
			return await sent;
		} finally {
			others.delete(sent);
			if (others.size === 0) this.sending.delete(key);
		}
	}

	/**
	 * Does what checks the history for an award, once all like it that are on their way have come to an end.
	 *
	 * @param award which one
	 * @param signal ends the wait for those; it must keep `check` from checking, too
	 * @param check checks it
	 * @returns what `check` returns
	 * @throws what `check` throws
	 */
	async whileChecking<Result>(
		award: Alike,
		signal: AbortSignal | undefined,
		check: () => Promise<Result>,
	): Promise<Result> {
		const key = alikeKey(award);
		const before = [this.checking.get(key), ...(this.sending.get(key) ?? [])];
		const ended = untilAborted(Promise.allSettled(before), signal).catch(() => {});
		const checked = ended.then(check);
		const settled = checked.catch(() => {});
		this.checking.set(key, settled);
		try {
			return await checked;
		} finally {
			if (this.checking.get(key) === settled) this.checking.delete(key);
		}
	}

	private forgetOld(): void {
		for (const [key, alike] of this.awards) {
			const last = alike.at(-1);
			if (last && isRecent(last)) return;
			this.awards.delete(key);
		}
	}
}

function isRecent({ endedAt }: SentAward): boolean {
	return endedAt > Date.now() - KEEP_MS;
}
