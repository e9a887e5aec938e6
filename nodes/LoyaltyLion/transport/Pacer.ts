import { pause } from '../shared/time';

/** Whose turn it is to be: the requests of one run of a node wait together. */
export interface Waiter {
	/** The run that the request belongs to; any object that stands for it. */
	run: object;
	/** The request's place within its run: the lowest goes first. */
	place: number;
	/** How many requests any second may hold; 0 for as many as there are. */
	requestsPerSecond: number;
	/** Ends the wait. */
	signal: AbortSignal | undefined;
}

/**
 * A little more than LoyaltyLion's second, as requests travel for different lengths of time: what left a
 * second apart can arrive a little less than that apart.
 */
const WINDOW_MS = 1020;

/** The highest Requests per Second there can be, and so the number of starts that have to be known. */
export const MAX_REQUESTS_PER_SECOND = 1000;

/** How many times as fast as evenly spread the requests of one second follow each other. */
const BURST = 4;

/** Waits after LoyaltyLion said that it is too much, doubled each time it says so again. */
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 30_000;

/** By how much the next request may follow the sooner because a timer was late. */
const CATCH_UP_MS = 4;

/** How long ago a refusal is still taken as a sign that others share the limit. */
const SHARED_LIMIT_MS = 10_000;

/** How much slower it gets with each further refusal, and how much faster again with each answer. */
const SLOWER = 1.25;
const FASTER = 0.99;
const SLOWEST = 20;

/**
 * Keeps the requests that go out with one credential below LoyaltyLion's limit, over all executions in
 * this process: 20 requests in a second, whichever second that is (Admin API, Introduction).
 *
 * The first requests of a second go out one shortly after another, and the next ones a second after
 * those: spread evenly, the last answer would come in later. Runs take turns, whatever their size.
 *
 * What other processes and programs send it cannot know. It learns of them when LoyaltyLion refuses, and
 * slows down until what all of them send fits.
 */
export class Pacer {
	/** When the last requests went out, oldest first. */
	private starts: Start[] = [];

	private readonly waiting = new Map<object, Turn[]>();

	private isHandingOut = false;

	/** Wakes what hands out the turns from its pause. */
	private wake = new AbortController();

	private pausedUntil = 0;

	private pausedAt = -Infinity;

	/** Refusals since the last request that was taken. */
	private refusals = 0;

	/** How many times longer than a second it spreads the requests of one. */
	private slowness = 1;

	/** @returns whether nobody waits, and nothing that went out can count any more */
	get isIdle(): boolean {
		const lastStart = this.starts.at(-1)?.at ?? -Infinity;
		const last = Math.max(lastStart, this.pausedUntil, this.pausedAt);
		return this.waiting.size === 0 && performance.now() > last + SHARED_LIMIT_MS;
	}

	/** @returns whether all have to wait because LoyaltyLion said so */
	get isPaused(): boolean {
		return performance.now() < this.pausedUntil;
	}

	/**
	 * Waits until a request may go out.
	 *
	 * @param waiter which request
	 * @returns when its turn is, by `performance.now()`, or when its signal has aborted
	 */
	async turn(waiter: Waiter): Promise<number> {
		const mustWait = waiter.requestsPerSecond > 0 || this.isPaused;
		if (mustWait && !waiter.signal?.aborted) {
			return await new Promise((resolve) => this.queue(waiter, resolve));
		}
		return performance.now();
	}

	/** Takes note that LoyaltyLion took a request, whatever it made of it. */
	taken(): void {
		this.refusals = 0;
		this.slowness = Math.max(1, this.slowness * FASTER);
	}

	/**
	 * Takes note that LoyaltyLion refused a request because there were too many: all wait now.
	 *
	 * @param startedAt when its turn was
	 * @param waitMs how long LoyaltyLion wants everybody to wait, if it said so
	 */
	refused(startedAt: number, waitMs: number | undefined): void {
		const now = performance.now();
		this.starts = this.starts.filter(({ at }) => at !== startedAt);
		// Of the requests that were on their way at the time, each is refused: that is one refusal, not many.
		if (startedAt >= this.pausedAt) {
			if (now - this.pausedAt < SHARED_LIMIT_MS) {
				this.slowness = Math.min(this.slowness * SLOWER, SLOWEST);
			}
			this.refusals++;
			this.pausedAt = now;
		}
		const until = Math.max(this.pausedAt + this.backoff(), now + (waitMs ?? 0));
		this.pausedUntil = Math.max(this.pausedUntil, until);
	}

