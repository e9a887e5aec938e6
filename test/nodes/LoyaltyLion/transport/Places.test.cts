import { max, mean, median, min, sum } from 'simple-statistics';
import { Places } from '../../../../nodes/LoyaltyLion/transport/Places.ts';
import {
	askingToWait,
	bucket,
	type Fate,
	fixedWindow,
	type Limit,
	simulate,
	slidingWindow,
	type Worker,
} from '../../../harness/manyPacers.cts';

const LIMIT = 20;

/** Ten times as long as 200 items take. */
const MOST_MS_A_WORKER = 100_000;

/** Each of them is another course of things. */
const SEEDS = [1, 2, 3, 4, 5, 6, 7];

function crowd(workers: number, each: Worker): Worker[] {
	return Array.from({ length: workers }, () => ({ ...each }));
}

/** Has workers do 200 items each; one alone, 1,000. */
function batch(workers: number, latencyMs: number, limit: Limit, seed: number, stallMs = 0) {
	const each = { items: workers === 1 ? 1000 : 200 };
	const { fates, ms } = simulate({
		limit,
		workers: crowd(workers, each),
		latencyMs,
		seed,
		stallMs,
		endMs: workers * MOST_MS_A_WORKER,
	});
	const taken = sum(fates.map(({ takenAt }) => takenAt.length));
	const done = fates.map(({ doneAt }) => doneAt);
	return {
		taken,
		share: (100 * taken) / ((LIMIT * ms) / 1000),
		refused: (100 * sum(fates.map(({ refused }) => refused))) / taken,
		lastByMean: max(done) / mean(done),
	};
}

function takenIn({ takenAt }: Fate, from: number, to: number) {
	return takenAt.filter((at) => at > from && at <= to).length;
}

/** When it first held a pace for three seconds, in seconds after a time. */
function secondsUntil(fates: Fate[], perSecond: number, after: number, end: number) {
	for (let at = after + 3000; at <= end; at += 100) {
		const taken = sum(fates.map((fate) => takenIn(fate, at - 3000, at)));
		if (taken >= 3 * perSecond) return (at - after) / 1000;
	}
	return Infinity;
}

function longestGap({ takenAt }: Fate, from: number, end: number) {
	const times = [from, ...takenAt.filter((at) => at > from), end];
	return max(times.slice(1).map((at, index) => at - (times[index] ?? 0))) / 1000;
}

describe('200 items a worker, begun at the same time, where no second may hold more than 20', () => {
	test.each([
		{ latencyMs: 60, workers: 1, share: 98.5, worst: 98.5, refused: 0, lastByMean: 1 },
		{ latencyMs: 60, workers: 2, share: 90, worst: 80, refused: 10, lastByMean: 1.35 },
		{ latencyMs: 60, workers: 3, share: 90, worst: 80, refused: 10, lastByMean: 1.35 },
		{ latencyMs: 60, workers: 5, share: 90, worst: 80, refused: 14, lastByMean: 1.35 },
		{ latencyMs: 60, workers: 10, share: 85, worst: 78, refused: 18, lastByMean: 1.35 },
		{ latencyMs: 60, workers: 20, share: 85, worst: 78, refused: 36, lastByMean: 1.35 },
		{ latencyMs: 400, workers: 1, share: 92, worst: 78, refused: 1, lastByMean: 1 },
		{ latencyMs: 400, workers: 2, share: 80, worst: 65, refused: 12, lastByMean: 1.4 },
		{ latencyMs: 400, workers: 3, share: 80, worst: 65, refused: 12, lastByMean: 1.4 },
		{ latencyMs: 400, workers: 5, share: 80, worst: 65, refused: 16, lastByMean: 1.4 },
		{ latencyMs: 400, workers: 10, share: 78, worst: 70, refused: 23, lastByMean: 1.4 },
		{ latencyMs: 400, workers: 20, share: 78, worst: 70, refused: 48, lastByMean: 1.4 },
	])('$workers at $latencyMs ms', ({ latencyMs, workers, share, worst, refused, lastByMean }) => {
		const rounds = SEEDS.map((seed) => batch(workers, latencyMs, slidingWindow(LIMIT), seed));

		expect(median(rounds.map((round) => round.share))).toBeGreaterThanOrEqual(share);
		expect(min(rounds.map((round) => round.share))).toBeGreaterThanOrEqual(worst);
		expect(median(rounds.map((round) => round.refused))).toBeLessThanOrEqual(refused);
		expect(median(rounds.map((round) => round.lastByMean))).toBeLessThanOrEqual(lastByMean);
	});
});

