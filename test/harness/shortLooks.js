const { built } = require('./built');

/**
 * Lets the node look at a customer's history at once instead of over half a minute, in the tests of one
 * file. That it really takes its time is tested in history.test.js.
 */
function shortLooks() {
	/** @type {number[]} */
	const looks = built('nodes/LoyaltyLion/adjustments/checkHistory').LOOKS_AFTER_MS;
	const real = [...looks];

	beforeAll(() => void looks.splice(0, Infinity, 20, 60, 120));
	afterAll(() => void looks.splice(0, Infinity, ...real));
}

module.exports = { shortLooks };
