import type { StandIn } from '../../dev/stand-in/StandIn.cts';

/**
 * This machine's clock, to be set as an administrator or a time server does, in the tests of one file. It
 * is right again after each test.
 *
 * @param standIns whose clocks are others, and go on as they did
 */
export function clock(...standIns: StandIn[]) {
	const now = Date.now.bind(Date);
	let aheadMs = 0;
	const set = (ms: number) => {
		aheadMs = ms;
		for (const standIn of standIns) standIn.clockAheadMs = -ms;
	};
	let spy: jest.SpyInstance;

	beforeAll(() => {
		spy = jest.spyOn(Date, 'now').mockImplementation(() => now() + aheadMs);
	});
	afterEach(() => set(0));
	afterAll(() => spy.mockRestore());

	return {
		/** @param ms how far it is set forward, or back if it is less than 0 */
		step: (ms: number) => set(aheadMs + ms),
		reset: () => set(0),
	};
}