test.each([
	{ latencyMs: 60, share: 97.5 },
	{ latencyMs: 400, share: 90 },
])('one alone at $latencyMs ms shares with nobody on a busy machine', ({ latencyMs, share }) => {
	for (const seed of SEEDS) {
		const { fates, ms } = simulate({
			limit: slidingWindow(LIMIT),
			workers: [{ items: 1000 }],
			latencyMs,
			seed,
			stallMs: 200,
		});
		expect((100 * 1000) / ((LIMIT * ms) / 1000)).toBeGreaterThanOrEqual(share);
		expect(sum(fates.map(({ refused }) => refused))).toBeLessThanOrEqual(15);
	}
});

describe('200 items a worker on busy machines', () => {
	test.each([
		{ latencyMs: 60, workers: 3, share: 80, worst: 70, refused: 10 },
		{ latencyMs: 60, workers: 10, share: 85, worst: 75, refused: 18 },
		{ latencyMs: 400, workers: 3, share: 80, worst: 65, refused: 12 },
		{ latencyMs: 400, workers: 10, share: 85, worst: 75, refused: 24 },
	])('$workers at $latencyMs ms', ({ latencyMs, workers, share, worst, refused }) => {
		const limit = () => slidingWindow(LIMIT);
		const rounds = SEEDS.map((seed) => batch(workers, latencyMs, limit(), seed, 200));

		expect(median(rounds.map((round) => round.share))).toBeGreaterThanOrEqual(share);
		expect(min(rounds.map((round) => round.share))).toBeGreaterThanOrEqual(worst);
		expect(median(rounds.map((round) => round.refused))).toBeLessThanOrEqual(refused);
	});
});

/**
 * What the pacer came to that knew rates instead of places: the share of the limit, by workers. One exception is
 * known: two workers whose limit goes by the clock came to 101 and 96, as both happened to send at the turn of
 * each second; now they come to 85 and more.
 */
const BEFORE: { kind: string; limit: () => Limit; shares: Record<number, [number, number][]> }[] = [
	{
		kind: 'refused requests count, too',
		limit: () => slidingWindow(LIMIT, true),
		shares: {
			60: [
				[2, 42],
				[5, 30],
				[10, 30],
				[20, 29],
			],
			400: [
				[2, 32],
				[5, 30],
				[10, 23],
				[20, 24],
			],
		},
	},
	{
		kind: 'each second by the clock has its own',
		limit: () => fixedWindow(LIMIT),
		shares: {
			60: [
				[2, 84],
				[5, 37],
				[10, 58],
				[20, 78],
			],
			400: [
				[2, 85],
				[5, 67],
				[10, 67],
				[20, 91],
			],
		},
	},
	{
		kind: 'a bucket of 20 fills up evenly',
		limit: () => bucket(LIMIT, 20),
		shares: {
			60: [
				[2, 69],
				[5, 34],
				[10, 59],
				[20, 93],
			],
			400: [
				[2, 86],
				[5, 78],
				[10, 61],
				[20, 97],
			],
		},
	},
	{
		kind: 'a bucket of 5 fills up evenly',
		limit: () => bucket(LIMIT, 5),
		shares: {
			60: [
				[2, 11],
				[5, 27],
				[10, 52],
				[20, 89],
			],
			400: [
				[2, 70],
				[5, 47],
				[10, 54],
				[20, 97],
			],
		},
	},
	{
		kind: 'refusals ask to wait a second',
		limit: () => askingToWait(slidingWindow(LIMIT), 1000),
		shares: {
			60: [
				[2, 67],
				[5, 47],
				[10, 59],
				[20, 74],
			],
			400: [
				[2, 57],
				[5, 45],
				[10, 56],
				[20, 70],
			],
		},
	},
];

