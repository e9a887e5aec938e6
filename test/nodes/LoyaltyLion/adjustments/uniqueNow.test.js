const { built } = require('../../../harness/built');

const NOW = 1_795_540_127_508;

beforeEach(() => void jest.spyOn(Date, 'now').mockReturnValue(NOW));
afterEach(() => void jest.restoreAllMocks());

/**
 * The times that a process tells in one millisecond.
 * @param {number} random what it happens to begin with
 * @returns {number[]}
 */
function timesIn(random) {
	jest.resetModules();
	jest.spyOn(Math, 'random').mockReturnValue(random);
	const { uniqueNow } = built('nodes/LoyaltyLion/adjustments/ClockMark');
	return [uniqueNow(), uniqueNow(), uniqueNow()];
}

test('no two times are the same, in one process or in two', () => {
	const times = [...timesIn(0.1), ...timesIn(0.5)];

	expect(new Set(times).size).toBe(6);
	for (const time of times) expect(Math.abs(time - NOW)).toBeLessThan(1);
});

test('they survive being written as JSON', () => {
	const times = timesIn(0.123456789);

	expect(JSON.parse(JSON.stringify(times))).toEqual(times);
});

test('they go on from a clock that was set back', () => {
	jest.resetModules();
	const { uniqueNow } = built('nodes/LoyaltyLion/adjustments/ClockMark');
	uniqueNow();
	jest.spyOn(Date, 'now').mockReturnValue(NOW - 3_600_000);

	expect(Math.abs(uniqueNow() - NOW + 3_600_000)).toBeLessThan(1);
});
