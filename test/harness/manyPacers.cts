import { Places, type Use } from '../../nodes/LoyaltyLion/transport/Places.ts';

/** A limit as a server keeps it: lets a request that arrives be taken, or refuses it. */
export interface Limit {
	/** How many a second. */
	requestsPerSecond: number;
	/** @param now when it arrives, in ms */
	take(now: number): boolean;
	/** What a refusal asks to wait. */
	retryAfterMs?: number;
}

/** One process that sends as many requests as its limit allows, and knows of no other. */
export interface Worker {
	/** How many it has to get through; without end if not given. */
	items?: number;
	requestsPerSecond?: number;
	/** When it begins. */
	from?: number;
	/** When it leaves, whatever is left. */
	until?: number;
}

/** What became of a worker. */
export interface Fate {
	/** When each of its requests was taken, in ms. */
	takenAt: number[];
	refused: number;
	/** When its last item was answered. */
	doneAt: number;
}

/** A busy machine stands still once in so long, before half of it is over. */
const STALL_EVERY_MS = 500;

/** How long a request is on its way out of such a machine. */
const OUT_MS = 5;

/** How many requests one worker has on their way at the most. */
const AT_ONCE = 32;

/**
 * Plays through how workers share a limit, with the node's own rule, in a time that passes at once.
 *
 * @param latencyMs of each request, there and back again, a tenth more or less
 * @param seed the same one gives the same course
 * @param endMs when it ends at the latest
 * @param stallMs for how long each worker's machine stands still once in half a second, at the most
 * @param steady how many requests a second another program sends, evenly, and never again
 * @param events what happens to the limit, and when
 */
export function simulate({
	limit,
	workers,
	latencyMs,
	seed,
	endMs = Infinity,
	stallMs = 0,
	steady = 0,
	events = [],
}: {
	limit: Limit;
	workers: Worker[];
	latencyMs: number;
	seed: number;
	endMs?: number;
	stallMs?: number;
	steady?: number;
	events?: { at: number; happens: (limit: Limit) => void }[];
}): { fates: Fate[]; others: { taken: number; refused: number }; ms: number } {
	const random = randomFrom(seed);
	const agenda = new Agenda();
	const leg = () => (latencyMs / 2) * (0.9 + 0.2 * random());
	const others = { taken: 0, refused: 0 };
	const fates = workers.map((worker) => begin(worker, { agenda, limit, leg, random, stallMs }));

	const sendSteadily = () => {
		agenda.add(agenda.now + leg(), () => {
			others[limit.take(agenda.now) ? 'taken' : 'refused']++;
		});
		agenda.add(agenda.now + 1000 / steady, sendSteadily);
	};
	if (steady > 0) agenda.add(0, sendSteadily);
	for (const { at, happens } of events) agenda.add(at, () => happens(limit));

	const isUnderWay = () => fates.some(({ doneAt }) => doneAt === Infinity);
	while (isUnderWay() && agenda.next(endMs));
	return { fates, others, ms: isUnderWay() ? endMs : agenda.now };
}

interface World {
	agenda: Agenda;
	limit: Limit;
	leg: () => number;
	random: () => number;
	stallMs: number;
}

function begin(
	{ items = Infinity, requestsPerSecond = 20, from = 0, until = Infinity }: Worker,
	{ agenda, limit, leg, random, stallMs }: World,
): Fate {
	const places = new Places(random);
	const awake = stalls(random, stallMs);
	const outMs = stallMs === 0 ? 0 : OUT_MS;
	const fate: Fate = { takenAt: [], refused: 0, doneAt: Infinity };
	let [underWay, planned] = [0, 0];

	const answered = (use: Use, isTaken: boolean) => {
		underWay--;
		if (isTaken) places.taken(use, agenda.now);
		else places.refused(use, agenda.now, limit.retryAfterMs);
		if (fate.takenAt.length >= items && underWay === 0) fate.doneAt = agenda.now;
		else plan();
	};
	const send = () => {
		const use = places.use(agenda.now, requestsPerSecond);
		underWay++;
		agenda.add(awake(agenda.now + outMs) + leg(), () => {
			const isTaken = limit.take(agenda.now);
			if (isTaken) fate.takenAt.push(agenda.now);
			else fate.refused++;
			agenda.add(awake(agenda.now + leg()), () => answered(use, isTaken));
		});
	};
	const wake = (plan_: number) => {
		if (plan_ !== planned) return;
		if (agenda.now >= until) {
			fate.doneAt = Math.min(fate.doneAt, agenda.now);
			return;
		}
		if (places.soonest(agenda.now, requestsPerSecond) <= agenda.now) send();
		plan();
	};
	/** A timer is late by a little. */
	const plan = () => {
		const number = ++planned;
		if (underWay >= Math.min(AT_ONCE, items - fate.takenAt.length)) return;
		const at = places.soonest(agenda.now, requestsPerSecond);
		const late = at > agenda.now ? 1.2 * random() : 0;
		agenda.add(awake(Math.min(at + late, Math.max(until, agenda.now))), () => wake(number));
	};
	agenda.add(from, plan);
	return fate;
}

