const fc = require('fast-check');

const NUM_RUNS = 150;

/**
 * Checks that something holds for many drawn values.
 *
 * @template Value
 * @param {import('fast-check').Arbitrary<Value>} values
 * @param {(value: Value) => Promise<void>} predicate
 */
async function holdsFor(values, predicate) {
	await fc.assert(fc.asyncProperty(values, predicate), { numRuns: NUM_RUNS });
}

module.exports = { holdsFor, NUM_RUNS };
