import { untilAborted } from '../shared/untilAborted';
import { alikeKey, type Alike } from './alike';
import type { KnownAward, SentAward } from './SentAward';

/** How long it is remembered what other executions have awarded. */
const KEEP_MS = 10 * 60 * 1000;

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
		const key = alikeKey(award);
		const alike = this.awards.get(key) ?? { bySentAt: new Map(), lastNotedAt: 0 };
		for (const [sentAt, { notedAt }] of alike.bySentAt) {
			if (isRecent(notedAt)) break;
			alike.bySentAt.delete(sentAt);
		}
		const known = alike.bySentAt.get(award.sentAt);
		const notedAt = performance.now();
		alike.bySentAt.delete(award.sentAt);
		alike.bySentAt.set(award.sentAt, {
			award: known ? merged(known.award, award) : award,
			notedAt,
		});
		alike.lastNotedAt = notedAt;
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
		return [...alike].flatMap((each) => (each.award.sentAt === award.sentAt ? [] : each.award));
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
		for (const [key, { lastNotedAt }] of this.awards) {
			if (isRecent(lastNotedAt)) return;
			this.awards.delete(key);
		}
	}
}

interface AlikeAwards {
	/** By the time they were sent, in the order in which they were noted. */
	bySentAt: Map<number, Noted>;
	lastNotedAt: number;
}

/** Times that pass by `performance.now()`, as the clock may be set meanwhile. */
interface Noted {
	award: KnownAward;
	notedAt: number;
}

/** An older execution that is retried may know less of an award than a newer one has found out. */
function merged(known: KnownAward, award: KnownAward): KnownAward {
	const atLeast = Math.max(known.rows.atLeast, award.rows.atLeast);
	const atMost = Math.max(known.rows.atMost, award.rows.atMost);
	return { ...award, rows: { atLeast, atMost } };
}

function isRecent(notedAt: number): boolean {
	return notedAt > performance.now() - KEEP_MS;
}