/** When what is to happen at a time happens, as the machine stands still now and then. */
function stalls(random: () => number, stallMs: number): (at: number) => number {
	if (stallMs === 0) return (at) => at;
	const ends: { from: number; to: number }[] = [];
	return (at) => {
		const index = Math.floor(at / STALL_EVERY_MS);
		while (ends.length <= index) {
			const from = (ends.length + random() / 2) * STALL_EVERY_MS;
			ends.push({ from, to: from + stallMs * random() ** 2 });
		}
		const stall = ends[index];
		return stall && at >= stall.from ? Math.max(at, stall.to) : at;
	};
}

/** What is to happen, and when. */
class Agenda {
	now = 0;

	/** A heap: each before the two at twice its index. */
	readonly #entries: { at: number; happens: () => void }[] = [];

	add(at: number, happens: () => void) {
		const entries = this.#entries;
		let index = entries.length;
		entries.push({ at, happens });
		while (index > 0) {
			const above = (index - 1) >> 1;
			if (this.#at(above) <= at) break;
			this.#swap(index, above);
			index = above;
		}
	}

	/** @returns whether there was anything to happen before a time */
	next(end: number): boolean {
		const entries = this.#entries;
		const [first] = entries;
		const last = entries.pop();
		if (!first || !last || first.at > end) return false;
		if (first !== last) {
			entries[0] = last;
			this.#sink();
		}
		this.now = first.at;
		first.happens();
		return true;
	}

	#sink() {
		for (let index = 0; ; ) {
			const [left, right] = [2 * index + 1, 2 * index + 2];
			const least = this.#at(right) < this.#at(left) ? right : left;
			if (this.#at(least) >= this.#at(index)) return;
			this.#swap(index, least);
			index = least;
		}
	}

	#at(index: number) {
		return this.#entries[index]?.at ?? Infinity;
	}

	#swap(one: number, other: number) {
		const [first, second] = [this.#entries[one], this.#entries[other]];
		if (!first || !second) return;
		this.#entries[one] = second;
		this.#entries[other] = first;
	}
}

/** No second may hold more; with `counting`, refused ones count as well. */
export function slidingWindow(requestsPerSecond: number, counting = false): Limit {
	let times: number[] = [];
	return {
		requestsPerSecond,
		take(now) {
			times = times.filter((time) => time > now - 1000);
			const isTaken = times.length < this.requestsPerSecond;
			if (isTaken || counting) times.push(now);
			return isTaken;
		},
	};
}

/** Each second by the clock may hold so many. */
export function fixedWindow(requestsPerSecond: number): Limit {
	let [second, count] = [-1, 0];
	return {
		requestsPerSecond,
		take(now) {
			if (Math.floor(now / 1000) > second) [second, count] = [Math.floor(now / 1000), 0];
			return count++ < this.requestsPerSecond;
		},
	};
}

/** A bucket that holds so many, and fills up evenly. */
export function bucket(requestsPerSecond: number, size: number): Limit {
	let [level, at] = [size, 0];
	return {
		requestsPerSecond,
		take(now) {
			level = Math.min(size, level + ((now - at) * this.requestsPerSecond) / 1000);
			at = now;
			if (level < 1) return false;
			level--;
			return true;
		},
	};
}

/** The same limit, whose refusals ask everybody to wait. */
export function askingToWait(limit: Limit, retryAfterMs: number): Limit {
	return Object.assign(limit, { retryAfterMs });
}

/** Numbers from 0 to 1 that look random (mulberry32). */
function randomFrom(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
