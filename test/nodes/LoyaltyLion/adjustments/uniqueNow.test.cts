const NOW = 1_795_540_127_508;

beforeEach(() => void jest.spyOn(Date, 'now').mockReturnValue(NOW));
afterEach(() => void jest.restoreAllMocks());

/** Loads the module anew, as another process does. */
async function newProcess() {
	jest.resetModules();
	const { uniqueNow } = await import('../../../../nodes/LoyaltyLion/adjustments/ClockMark.ts');
	return uniqueNow;
}

/**
 * The times that a process tells in one millisecond.
 *
 * @param random what it happens to begin with
 */
async function timesIn(random: number): Promise<number[]> {
	jest.spyOn(Math, 'random').mockReturnValue(random);
	const uniqueNow = await newProcess();

	return [uniqueNow(), uniqueNow(), uniqueNow()];
}

test('no two times are the same, in one process or in two', async () => {
	const times = [...(await timesIn(0.1)), ...(await timesIn(0.5))];

	expect(new Set(times).size).toBe(6);
	for (const time of times) expect(Math.abs(time - NOW)).toBeLessThan(1);
});

test('they survive being written as JSON', async () => {
	const times = await timesIn(0.123456789);

	expect(JSON.parse(JSON.stringify(times))).toEqual(times);
});

test('they go on from a clock that was set back', async () => {
	const uniqueNow = await newProcess();

	uniqueNow();
	jest.spyOn(Date, 'now').mockReturnValue(NOW - 3_600_000);

	expect(Math.abs(uniqueNow() - NOW + 3_600_000)).toBeLessThan(1);
});