describe('other limits: no worse than before', () => {
	const rows = BEFORE.flatMap(({ kind, limit, shares }) =>
		[60, 400].flatMap((latencyMs) =>
			(shares[latencyMs] ?? []).map(([workers, share]) => ({
				kind,
				limit,
				latencyMs,
				workers,
				share,
			})),
		),
	);
	test.each(rows)(
		'where $kind: $workers at $latencyMs ms',
		({ limit, latencyMs, workers, share }) => {
			const rounds = SEEDS.map((seed) => batch(workers, latencyMs, limit(), seed));

			expect(median(rounds.map((round) => round.share))).toBeGreaterThanOrEqual(share);
			expect(rounds.map(({ taken }) => taken)).toEqual(SEEDS.map(() => 200 * workers));
		},
	);
});

test.each([30, 40])(
	'%i workers where refused requests count, too, do not stand still',
	(workers) => {
		const endMs = 120_000;
		for (const seed of SEEDS) {
			const { fates } = simulate({
				limit: slidingWindow(LIMIT, true),
				workers: crowd(workers, {}),
				latencyMs: 60,
				seed,
				endMs,
			});
			const late = sum(fates.map((fate) => takenIn(fate, endMs / 2, endMs)));
			expect(late).toBeGreaterThan(40);
		}
	},
);

test('an hour of 20 workers: the whole limit, and something for everybody', () => {
	const endMs = 3_600_000;
	const { fates } = simulate({
		limit: slidingWindow(LIMIT),
		workers: crowd(20, {}),
		latencyMs: 60,
		seed: 1,
		endMs,
	});

	const taken = fates.map(({ takenAt }) => takenAt.length);
	expect(sum(taken)).toBeGreaterThan((0.95 * LIMIT * endMs) / 1000);
	expect(min(taken)).toBeGreaterThan(mean(taken) / 2);
});

test.each([
	{ latencyMs: 60, workers: 2, share: 94 },
	{ latencyMs: 60, workers: 3, share: 95 },
	{ latencyMs: 60, workers: 5, share: 95 },
	{ latencyMs: 60, workers: 10, share: 95 },
	{ latencyMs: 60, workers: 20, share: 95 },
	{ latencyMs: 400, workers: 2, share: 90 },
	{ latencyMs: 400, workers: 3, share: 92 },
	{ latencyMs: 400, workers: 5, share: 94 },
	{ latencyMs: 400, workers: 10, share: 95 },
	{ latencyMs: 400, workers: 20, share: 95 },
])('ten minutes of $workers workers at $latencyMs ms', ({ latencyMs, workers, share }) => {
	const endMs = 600_000;
	const shares = SEEDS.slice(0, 3).map((seed) => {
		const { fates } = simulate({
			limit: slidingWindow(LIMIT),
			workers: crowd(workers, {}),
			latencyMs,
			seed,
			endMs,
		});
		return (100 * sum(fates.map(({ takenAt }) => takenAt.length))) / ((LIMIT * endMs) / 1000);
	});

	expect(min(shares)).toBeGreaterThanOrEqual(share);
});

