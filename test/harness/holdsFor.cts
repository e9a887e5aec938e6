import fc, { type Arbitrary } from 'fast-check';

/** How many values are drawn; `LAWS_DRAWS` asks for more. */
export const NUM_RUNS = Number(process.env.LAWS_DRAWS ?? 150);

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
 * at the least.
 *
 * @param seen how often each thing came about
 */
export function expectSeen(seen: Record<string, number>) {
	if (process.env.LAWS_DRAWS) console.log(`In ${NUM_RUNS} draws: ${JSON.stringify(seen)}`);
	expect(Object.entries(seen).filter(([, count]) => count < NUM_RUNS / 100)).toEqual([]);
}
