const fc = require('fast-check');

/** How many values are drawn; `LAWS_DRAWS` asks for more. */
const NUM_RUNS = Number(process.env.LAWS_DRAWS ?? 150);

/**
 * Checks that something holds for many drawn values.
 *
 * @template Value
 * @param {import('fast-check').Arbitrary<Value>} values
 * @param {(value: Value) => Promise<void>} predicate
 * @param {number} [numRuns] how many
 */
async function holdsFor(values, predicate, numRuns = NUM_RUNS) {
	await fc.assert(fc.asyncProperty(values, predicate), { numRuns });
}

/**
 * Checks that what was drawn has brought about what a test is about, each thing for one value in a hundred
 * at the least.
 *
 * @param {Record<string, number>} seen how often each thing came about
 */
function expectSeen(seen) {
	if (process.env.LAWS_DRAWS) console.log(`In ${NUM_RUNS} draws: ${JSON.stringify(seen)}`);
	expect(Object.entries(seen).filter(([, count]) => count < NUM_RUNS / 100)).toEqual([]);
}

module.exports = { expectSeen, holdsFor, NUM_RUNS };
