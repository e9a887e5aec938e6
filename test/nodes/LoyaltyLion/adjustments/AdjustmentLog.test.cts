import { setImmediate } from 'node:timers/promises';
import { AdjustmentLog } from '../../../../nodes/LoyaltyLion/adjustments/AdjustmentLog.ts';
import { ADDING } from '../../../../nodes/LoyaltyLion/adjustments/kinds/adding.ts';
import { timePasses } from '../../../harness/timePasses.cts';

const AWARD = { merchantId: '1', points: 5, reason: 'Quiz', account: 'a', sentAt: 1, endedAt: 2 };
const LIKE_IT = { ...AWARD, sentAt: 3, endedAt: 4 };
const OTHER = { ...AWARD, points: 6 };
const MINUTE_MS = 60_000;

/** Work that goes on until it is told to end. */
function work() {
	let end: () => void = () => {};
	const ended = new Promise((resolve) => {
		end = () => resolve(undefined);
	});
	const begin = jest.fn(() => ended);
	return { begin, end };
}

async function begun(...works: { begin: jest.Mock }[]) {
	await setImmediate();
	return works.map(({ begin }) => begin.mock.calls.length);
}

describe('an award is sent while none like it is checked', () => {
	test('and checked while none like it is sent', async () => {
		const log = new AdjustmentLog(ADDING);
		const [send, check, sendAgain, another] = [work(), work(), work(), work()];

		void log.whileSending(AWARD, undefined, send.begin);
		void log.whileChecking(AWARD, undefined, check.begin);
		void log.whileSending(LIKE_IT, undefined, sendAgain.begin);
		void log.whileSending(OTHER, undefined, another.begin);
		expect(await begun(send, check, sendAgain, another)).toEqual([1, 0, 0, 1]);

		send.end();
		expect(await begun(check, sendAgain)).toEqual([1, 0]);
		check.end();
		expect(await begun(sendAgain)).toEqual([1]);
	});

	test('by no one, however many check side by side', async () => {
		const log = new AdjustmentLog(ADDING);
		const [one, two, send] = [work(), work(), work()];

		void log.whileChecking(AWARD, undefined, one.begin);
		void log.whileSending(LIKE_IT, undefined, send.begin);
		void log.whileChecking(LIKE_IT, undefined, two.begin);
		expect(await begun(one, two, send)).toEqual([1, 1, 0]);

		one.end();
		expect(await begun(send)).toEqual([0]);
		two.end();
		expect(await begun(send)).toEqual([1]);
	});
});

describe('what is known of an award', () => {
	const UNCLEAR = { ...AWARD, hasArrived: false };
	const ARRIVED = { ...AWARD, hasArrived: true };

	test('does not get less by what an older execution knows', () => {
		const log = new AdjustmentLog(ADDING);
		log.note({ ...ARRIVED, secondSend: 'mayHaveArrived', endedAt: 9 });
		log.note({ ...UNCLEAR, secondSend: 'refused' });
		log.note(UNCLEAR);

		expect(log.find(AWARD)).toEqual({ ...ARRIVED, secondSend: 'mayHaveArrived', endedAt: 9 });
	});

	test.each([
		{ what: 'is forgotten after ten minutes', award: ARRIVED, minutes: 11, isKept: false },
		{ what: 'is not forgotten before', award: ARRIVED, minutes: 9, isKept: true },
		{ what: 'is kept for a day when it is unclear', award: UNCLEAR, minutes: 1400, isKept: true },
		{ what: 'is forgotten then', award: UNCLEAR, minutes: 1500, isKept: false },
	])('$what', ({ award, minutes, isKept }) => {
		const log = new AdjustmentLog(ADDING);
		log.note(award);
		timePasses(minutes * MINUTE_MS);
		log.note({ ...OTHER, hasArrived: true });

		expect(log.find(AWARD) !== undefined).toBe(isKept);
	});

	test('is kept as long as one like it is unclear', () => {
		const log = new AdjustmentLog(ADDING);
		log.note(ARRIVED);
		log.note({ ...LIKE_IT, hasArrived: false });
		timePasses(600 * MINUTE_MS);
		log.note({ ...LIKE_IT, sentAt: 5, hasArrived: true });

		expect(log.find(AWARD)).toBeDefined();
	});

	test('is not forgotten because the clock is set', () => {
		const log = new AdjustmentLog(ADDING);
		log.note({ ...ARRIVED, endedAt: Date.now() });
		jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 600 * MINUTE_MS);
		log.note({ ...OTHER, hasArrived: true });

		expect(log.find(AWARD)).toBeDefined();
	});

	test('keeps nothing alive once it is forgotten', () => {
		const log = new AdjustmentLog(ADDING);
		log.note(ARRIVED);
		const before = log.isIdle;
		timePasses(11 * MINUTE_MS);

		expect([before, log.isIdle]).toEqual([false, true]);
	});
});
