import { type Case, CASES, growth } from './cases.cts';
import type { Outcome, Result } from './report.cts';

/** Of how many items it is measured how time and memory grow. */
export const SIZES = [100, 1000, 10_000, 50_000];

type StoredCase = Case & { measured: Result['rounds'] };

type Stored = Pick<Outcome, 'circumstances' | 'loading' | 'workers'> & { cases: StoredCase[] };

/** @returns JSON with all that was measured, but for the times of the awards, which are for the plot */
export function toStored({ circumstances, results, grown, loading, workers }: Outcome): string {
	const cases = [...results, ...grown].map(({ case: theCase, rounds }) => ({
		...theCase,
		measured: Object.fromEntries(
			Object.entries(rounds).map(([name, measured]) => [
				name,
				measured.map((each) => ({ ...each, times: undefined })),
			]),
		),
	}));
	return JSON.stringify({ circumstances, loading, workers, cases });
}

/**
 * Reads what was measured, to write it down in other words.
 *
 * @param text from `toStored`
 * @returns the cases as they are now, with the figures of then
 * @throws when they are not the cases that were measured
 */
export function fromStored(text: string): Outcome {
	const { circumstances, loading, workers, cases } = JSON.parse(text) as Stored;
	const grown = growth(SIZES);
	const results = [...CASES, ...grown].map((theCase, index) => toResult(theCase, cases[index]));
	const count = CASES.length;
	return {
		circumstances,
		loading,
		workers,
		results: results.slice(0, count),
		grown: results.slice(count),
	};
}

function toResult(theCase: Case, stored: StoredCase | undefined): Result {
	if (!stored || essenceOf(stored) !== essenceOf(theCase)) {
		throw new Error(`"${theCase.title}" was measured otherwise than it is now.`);
	}
	return { case: theCase, rounds: stored.measured };
}

/** @returns what its figures depend on; its words may change */
function essenceOf({ shop, contenders, rounds, nodeSettings, environment, warmUp }: Case): string {
	return JSON.stringify([shop, contenders, rounds, nodeSettings, environment, warmUp]);
}
