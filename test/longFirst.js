const { default: Sequencer } = require('@jest/test-sequencer');

/** Those that take minutes, longest first; most of them wait, or start processes. */
const LONG = [
	'onceKills',
	'onceLaws',
	'rivals',
	'outage',
	'laws',
	'retries',
	'modes',
	'pacing',
	'unclear',
	'rivalLaws',
	'toolLaws',
	'killed',
].map((name) => `/${name}.test.cts`);

/** Begins with the long ones, so that none of them is left when all others are done: jest goes by size. */
module.exports = class LongFirst extends Sequencer {
	/**
	 * @override
	 * @param {import('@jest/test-result').Test[]} tests
	 */
	async sort(tests) {
		/** @param {import('@jest/test-result').Test} test */
		const placeOf = ({ path }) =>
			LONG.findIndex((end) => path.endsWith(end)) + 1 || LONG.length + 1;
		const sorted = await super.sort(tests);
		return sorted.sort((one, other) => placeOf(one) - placeOf(other));
	}
};
