import { OwnRequests, SECOND_MS, SURE_MS, type OwnRequest } from './OwnRequests';

/** A request that went out. */
export interface Use {
	/** Whether it used a place that was owned, took a new one unasked, or looked for room. */
	kind: 'again' | 'new' | 'probe';
	/** Its place, if LoyaltyLion takes it. */
	place: Place;
}

interface Place {
	/** Whether it is known to be taken; `gone` when it was given up, or another request has used it since. */
	state: 'owned' | 'tried' | 'gone';
	/** When there is room again. */
	dueAt: number;
	/** Its last request. */
	last: OwnRequest;
	/** How many requests any second may hold, as its last request had it. */
	limit: number;
}

/**
 * Tells when the next request may go out, so that all who share LoyaltyLion's limit get through, though none of
 * them knows of the others. The limit is 20 requests in a second, whichever second that is (Admin API,
 * Introduction). Nothing here waits or looks at a clock: who asks says what time it is, in ms.
 *
 * 1. A request that LoyaltyLion took is a *place* in time: a second later there is room for one again. Who took
 *    it owns the place and uses it again each second, a little late, as requests travel for different lengths
 *    of time. Nobody has more places than Requests per Second.
 * 2. As long as nothing is refused, new places are taken one shortly after another. Spread evenly over a
 *    second, the last answer would come in later.
 * 3. Once something was refused, others seem to share the limit. Now single extra requests, *probes*, look for
 *    room, one after another. When one is taken, its place is owned, and the next probe follows sooner; when one
 *    is refused, much later, as every probe that is taken from a place of others costs them a refusal. Who owns
 *    nothing looks often, so as not to starve; but less often after many refusals in a row, as there may be no
 *    room for anybody as long as so many look for it.
 * 4. When the request of a place is refused, somebody else has the place. It is lost, and its owner gives up a
 *    few more, the more it owns, and does not look for new ones for a while, so that a newcomer finds room.
 * 5. A machine that is busy sends late, and then its own requests come too close to each other. A refusal that
 *    they alone can have brought about says nothing of others: the place is kept, and used again a little later.
 * 6. When LoyaltyLion says how long to wait, nothing goes out until then.
 */
export class Places {
	/** In the order in which they come due. */
	private readonly places: Place[] = [];

	private refusedAt = -Infinity;

	private pausedUntil = -Infinity;

	/** When the last place was due that was taken without a probe. */
	private newPlaceAt = -Infinity;

	/** When the next probe may go out. */
	private probeAt = -Infinity;

	/** So long one waits between probes who owns nothing. */
	private probeEveryMs = FIRST_PROBE_MS;

	/** How late a request is taken to arrive at the most: longer, when places are refused that are owned. */
	private mostLateMs = MOST_LATE_MS;

	private refusedInARow = 0;

	/** Probes that were taken since something was refused. */
	private probesTaken = 0;

	private gaveUpAt = -Infinity;

	private readonly own = new OwnRequests();

	/** @param random a number from 0 to 1, so that not everybody does the same at the same time */
	constructor(private readonly random: () => number = Math.random) {}

	private get owned(): number {
		return this.places.filter(({ state }) => state === 'owned').length;
	}

	/** @returns whether nothing that has happened matters any more */
	isIdle(now: number): boolean {
		const dueAt = this.places.at(-1)?.dueAt ?? -Infinity;
		return !this.isShared(now) && Math.max(dueAt, this.pausedUntil) < now;
	}

	/** @returns whether LoyaltyLion takes nothing at the moment, as far as is known */
	isPaused(now: number): boolean {
		return now < this.pausedUntil || (now < this.probeAt && this.isShared(now) && this.owned === 0);
	}

	/**
	 * @param now what time it is
	 * @param limit how many requests any second may hold
	 * @returns when the next one may go out; a second later at the latest, to be asked again then
	 */
	soonest(now: number, limit: number): number {
		while ((this.places[0]?.dueAt ?? Infinity) < now - SECOND_MS) this.places.shift();
		const place = this.firstOwned()?.dueAt ?? Infinity;
		const at = Math.max(
			Math.min(place, this.newPlace(now, limit)),
			this.roomAmongSlower(now, limit),
		);
		return Math.max(now, this.pausedUntil, Math.min(at, now + SECOND_MS));
	}

	/**
	 * Takes note that a request goes out, when {@link soonest} said so.
	 *
	 * @param now what time it is
	 * @param limit how many requests any second may hold
	 * @returns what to say when the answer has come
	 */
	use(now: number, limit: number): Use {
		const first = this.firstOwned();
		const dueAt = now + SECOND_MS + this.lateness(now);
		const last: OwnRequest = { at: now };
		const place: Place = { state: 'owned', dueAt, last, limit };
		const use: Use = { kind: 'again', place };
		if (first && first.dueAt <= now) {
			this.remove(first);
			first.state = 'gone';
		} else if (this.isShared(now)) {
			use.kind = 'probe';
			place.state = 'tried';
			this.probeAt = now + this.untilProbe(limit);
		} else {
			use.kind = 'new';
			this.newPlaceAt = Math.max(now - CATCH_UP_MS, this.newPlaceAt + SECOND_MS / limit / BURST);
		}
		this.add(place);
		this.own.add(last);
		return use;
	}

