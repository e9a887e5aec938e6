const { built } = require('./built');

/**
 * Lets the node give up sooner at LoyaltyLion's limit, in the tests of one file that are about what comes
 * then. That it really tries ten times is tested in pacing.test.js.
 */
function impatient() {
	const { LIMITS } = built('nodes/LoyaltyLion/transport/Patience');
	const real = LIMITS.refused;

	beforeAll(() => {
		LIMITS.refused = { ...real, tries: TRIES };
	});
	afterAll(() => {
		LIMITS.refused = real;
	});
}

/** How often a request is tried then. */
const TRIES = 3;

module.exports = { impatient, TRIES };
