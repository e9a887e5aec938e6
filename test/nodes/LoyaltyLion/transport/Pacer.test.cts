import type { Use } from '../../../../nodes/LoyaltyLion/transport/Places.ts';
import { Pacer } from '../../../../nodes/LoyaltyLion/transport/Pacer.ts';

/** Time passes as fast as it is looked at. */
beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** How long each answer takes. */
const ANSWERED_AFTER_MS = 60;

/**
 * Lets runs ask for turns, as many at a time as a run has items under way, and notes when each gets them.
 *
 * @param ms how long it is watched
 */
async function watch(
	runs: { requestsPerSecond: number; turns: number; atOnce?: number }[],
	ms: number,
) {
	const pacer = new Pacer();
	const turns: { at: number; run: number; place: number }[] = [];
	runs.forEach(({ requestsPerSecond, turns: count, atOnce = 32 }, number) => {
		const run = {};
		let next = 0;
		const work = async () => {
			while (next < count) {
				const place = next++;
				const use = await pacer.turn({ run, place, requestsPerSecond, signal: undefined });
				setTimeout(() => pacer.taken(use), ANSWERED_AFTER_MS);
				turns.push({ at: performance.now(), run: number, place });
			}
		};
		for (let index = 0; index < Math.min(atOnce, count); index++) void work();
	});
	await jest.advanceTimersByTimeAsync(ms);
	return { pacer, turns };
}

/** The most turns that any second holds. */
function mostInASecond(turns: { at: number }[]) {
	return Math.max(
		...turns.map(
			({ at }) => turns.filter((other) => other.at >= at && other.at < at + 1000).length,
		),
	);
}

test.each([1, 5, 20, 200, 1000])(
	'%i a second: never more, and hardly less',
	async (requestsPerSecond) => {
		const turnsInTwo = requestsPerSecond * 2;
		const { turns } = await watch([{ requestsPerSecond, turns: turnsInTwo }], 2100);

		expect(mostInASecond(turns)).toBeLessThanOrEqual(requestsPerSecond);
		expect(turns).toHaveLength(turnsInTwo);
		expect(turns.map(({ place }) => place)).toEqual([...Array(turnsInTwo).keys()]);
	},
);

test('0 a second means that nobody waits', async () => {
	const { turns } = await watch([{ requestsPerSecond: 0, turns: 5000 }], 0);

	expect(turns).toHaveLength(5000);
});

test('runs take turns, whatever their size', async () => {
	const large = { requestsPerSecond: 20, turns: 500 };
	const { turns } = await watch([large, large, { ...large, turns: 10 }], 2000);

	const ofSmall = turns.filter(({ run }) => run === 2);
	expect(ofSmall).toHaveLength(10);
	expect(turns.slice(0, 30).filter(({ run }) => run === 2).length).toBeGreaterThan(8);
	expect(mostInASecond(turns)).toBeLessThanOrEqual(20);
});

test('a slower run has its turns beside a faster one', async () => {
	const fast = { requestsPerSecond: 20, turns: 500 };
	const { turns } = await watch([fast, { requestsPerSecond: 5, turns: 50 }], 5000);

	const ofSlow = turns.filter(({ run }) => run === 1);
	expect(ofSlow.length).toBeGreaterThan(15);
	expect(mostInASecond(ofSlow)).toBeLessThanOrEqual(5);
	expect(mostInASecond(turns)).toBeLessThanOrEqual(20);
});

test('a slower run counts what a faster one sends, and a faster one what a slower one does', async () => {
	const slow = { requestsPerSecond: 5, turns: 100 };
	const { turns } = await watch([slow, { requestsPerSecond: 20, turns: 500 }, slow], 10_000);

	const ofSlow = turns.filter(({ run }) => run !== 1);
	expect(mostInASecond(turns)).toBeLessThanOrEqual(20);
	expect(mostInASecond(ofSlow)).toBeLessThanOrEqual(5);
	expect(ofSlow.length).toBeGreaterThan(40);
	expect(turns.length).toBeGreaterThan(180);
});

test('after a refusal one request at a time looks for room, until one is taken', async () => {
	const pacer = new Pacer();
	const waiter = { run: {}, place: 0, requestsPerSecond: 0, signal: undefined };
	const all = await Promise.all(Array.from({ length: 30 }, () => pacer.turn(waiter)));
	for (const use of all) pacer.refused(use, undefined);
	expect(pacer.isPaused).toBe(true);

	const uses: Use[] = [];
	const others = Array.from({ length: 3 }, async () => uses.push(await pacer.turn(waiter)));
	await jest.advanceTimersByTimeAsync(900);
	expect(uses).toHaveLength(1);

	for (const use of uses) pacer.taken(use);
	await jest.advanceTimersByTimeAsync(450);
	expect(uses).toHaveLength(2);
	expect(pacer.isPaused).toBe(false);
	await jest.advanceTimersByTimeAsync(5000);
	await Promise.all(others);
});

test('what was refused goes out before what is newer', async () => {
	const pacer = new Pacer();
	const turn = async (place: number) => {
		const waiter = { run: pacer, place, requestsPerSecond: 20, signal: undefined };
		return { place, use: await pacer.turn(waiter) };
	};
	const sent = [turn(0), turn(1), turn(2)];
	await jest.advanceTimersByTimeAsync(50);
	const [first, ...others] = await Promise.all(sent);
	for (const { use } of others) pacer.taken(use);
	if (first) pacer.refused(first.use, undefined);
	const newer = turn(3);
	const order: number[] = [];
	for (const each of [newer, turn(0)]) void each.then(({ place }) => order.push(place));
	await jest.advanceTimersByTimeAsync(5000);

	expect(order).toEqual([0, 3]);
});

test('who is canceled leaves the queue at once, and nobody else is held up', async () => {
	const pacer = new Pacer();
	const controller = new AbortController();
	const waiting = { run: {}, place: 0, requestsPerSecond: 20 };
	pacer.refused(await pacer.turn({ ...waiting, signal: undefined }), 60_000);
	const canceled = pacer.turn({ ...waiting, signal: controller.signal });
	const patient = pacer.turn({ ...waiting, place: 1, signal: undefined });

	controller.abort();
	await expect(canceled).rejects.toMatchObject({ facts: { code: 'not_sent' } });
	expect(pacer.isPaused).toBe(true);
	await jest.advanceTimersByTimeAsync(62_000);
	await patient;
});

test('is idle once nothing it knows matters any more', async () => {
	const pacer = new Pacer();
	expect(pacer.isIdle).toBe(true);

	const use = await pacer.turn({ run: {}, place: 0, requestsPerSecond: 20, signal: undefined });
	expect(pacer.isIdle).toBe(false);
	pacer.refused(use, undefined);
	await jest.advanceTimersByTimeAsync(5000);
	expect(pacer.isIdle).toBe(false);
	await jest.advanceTimersByTimeAsync(10_000);
	expect(pacer.isIdle).toBe(true);
});
