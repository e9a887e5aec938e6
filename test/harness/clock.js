/**
 * This machine's clock, to be set as an administrator or a time server does, in the tests of one file. It
 * is right again after each test.
 *
 * @param {import('../../dev/stand-in/StandIn').StandIn[]} standIns whose clocks are others, and go on as they did
 */
function clock(...standIns) {
	const now = Date.now.bind(Date);
	let aheadMs = 0;
	const set = (/** @type {number} */ ms) => {
		aheadMs = ms;
		for (const standIn of standIns) standIn.clockAheadMs = -ms;
	};
	/** @type {jest.SpyInstance} */
	let spy;

	beforeAll(() => {
		spy = jest.spyOn(Date, 'now').mockImplementation(() => now() + aheadMs);
	});
	afterEach(() => set(0));
	afterAll(() => spy.mockRestore());

	return {
		/** @param {number} ms how far it is set forward, or back if it is less than 0 */
		step: (ms) => set(aheadMs + ms),
		reset: () => set(0),
	};
}

module.exports = { clock };
