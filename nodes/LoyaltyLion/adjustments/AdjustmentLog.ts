import { untilAborted } from '../shared/time';
import type { Account, Part } from '../transport/accounts';
import {
	merged,
	type Adjustment,
	type KnownAdjustment,
	type Sending,
	type SentAdjustment,
} from './Adjustment';
import type { Kind } from './Kind';

/** How long it is remembered what other executions have given, in ms. */
const KEEP_MS = 10 * 60 * 1000;

/** The same where an adjustment like it was unclear: a retry may look for that one much later. */
const KEEP_UNCLEAR_MS = 24 * 60 * 60 * 1000;

/**
 * What is known of the adjustments of one kind that this process made with one credential, so that a row in a customer's
 * history that belongs to one of them, or may do so, is not taken for that of another.
 *
 * They count as alike when the history need not tell them apart. While the history is checked for some, none
 * like them is sent, in this run or any other.
 */
export class AdjustmentLog<Of extends Adjustment> implements Part {
	/** Those that are alike under one key; the keys in the order of their last adjustment. */
	private readonly adjustments = new Map<string, AlikeAdjustments<Of>>();

	private readonly sending = new Map<string, Set<Promise<unknown>>>();

	private readonly checking = new Map<string, Map<Sending, Promise<unknown>>>();

	/** @param kind theirs */
	constructor(private readonly kind: Pick<Kind<Of>, 'alikeKey'>) {}

	/** @returns whether nothing is kept, or under way, that could matter to a check */
	get isIdle(): boolean {
		this.forgetOld();
		return this.adjustments.size + this.sending.size + this.checking.size === 0;
	}

	/** @param adjustment an adjustment that has arrived or may have, or of which more is known now */
	note(adjustment: KnownAdjustment<Of>): void {
		const known = this.find(adjustment);
		this.replace(known ? merged(known, adjustment) : adjustment);
	}

	/** @param adjustment an adjustment of which exactly this is known now, even if that is less than before */
	replace(adjustment: KnownAdjustment<Of>): void {
		const key = this.kind.alikeKey(adjustment);
		const now = performance.now();
		const alike: AlikeAdjustments<Of> = this.adjustments.get(key) ?? {
			bySentAt: new Map(),
			notedAt: now,
			unclearAt: -Infinity,
		};
		if (!isKept(alike, now)) forgetOldest(alike.bySentAt, now);
		alike.bySentAt.delete(adjustment.sentAt);
		alike.bySentAt.set(adjustment.sentAt, { adjustment, notedAt: now });
		alike.notedAt = now;
		if (!adjustment.hasArrived || adjustment.secondSend) alike.unclearAt = now;
		this.adjustments.delete(key);
		this.adjustments.set(key, alike);
		this.forgetOld();
	}

	/**
	 * @param adjustment any adjustment
	 * @returns those that are like it, itself left out if it is there
	 */
	alike(adjustment: SentAdjustment<Of>): KnownAdjustment<Of>[] {
		const alike = this.adjustments.get(this.kind.alikeKey(adjustment))?.bySentAt.values() ?? [];
		return [...alike]
			.map((noted) => noted.adjustment)
			.filter(({ sentAt }) => sentAt !== adjustment.sentAt);
	}

	/**
	 * @param adjustment any adjustment
	 * @returns what is known of that one
	 */
	find(adjustment: SentAdjustment<Of>): KnownAdjustment<Of> | undefined {
		return this.adjustments.get(this.kind.alikeKey(adjustment))?.bySentAt.get(adjustment.sentAt)
			?.adjustment;
	}

	/**
	 * @param adjustment any adjustment
	 * @returns whether the history is being checked for it
	 */
	isChecking(adjustment: SentAdjustment<Of>): boolean {
		const checked = this.checking.get(this.kind.alikeKey(adjustment))?.keys() ?? [];
		return [...checked].some(({ sentAt }) => sentAt === adjustment.sentAt);
	}

	/**
	 * Does what sends an adjustment, while no check for one like it is under way.
	 *
	 * @param adjustment which one
	 * @param signal ends the wait for such checks; it must keep `send` from sending, too
	 * @param send sends it
	 * @returns what `send` returns
	 * @throws what `send` throws
	 */
	async whileSending<Result>(
		adjustment: Of,
		signal: AbortSignal | undefined,
		send: () => Promise<Result>,
	): Promise<Result> {
		const key = this.kind.alikeKey(adjustment);
		for (let checks = this.checking.get(key); checks; checks = this.checking.get(key)) {
			if (signal?.aborted) break;
			await untilAborted(Promise.allSettled(checks.values()), signal).catch(() => {});
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
	 * Does what checks the history for an adjustment, once all like it that are on their way have come to an end.
	 * Several such checks go on side by side: whichever finds a row first notes it as its own.
	 *
	 * @param adjustment which one
	 * @param signal ends the wait for those; it must keep `check` from checking, too
	 * @param check checks it
	 * @returns what `check` returns
	 * @throws what `check` throws
	 */
	async whileChecking<Result>(
		adjustment: SentAdjustment<Of>,
		signal: AbortSignal | undefined,
		check: () => Promise<Result>,
	): Promise<Result> {
		const key = this.kind.alikeKey(adjustment);
		const onTheirWay = Promise.allSettled(this.sending.get(key) ?? []);
		const checked = untilAborted(onTheirWay, signal)
			.catch(() => {})
			.then(check);
		const others = this.checking.get(key) ?? new Map<Sending, Promise<unknown>>();
		this.checking.set(key, others.set(adjustment, checked));
		try {
			return await checked;
		} finally {
			others.delete(adjustment);
			if (others.size === 0) this.checking.delete(key);
		}
	}

	private forgetOld(): void {
		const now = performance.now();
		for (const [key, alike] of this.adjustments) {
			if (isRecent(alike, now)) return;
			if (!isKept(alike, now)) this.adjustments.delete(key);
		}
	}
}

/**
 * Finds what is known of the adjustments of one kind made with a credential.
 *
 * @param kind theirs
 * @param account what all share who use it
 * @returns the same for the same kind and account
 */
export function logOf<Of extends Adjustment>(kind: Kind<Of>, account: Account): AdjustmentLog<Of> {
	const logs = LOGS.get(kind) ?? new WeakMap<Account, unknown>();
	LOGS.set(kind, logs);
	const known = logs.get(account);
	if (known) return known as AdjustmentLog<Of>;
	const log = new AdjustmentLog(kind);
	account.parts.push(log);
	logs.set(account, log);
	return log;
}

/** Those of a kind are all of its own type. */
const LOGS = new WeakMap<object, WeakMap<Account, unknown>>();

/** All by time that passes, as the clock may be set meanwhile. */
interface AlikeAdjustments<Of extends Adjustment> {
	/** By the time they were sent, in the order in which they were noted. */
	bySentAt: Map<number, { adjustment: KnownAdjustment<Of>; notedAt: number }>;
	notedAt: number;
	/** When one of them was last noted that is not simply there once. */
	unclearAt: number;
}

function forgetOldest(bySentAt: Map<number, { notedAt: number }>, now: number): void {
	for (const [sentAt, noted] of bySentAt) {
		if (isRecent(noted, now)) return;
		bySentAt.delete(sentAt);
	}
}

function isRecent({ notedAt }: { notedAt: number }, now: number): boolean {
	return now - notedAt < KEEP_MS;
}

function isKept({ unclearAt }: { unclearAt: number }, now: number): boolean {
	return now - unclearAt < KEEP_UNCLEAR_MS;
}