	private backoff(): number {
		const wait = Math.min(FIRST_PAUSE_MS * 2 ** (this.refusals - 1), MAX_PAUSE_MS);
		return wait * (0.5 + Math.random() / 2);
	}

	private queue(waiter: Waiter, resolve: (at: number) => void): void {
		const turn: Turn = { ...waiter, go: (at) => this.leave(turn, () => resolve(at), leaveEarly) };
		const leaveEarly = () => turn.go(performance.now());
		waiter.signal?.addEventListener('abort', leaveEarly, { once: true });
		const turns = this.waiting.get(waiter.run);
		if (turns) insert(turns, turn);
		else this.waiting.set(waiter.run, [turn]);
		this.wake.abort();
		if (!this.isHandingOut) void this.handOut();
	}

	private leave(turn: Turn, resolve: () => void, leaveEarly: () => void): void {
		turn.signal?.removeEventListener('abort', leaveEarly);
		const turns = this.waiting.get(turn.run) ?? [];
		turns.splice(turns.indexOf(turn), 1);
		this.waiting.delete(turn.run);
		// At the end, so that the other runs have their turns first.
		if (turns.length > 0) this.waiting.set(turn.run, turns);
		else this.wake.abort();
		resolve();
	}

	private async handOut(): Promise<void> {
		this.isHandingOut = true;
		while (this.waiting.size > 0) {
			const [soonest, at] = this.soonest();
			const wait = at - performance.now();
			if (wait > 0) {
				this.wake = new AbortController();
				await pause(wait, this.wake.signal);
			} else {
				this.start(soonest);
			}
		}
		this.isHandingOut = false;
	}

	/** Of each run the first in its queue; of these the one that may go first. */
	private soonest(): [Turn, number] {
		const turns = [...this.waiting.values()].flatMap((queue) => queue.slice(0, 1));
		const now = performance.now();
		const times = turns.map((turn): [Turn, number] => [turn, Math.max(now, this.earliest(turn))]);
		return times.reduce((first, next) => (next[1] < first[1] ? next : first));
	}

	private earliest({ requestsPerSecond }: Turn): number {
		if (requestsPerSecond === 0) return this.pausedUntil;
		const before = this.lastStart(requestsPerSecond, requestsPerSecond);
		const window = (before?.at ?? -Infinity) + WINDOW_MS * this.slowness;
		return Math.max(this.pausedUntil, window, this.nextSlot(requestsPerSecond));
	}

	private nextSlot(requestsPerSecond: number): number {
		const gap = 1000 / requestsPerSecond / BURST;
		return (this.lastStart(1, requestsPerSecond)?.slot ?? -Infinity) + gap;
	}

	/**
	 * The last start but so many. Those of faster runs do not count: beside one, a slower run would never
	 * have its turn.
	 */
	private lastStart(nth: number, requestsPerSecond: number): Start | undefined {
		let left = nth;
		for (let index = this.starts.length - 1; index >= 0; index--) {
			const start = this.starts[index];
			if (start && start.requestsPerSecond <= requestsPerSecond && --left === 0) return start;
		}
		return undefined;
	}

	private start(turn: Turn): void {
		const now = performance.now();
		const { requestsPerSecond } = turn;
		if (requestsPerSecond > 0) {
			const slot = Math.max(this.nextSlot(requestsPerSecond), now - CATCH_UP_MS);
			this.starts.push({ at: now, slot, requestsPerSecond });
			if (this.starts.length > 2 * MAX_REQUESTS_PER_SECOND) {
				this.starts = this.starts.slice(-MAX_REQUESTS_PER_SECOND);
			}
		}
		turn.go(now);
	}
}

/** A request that went out. */
interface Start {
	at: number;
	/** When it was due. */
	slot: number;
	/** Its run's. */
	requestsPerSecond: number;
}

interface Turn extends Waiter {
	go(at: number): void;
}

function insert(turns: Turn[], turn: Turn): void {
	const index = turns.findIndex(({ place }) => place > turn.place);
	turns.splice(index < 0 ? turns.length : index, 0, turn);
}
