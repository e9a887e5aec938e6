import type { Adjustment } from './Adjustment';
import type { History } from './history';
import type { EarlierAdjustment, Kind } from './Kind';

/**
 * What a customer's history says of what an earlier run was about to do: `unsure` when a row may be its own,
 * `unproven` when none is, but there may be more rows than could be read.
 */
export type EarlierVerdict = 'made' | 'anotherMade' | 'notMade' | 'unsure' | 'unproven';

/**
 * Judges by what rows name whether what an earlier run was about to do is in its customer's history, as it is not
 * known when that was sent.
 *
 * @param kind the adjustment's
 * @param history the customer's, all of it
 * @param earlier what is looked for
 * @returns the judgement
 */
export function judgeEarlier<Of extends Adjustment>(
	kind: Kind<Of>,
	history: History,
	earlier: EarlierAdjustment<Of>,
): EarlierVerdict {
	const rows = new Set(history.rows.map((row) => kind.judgeEarlier(row, earlier)));
	if (rows.has('own')) return 'made';
	if (rows.has('another')) return 'anotherMade';
	if (rows.has('unsure')) return 'unsure';
	return history.isComplete && history.isLegible ? 'notMade' : 'unproven';
}