describe.each([60, 400])('at %i ms', (latencyMs) => {
	test.each([2, 3, 5, 10, 20])('one more joins, who are %i then', (workers) => {
		const joins = 30_000;
		const endMs = 90_000;
		const newcomers = SEEDS.map((seed) => {
			const { fates } = simulate({
				limit: slidingWindow(LIMIT),
				workers: [{ from: joins }, ...crowd(workers - 1, {})],
				latencyMs,
				seed,
				endMs,
			});
			return fates.slice(0, 1);
		});

		const share = (0.7 * LIMIT) / workers;
		const seconds = newcomers.map((fates) => secondsUntil(fates, share, joins, endMs));
		const gaps = newcomers.flatMap(([fate]) => (fate ? [longestGap(fate, joins, endMs)] : []));
		expect(median(seconds)).toBeLessThanOrEqual(10);
		expect(max(gaps)).toBeLessThanOrEqual(30);
	});

	test.each([2, 3, 5, 10])('one of %i leaves', (workers) => {
		const leaves = 30_000;
		const seconds = SEEDS.map((seed) => {
			const { fates } = simulate({
				limit: slidingWindow(LIMIT),
				workers: [{ until: leaves }, ...crowd(workers - 1, {})],
				latencyMs,
				seed,
				endMs: 60_000,
			});
			return secondsUntil(fates, 0.9 * LIMIT, leaves, 60_000);
		});

		expect(median(seconds)).toBeLessThanOrEqual(10);
	});

	// It never tries again: beside many who do, it cannot keep all.
	test.each([
		{ workers: 1, keeps: 0.85 },
		{ workers: 3, keeps: 0.72 },
	])('another program sends 10 a second, beside $workers', ({ workers, keeps }) => {
		const endMs = 120_000;
		const rounds = SEEDS.map((seed) => {
			const { fates, others } = simulate({
				limit: slidingWindow(LIMIT),
				workers: crowd(workers, { from: 5000 }),
				latencyMs,
				seed,
				endMs,
				steady: 10,
			});
			const taken = sum(fates.map(({ takenAt }) => takenAt.length));
			return {
				kept: others.taken / (others.taken + others.refused),
				rest: taken / ((10 * (endMs - 5000)) / 1000),
			};
		});

		expect(median(rounds.map(({ kept }) => kept))).toBeGreaterThanOrEqual(keeps);
		expect(median(rounds.map(({ rest }) => rest))).toBeGreaterThanOrEqual(0.9);
	});

	test.each([1, 3, 10])('the limit is lowered without notice, for %i', (workers) => {
		const [lowered, endMs] = [30_000, 90_000];
		for (const seed of SEEDS) {
			const { fates } = simulate({
				limit: slidingWindow(LIMIT),
				workers: crowd(workers, {}),
				latencyMs,
				seed,
				endMs,
				events: [{ at: lowered, happens: (limit) => (limit.requestsPerSecond = 10) }],
			});
			expect(secondsUntil(fates, 8.5, lowered + 1000, endMs)).toBeLessThanOrEqual(30);
		}
	});
});

test('a list of 20 rows leaves at once', () => {
	const places = new Places();
	let at = 0;
	for (let row = 0; row < 20; row++) {
		at = places.soonest(at, LIMIT);
		places.use(at, LIMIT);
	}

	expect(at).toBeLessThan(250);
});

test('a limit that is there for all is never taken for more than Requests per Second', () => {
	const { fates } = simulate({
		limit: slidingWindow(1000),
		workers: [{ requestsPerSecond: 20 }],
		latencyMs: 400,
		seed: 1,
		endMs: 60_000,
	});

	const [{ takenAt } = { takenAt: [] }] = fates;
	const inSecond = takenAt.map(
		(from) => takenAt.filter((at) => at >= from && at < from + 960).length,
	);
	expect(max(inSecond)).toBe(20);
	expect(takenAt.length).toBeGreaterThan(0.93 * 20 * 60);
});

test('a raised limit is shared, too', () => {
	const { fates, ms } = simulate({
		limit: slidingWindow(200),
		workers: crowd(2, { requestsPerSecond: 200, items: 4000 }),
		latencyMs: 60,
		seed: 1,
	});

	const taken = sum(fates.map(({ takenAt }) => takenAt.length));
	expect(taken / ((200 * ms) / 1000)).toBeGreaterThan(0.8);
});

test('while LoyaltyLion takes nothing, it is asked about once a second', () => {
	const { fates } = simulate({
		limit: slidingWindow(0),
		workers: [{}],
		latencyMs: 60,
		seed: 1,
		endMs: 60_000,
	});

	expect(fates[0]?.refused).toBeGreaterThan(40);
	expect(fates[0]?.refused).toBeLessThan(120);
});

test('nothing goes out while LoyaltyLion wants everybody to wait', () => {
	const places = new Places();
	const uses = [0, 15, 30].map((at) => places.use(at, LIMIT));
	const [first, ...others] = uses;
	for (const use of others) places.taken(use, 100);
	if (first) places.refused(first, 100, 5000);

	expect(places.isPaused(5000)).toBe(true);
	expect(places.soonest(5000, LIMIT)).toBeGreaterThanOrEqual(5100);
	expect(places.isPaused(5100)).toBe(false);
	expect(places.soonest(5100, LIMIT)).toBeLessThanOrEqual(6100);
});
