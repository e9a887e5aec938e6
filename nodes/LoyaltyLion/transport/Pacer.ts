import { pause } from '../shared/time';
import { CANCELED } from './Patience';
import { Places, type Use } from './Places';

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

/** The highest Requests per Second there can be. */
export const MAX_REQUESTS_PER_SECOND = 1000;

/**
 * Keeps the requests that go out with one credential below LoyaltyLion's limit, over all executions in
 * this process. When the next one may go out, {@link Places} knows, which also tells how the limit is shared
 * with other processes and programs; whose turn it is then is decided here: runs take turns, whatever their
 * size, and of each run the first item goes first, so that what was refused goes out before what is newer.
 */
export class Pacer {
	private readonly places = new Places();

	private readonly waiting = new Map<object, Turn[]>();

	private isHandingOut = false;

	/** Wakes what hands out the turns from its pause. */
	private wake = new AbortController();

	/** @returns whether nobody waits, and nothing that went out can count any more */
	get isIdle(): boolean {
		return this.waiting.size === 0 && this.places.isIdle(performance.now());
	}

	/** @returns whether all have to wait because LoyaltyLion takes nothing */
	get isPaused(): boolean {
		return this.places.isPaused(performance.now());
	}

	/**
	 * Waits until a request may go out, which it then has to.
	 *
	 * @param waiter which request
	 * @returns what stands for it when its answer has come
	 * @throws {ItemFailure} `not_sent` when its signal aborts before its turn
	 */
	async turn(waiter: Waiter): Promise<Use> {
		if (waiter.signal?.aborted) throw CANCELED;
		const now = performance.now();
		const limit = limitOf(waiter);
		if (this.waiting.size === 0 && this.places.soonest(now, limit) <= now) {
			return this.places.use(now, limit);
		}
		return await new Promise((resolve, reject) => this.queue(waiter, resolve, reject));
	}

	/**
	 * Takes note that LoyaltyLion took a request, whatever it made of it.
	 *
	 * @param use what its turn brought
	 */
	taken(use: Use): void {
		this.places.taken(use, performance.now());
		this.wake.abort();
	}

	/**
	 * Takes note that LoyaltyLion refused a request because there were too many.
	 *
	 * @param use what its turn brought
	 * @param waitMs how long LoyaltyLion wants everybody to wait, if it said so
	 */
	refused(use: Use, waitMs: number | undefined): void {
		this.places.refused(use, performance.now(), waitMs);
		this.wake.abort();
	}

	private queue(waiter: Waiter, resolve: (use: Use) => void, reject: (why: Error) => void): void {
		const leaveEarly = () => {
			this.leave(turn);
			reject(CANCELED);
		};
		const go = (use: Use) => {
			waiter.signal?.removeEventListener('abort', leaveEarly);
			this.leave(turn);
			resolve(use);
		};
		const turn: Turn = { ...waiter, go };
		waiter.signal?.addEventListener('abort', leaveEarly, { once: true });
		const turns = this.waiting.get(waiter.run);
		if (turns) insert(turns, turn);
		else this.waiting.set(waiter.run, [turn]);
		this.wake.abort();
		if (!this.isHandingOut) void this.handOut();
	}

	private leave(turn: Turn): void {
		const turns = this.waiting.get(turn.run) ?? [];
		turns.splice(turns.indexOf(turn), 1);
		this.waiting.delete(turn.run);
		// At the end, so that the other runs have their turns first.
		if (turns.length > 0) this.waiting.set(turn.run, turns);
		else this.wake.abort();
	}

	private async handOut(): Promise<void> {
		this.isHandingOut = true;
		while (this.waiting.size > 0) {
			const [soonest, at] = this.soonest();
			const now = performance.now();
			if (at > now) {
				this.wake = new AbortController();
				await pause(at - now, this.wake.signal);
			} else {
				soonest.go(this.places.use(now, limitOf(soonest)));
			}
		}
		this.isHandingOut = false;
	}

	/** Of each run the first in its queue; of these the one that may go first. */
	private soonest(): [Turn, number] {
		const turns = [...this.waiting.values()].flatMap((queue) => queue.slice(0, 1));
		const now = performance.now();
		const times = turns.map((turn): [Turn, number] => [
			turn,
			this.places.soonest(now, limitOf(turn)),
		]);
		return times.reduce((first, next) => (next[1] < first[1] ? next : first));
	}
}

interface Turn extends Waiter {
	go(use: Use): void;
}

function insert(turns: Turn[], turn: Turn): void {
	const index = turns.findIndex(({ place }) => place > turn.place);
	turns.splice(index < 0 ? turns.length : index, 0, turn);
}

function limitOf({ requestsPerSecond }: Waiter): number {
	return requestsPerSecond === 0 ? Infinity : requestsPerSecond;
}