	/**
	 * Takes note that LoyaltyLion took a request, whatever it made of it.
	 *
	 * @param use the request
	 * @param now when its answer came
	 */
	taken(use: Use, now: number): void {
		const { kind, place } = use;
		const { limit, last } = place;
		this.refusedInARow = 0;
		const isShorter = this.own.answered(last, now);
		if (place.state !== 'gone') {
			this.remove(place);
			place.state = 'owned';
			place.dueAt = Math.max(last.at + SECOND_MS + this.lateness(now), this.roomAfter(place));
			this.add(place);
		}
		if (isShorter) this.allowFor(this.mostLateMs);
		this.mostLateMs = Math.max(this.mostLateMs * LESS_LATE, MOST_LATE_MS);
		if (kind !== 'probe') return;
		this.probesTaken++;
		this.probeEveryMs = Math.max(this.probeEveryMs * SOONER, LEAST_PROBE_MS);
		const ms = this.probesTaken === 1 ? NEXT_PROBE_MS : NEXT_PROBES_MS;
		this.probeAt = Math.min(this.probeAt, now + this.about(ms / scale(limit, this.owned)));
	}

	/**
	 * Takes note that LoyaltyLion refused a request because there were too many.
	 *
	 * @param use the request
	 * @param now when its answer came
	 * @param waitMs how long LoyaltyLion wants everybody to wait, if it said so
	 */
	refused(use: Use, now: number, waitMs: number | undefined): void {
		if (waitMs !== undefined) this.pausedUntil = Math.max(this.pausedUntil, now + waitMs);
		const { last, limit } = use.place;
		this.own.remove(last);
		const roomAt = this.own.roomAfter(last, now, Math.max(limit, LIMIT));
		if (roomAt === undefined) this.lose(use, now);
		else this.keep(use, Math.max(now, roomAt));
	}

	private keep({ place }: Use, roomAt: number): void {
		this.mostLateMs = Math.min(this.mostLateMs * LATER_STILL, LATEST_MS);
		if (place.state !== 'gone') {
			place.state = 'owned';
			place.dueAt = roomAt;
		}
		this.allowFor(LATEST_MS);
	}

	/** Has all places come due later, as far as their last requests can have been late. */
	private allowFor(mostLateMs: number): void {
		for (const place of this.places) {
			place.dueAt = Math.max(place.dueAt, this.roomAfter(place, mostLateMs));
		}
		this.sort();
	}

	/** It may have arrived so long after it was sent; a very slow answer says nothing of that. */
	private roomAfter({ last }: Place, mostLateMs = this.mostLateMs): number {
		const late = this.own.lateness(last);
		return last.at + SECOND_MS + Math.min(late, mostLateMs) + SURE_MS;
	}

	private lose({ kind, place }: Use, now: number): void {
		const { limit } = place;
		const wasShared = this.isShared(now);
		this.refusedAt = now;
		this.refusedInARow++;
		this.probesTaken = 0;
		this.remove(place);
		if (!wasShared) this.beginToShare(now, limit);
		// The less is left of the places that were taken unasked, the sooner there is need for others.
		if (kind === 'new') this.probeAt = Math.min(this.probeAt, now + this.untilProbe(limit));
		if (kind === 'probe') {
			const later = Math.max(this.probeEveryMs * LATER, FIRST_PROBE_MS);
			this.probeEveryMs = Math.min(later, LONGEST_PROBE_MS);
			this.probeAt = Math.max(this.probeAt, now + this.untilProbe(limit));
		}
		if (kind === 'again') {
			this.mostLateMs = Math.min(this.mostLateMs * LATER_STILL, LATEST_MS);
			this.giveWay(now, limit);
		}
	}

	/** Whether others seem to send requests, too. */
	private isShared(now: number): boolean {
		if (this.refusedAt === -Infinity) return false;
		return now < Math.max(this.refusedAt, this.pausedUntil, this.probeAt) + SHARED_MS;
	}

	private firstOwned(): Place | undefined {
		return this.places.find(({ state }) => state === 'owned');
	}

	/** When a place may be taken that is not owned yet. */
	private newPlace(now: number, limit: number): number {
		if (limit !== Infinity) {
			const count = this.places.filter(
				({ state, dueAt }) => state === 'owned' || dueAt > now,
			).length;
			if (count >= limit) return Infinity;
		}
		return this.isShared(now)
			? this.nextProbe(now, limit)
			: this.newPlaceAt + SECOND_MS / limit / BURST;
	}

