import fc, { type Arbitrary } from 'fast-check';
import { IS_NEWEST_ENGINE } from './newestEngine.cts';

/** How many values are drawn; `LAWS_DRAWS` asks for more. The oldest engine is to show only that it is no other. */
export const NUM_RUNS = Number(process.env.LAWS_DRAWS ?? (IS_NEWEST_ENGINE ? 150 : 50));

/** The same for a law that as many draws hold for another thing already. */
export const FEWER_RUNS = Math.ceil(NUM_RUNS / 3);

/**
 * Checks that something holds for many drawn values.
 *
 * @param numRuns how many
 */
export async function holdsFor<Value>(
	values: Arbitrary<Value>,
	predicate: (value: Value) => Promise<void>,
	numRuns: number = NUM_RUNS,
) {
	await fc.assert(fc.asyncProperty(values, predicate), { numRuns });
}

/**
 * Checks that what was drawn has brought about what a test is about, each thing for one value in a hundred
 * at the least; of few draws nothing as rare is to be expected.
 *
 * @param seen how often each thing came about
 * @param numRuns how many were drawn
 */
export function expectSeen(seen: Record<string, number>, numRuns: number = NUM_RUNS) {
	if (process.env.LAWS_DRAWS) console.log(`In ${numRuns} draws: ${JSON.stringify(seen)}`);
	const least = Math.floor(numRuns / 100);
	expect(Object.entries(seen).filter(([, count]) => count < least)).toEqual([]);
}
