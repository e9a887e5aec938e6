import { Pacer } from '../../../../nodes/LoyaltyLion/transport/Pacer.ts';

/** Time passes as fast as it is looked at. */
beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

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
				await pacer.turn({ run, place, requestsPerSecond, signal: undefined });
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

test('after a refusal all wait, longer each time, until something is taken again', async () => {
	const pacer = new Pacer();
	const pauses: number[] = [];
	for (let refusals = 0; refusals < 14; refusals++) {
		const startedAt = await pacer.turn({
			run: {},
			place: 0,
			requestsPerSecond: 0,
			signal: undefined,
		});
		pacer.refused(startedAt, undefined);
		const began = performance.now();
		while (pacer.isPaused) await jest.advanceTimersByTimeAsync(1);
		pauses.push(performance.now() - began);
	}

	expect(pauses[0]).toBeLessThanOrEqual(50);
	expect(pauses.at(-1)).toBeGreaterThanOrEqual(15_000);
	expect(pauses.at(-1)).toBeLessThanOrEqual(30_000);

	pacer.taken();
	pacer.refused(performance.now(), undefined);
	await jest.advanceTimersByTimeAsync(50);
	expect(pacer.isPaused).toBe(false);
});

test('requests that were on their way together are one refusal', async () => {
	const pacer = new Pacer();
	const startedAt = performance.now();
	await jest.advanceTimersByTimeAsync(60);
	for (let request = 0; request < 30; request++) pacer.refused(startedAt, undefined);

	await jest.advanceTimersByTimeAsync(50);
	expect(pacer.isPaused).toBe(false);
});

test('who is canceled leaves the queue at once, and nobody else is held up', async () => {
	const pacer = new Pacer();
	pacer.refused(performance.now(), 60_000);
	const controller = new AbortController();
	const waiting = { run: {}, place: 0, requestsPerSecond: 20 };
	const canceled = pacer.turn({ ...waiting, signal: controller.signal });
	const patient = pacer.turn({ ...waiting, place: 1, signal: undefined });

	controller.abort();
	await canceled;
	expect(pacer.isPaused).toBe(true);
	await jest.advanceTimersByTimeAsync(60_000);
	await patient;
});