	private nextProbe(now: number, limit: number): number {
		const times = scale(limit, this.owned);
		const tried = this.places.filter(({ state, dueAt }) => state === 'tried' && dueAt > now);
		if (tried.length >= times) return Infinity;
		// Just before a place comes due, a probe would take its room.
		return this.places.reduce(
			(at, { dueAt }) => (dueAt >= at - 1 && dueAt < at + LATE_MS / times ? dueAt + 1 : at),
			Math.max(now, this.probeAt),
		);
	}

	/** Runs of a lower Requests per Second hold to it among themselves, beside those of a higher. */
	private roomAmongSlower(now: number, limit: number): number {
		if (limit === Infinity) return now;
		const slower = this.places.filter((place) => place.limit <= limit && place.dueAt > now);
		return slower[slower.length - limit]?.dueAt ?? now;
	}

	/** How much later than after a second a place comes due: who owns more leaves more room to others. */
	private lateness(now: number): number {
		return this.isShared(now) ? LATE_MS + this.owned / 2 : LATE_MS;
	}

	/** The longest wait between two probes: who owns nothing must not starve. */
	private get longestWait(): number {
		if (this.owned > 0) return LONGEST_PROBE_MS;
		const tooMany = Math.max(0, this.refusedInARow - REFUSED_IN_A_ROW);
		return Math.min(LONGEST_STARVING_MS + tooMany * LESS_OFTEN_MS, LONGEST_PROBE_MS);
	}

	private untilProbe(limit: number): number {
		const times = scale(limit, this.owned);
		const share = this.owned / times;
		const ms = Math.min(this.longestWait, this.probeEveryMs * (share + 1));
		return this.about(ms / times);
	}

	/** What went out at the same time everywhere is spread, so that there is room for others in between. */
	private beginToShare(now: number, limit: number): void {
		this.probeEveryMs = FIRST_PROBE_MS;
		this.probeAt = now + this.untilProbe(limit);
		for (const place of this.places) place.dueAt += this.random() * SPREAD_MS;
		this.sort();
	}

	private giveWay(now: number, limit: number): void {
		const { owned } = this;
		const share = owned / scale(limit, owned);
		this.probeAt = Math.max(this.probeAt, now + this.about(GIVE_WAY_MS * share));
		if (now - this.gaveUpAt < GIVE_UP_EVERY_MS) return;
		this.gaveUpAt = now;
		const count = Math.floor((owned * owned) / limit / 3 + this.random());
		for (let left = Math.min(count, owned - 1); left > 0; left--) this.giveUpOne();
	}

	private giveUpOne(): void {
		const owned = this.places.filter(({ state }) => state === 'owned');
		const place = owned[Math.floor(this.random() * owned.length)];
		if (place) place.state = 'gone';
	}

	private about(ms: number): number {
		return ms * (0.5 + this.random());
	}

	private add(place: Place): void {
		let index = this.places.length;
		while (index > 0 && (this.places[index - 1]?.dueAt ?? 0) > place.dueAt) index--;
		this.places.splice(index, 0, place);
	}

	private sort(): void {
		this.places.sort((one, other) => one.dueAt - other.dueAt);
	}

	private remove(place: Place): void {
		const index = this.places.lastIndexOf(place);
		if (index >= 0) this.places.splice(index, 1);
	}
}

/** The times below are for a limit of 20: with a higher one, everything goes so many times as fast. */
function scale(limit: number, owned: number): number {
	return Math.max(1, (limit === Infinity ? owned : limit) / LIMIT);
}

/** LoyaltyLion's own (Admin API, Introduction). */
const LIMIT = 20;

/** A little more than a second: what left a second apart can arrive a little less than that apart. */
const LATE_MS = 20;

/** How late others are taken to arrive, and how it changes: a busy machine sends late, and places come too soon. */
const MOST_LATE_MS = 40;
const LATEST_MS = 300;
const LATER_STILL = 2;
const LESS_LATE = 0.999;

/** How many times as fast as evenly spread the first requests of a second follow each other. */
const BURST = 4;

/** By how much the next request may follow the sooner because a timer was late. */
const CATCH_UP_MS = 4;

/** How long after the last refusal the limit is taken to be shared. */
const SHARED_MS = 10_000;

/** Over how long the places are spread that were taken before that was known. */
const SPREAD_MS = 500;

const FIRST_PROBE_MS = 800;
const LEAST_PROBE_MS = 50;
const LONGEST_PROBE_MS = 5500;
const LONGEST_STARVING_MS = 600;

/** So many refusals in a row are to be expected; each one more makes the next wait so much longer. */
const REFUSED_IN_A_ROW = 40;
const LESS_OFTEN_MS = 200;

/** How much longer a probe waits after one that was refused. */
const LATER = 3;

/** How much sooner a probe follows one that was taken, and two in a row: then somebody has left. */
const SOONER = 0.5;
const NEXT_PROBE_MS = 200;
const NEXT_PROBES_MS = 25;

/** How long one does not look for new places who has lost one, for each that is still owned. */
const GIVE_WAY_MS = 400;

/** Of several losses at the same time, one counts. */
const GIVE_UP_EVERY_MS = 1000;
