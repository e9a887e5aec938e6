import { untilAborted } from '../shared/untilAborted';
import { alikeKey, type Alike } from './alike';
import { merged, type KnownAward, type SentAward } from './SentAward';

/** How long it is remembered what other executions have awarded, in ms. */
const KEEP_MS = 10 * 60 * 1000;

/** The same where an award like it was unclear: a retry may look for that one much later. */
const KEEP_UNCLEAR_MS = 24 * 60 * 60 * 1000;

/**
 * What is known of the awards that this process made with one credential, so that a row in a customer's
 * history that belongs to one of them, or may do so, is not taken for that of another.
 *
 * Awards count as alike when customer and points are the same: the history need not tell their reasons
 * apart. While the history is checked for some, none like them is sent, in this run or any other.
 */
export class AwardLog {
	/** Those that are alike under one key; the keys in the order of their last award. */
	private readonly awards = new Map<string, AlikeAwards>();

	private readonly sending = new Map<string, Set<Promise<unknown>>>();

	private readonly checking = new Map<string, Map<SentAward, Promise<unknown>>>();

	/** @returns whether nothing is kept, or under way, that could matter to a check */
	get isIdle(): boolean {
		this.forgetOld();
		return this.awards.size + this.sending.size + this.checking.size === 0;
	}

	/** @param award an award that has arrived or may have, or of which more is known now */
	note(award: KnownAward): void {
		const known = this.find(award);
		this.replace(known ? merged(known, award) : award);
	}

	/** @param award an award of which exactly this is known now, even if that is less than before */
	replace(award: KnownAward): void {
		const key = alikeKey(award);
		const now = performance.now();
		const alike = this.awards.get(key) ?? {
			bySentAt: new Map(),
			notedAt: now,
			unclearAt: -Infinity,
		};
		if (!isKept(alike, now)) forgetOldest(alike.bySentAt, now);
		alike.bySentAt.delete(award.sentAt);
		alike.bySentAt.set(award.sentAt, { award, notedAt: now });
		alike.notedAt = now;
		if (!award.hasArrived || award.secondSend) alike.unclearAt = now;
		this.awards.delete(key);
		this.awards.set(key, alike);
		this.forgetOld();
	}

	/**
	 * @param award any award
	 * @returns those that are like it, itself left out if it is there
	 */
	alike(award: Alike & Pick<SentAward, 'sentAt'>): KnownAward[] {
		const alike = this.awards.get(alikeKey(award))?.bySentAt.values() ?? [];
		return [...alike].map((noted) => noted.award).filter(({ sentAt }) => sentAt !== award.sentAt);
	}

	/**
	 * @param award any award
	 * @returns what is known of that one
	 */
	find(award: SentAward): KnownAward | undefined {
		return this.awards.get(alikeKey(award))?.bySentAt.get(award.sentAt)?.award;
	}

	/**
	 * @param award any award
	 * @returns whether the history is being checked for it
	 */
	isChecking(award: SentAward): boolean {
		const checked = this.checking.get(alikeKey(award))?.keys() ?? [];
		return [...checked].some(({ sentAt }) => sentAt === award.sentAt);
	}

	/**
	 * Does what sends an award, while no check for one like it is under way.
	 *
	 * @param award which one
	 * @param signal ends the wait for such checks; it must keep `send` from sending, too
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
	 * Does what checks the history for an award, once all like it that are on their way have come to an end.
	 * Several such checks go on side by side: whichever finds a row first notes it as its own.
	 *
	 * @param award which one
	 * @param signal ends the wait for those; it must keep `check` from checking, too
	 * @param check checks it
	 * @returns what `check` returns
	 * @throws what `check` throws
	 */
	async whileChecking<Result>(
		award: SentAward,
		signal: AbortSignal | undefined,
		check: () => Promise<Result>,
	): Promise<Result> {
		const key = alikeKey(award);
		const onTheirWay = Promise.allSettled(this.sending.get(key) ?? []);
		const checked = untilAborted(onTheirWay, signal)
			.catch(() => {})
			.then(check);
		const others = this.checking.get(key) ?? new Map<SentAward, Promise<unknown>>();
		this.checking.set(key, others.set(award, checked));
		try {
			return await checked;
		} finally {
			others.delete(award);
			if (others.size === 0) this.checking.delete(key);
		}
	}

	private forgetOld(): void {
		const now = performance.now();
		for (const [key, alike] of this.awards) {
			if (isRecent(alike, now)) return;
			if (!isKept(alike, now)) this.awards.delete(key);
		}
	}
}

/** All by time that passes, as the clock may be set meanwhile. */
interface AlikeAwards {
	/** By the time they were sent, in the order in which they were noted. */
	bySentAt: Map<number, { award: KnownAward; notedAt: number }>;
	notedAt: number;
	/** When one of them was last noted that is not simply there once. */
	unclearAt: number;
}

function forgetOldest(bySentAt: AlikeAwards['bySentAt'], now: number): void {
	for (const [sentAt, noted] of bySentAt) {
		if (isRecent(noted, now)) return;
		bySentAt.delete(sentAt);
	}
}

function isRecent({ notedAt }: { notedAt: number }, now: number): boolean {
	return now - notedAt < KEEP_MS;
}

function isKept({ unclearAt }: AlikeAwards, now: number): boolean {
	return now - unclearAt < KEEP_UNCLEAR_MS;
}
