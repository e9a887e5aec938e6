const { CASES, growth } = require('./cases');

/**
 * @typedef {import('./cases').Case} Case
 * @typedef {import('./report').Outcome} Outcome
 * @typedef {import('./report').Result} Result
 */

/** Of how many items it is measured how time and memory grow. */
const SIZES = [100, 1000, 10_000, 50_000];

/**
 * @param {Outcome} outcome
 * @returns {string} JSON with all that was measured, but for the times of the awards, which are for the plot
 */
function toStored({ circumstances, results, grown, loading }) {
	const cases = [...results, ...grown].map(({ case: theCase, rounds }) => ({
		...theCase,
		measured: Object.fromEntries(
			Object.entries(rounds).map(([name, measured]) => [
				name,
				measured.map((each) => ({ ...each, times: undefined })),
			]),
		),
	}));
	return JSON.stringify({ circumstances, loading, cases });
}

/**
 * Reads what was measured, to write it down in other words.
 *
 * @param {string} text from `toStored`
 * @returns {Outcome} the cases as they are now, with the figures of then
 * @throws when they are not the cases that were measured
 */
function fromStored(text) {
	const { circumstances, loading, cases } = JSON.parse(text);
	const grown = growth(SIZES);
	const results = [...CASES, ...grown].map((theCase, index) => toResult(theCase, cases[index]));
	const count = CASES.length;
	return { circumstances, loading, results: results.slice(0, count), grown: results.slice(count) };
}

/**
 * @param {Case} theCase
 * @param {(Case & { measured: Result['rounds'] }) | undefined} stored
 * @returns {Result}
 */
function toResult(theCase, stored) {
	if (!stored || essenceOf(stored) !== essenceOf(theCase)) {
		throw new Error(`"${theCase.title}" was measured otherwise than it is now.`);
	}
	return { case: theCase, rounds: stored.measured };
}

/**
 * @param {Case} theCase
 * @returns {string} what its figures depend on; its words may change
 */
function essenceOf({ shop, contenders, rounds, nodeSettings, environment, warmUp }) {
	return JSON.stringify([shop, contenders, rounds, nodeSettings, environment, warmUp]);
}

module.exports = { fromStored, SIZES, toStored };
