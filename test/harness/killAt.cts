import { ANY_PATH } from './doing.cts';
import type { Reached } from '../../dev/engine/ProcessedData.cts';

/** Where a process is killed. The same place is counted as often as somebody gets there, from 1. */
export type KillAt = StoreStep | PointsStep;

/** At a call to what n8n keeps for nodes. */
interface StoreStep {
	store: Reached['step'];
	/** Of which only calls of this method count; all if not said. */
	method?: Reached['method'];
	nth: number;
}

/** At a request for points. */
interface PointsStep {
	/**
	 * Either when it has arrived at LoyaltyLion, which does not add them (`beforeAdding`) or does, when there is
	 * nobody left to be answered (`beforeAnswer`); or when the answer has come to the process, which has not
	 * looked at it (`afterAnswer`).
	 */
	points: 'beforeAdding' | 'beforeAnswer' | 'afterAnswer';
	nth: number;
}

/** Whether a request asks for points. */
export function isForPoints({ method, path }: { method: string; path: string }) {
	return method === 'POST' && ANY_PATH.test(path);
}

/**
 * Counts.
 *
 * @returns is told each time, and says whether this was the one
 */
export function isNth<What>(nth: number, matches: (what: What) => boolean) {
	let count = 0;
	return (what: What) => matches(what) && ++count === nth;
}
