import type { Adjustment } from './Adjustment';
import { inOneLine, type History, type Row } from './history';

/** Points that an earlier run was about to add for a value, and of which nothing else is known. */
export interface EarlierAdjustment {
	adjustment: Adjustment;
	/** What the customer gets points for once. */
	onlyOncePer: string;
	/** Whether these are the points that the earlier run was about to add. */
	isSamePoints: boolean;
	/** Whether the reason that the earlier run was about to send holds the value. */
	wasInReason: boolean;
}

/**
 * What a customer's history says of them: `unsure` when a row may be theirs, `unproven` when none is, but
 * there may be more rows than could be read.
 */
export type ReasonVerdict = 'added' | 'otherPoints' | 'notAdded' | 'unsure' | 'unproven';

/**
 * Judges by their reason whether an earlier run's points are in their customer's history. As it is not known when
 * they were sent, nor what else was sent then, a row counts as theirs only when its reason holds the value;
 * and as that of another only when it cannot be theirs.
 *
 * @param history the customer's, all of it
 * @param earlier what is looked for
 * @returns the judgement
 */
export function judgeByReason(history: History, earlier: EarlierAdjustment): ReasonVerdict {
	const { adjustment } = earlier;
	const own = history.rows.filter((row) => isOwn(row, earlier));
	if (own.some(({ approved }) => approved === adjustment.points)) return 'added';
	if (own.length > 0 && !earlier.isSamePoints) return 'otherPoints';
	if (history.rows.some((row) => mayBeOwn(row, earlier))) return 'unsure';
	return history.isComplete && history.isLegible ? 'notAdded' : 'unproven';
}

/**
 * Tells whether a reason holds a value.
 *
 * @param reason the reason, or none
 * @param onlyOncePer the value
 * @returns whether it stands somewhere in it, in whichever case
 */
export function isInReason(reason: string | null, onlyOncePer: string): boolean {
	return folded(reason).includes(folded(onlyOncePer));
}

function isOwn({ isAdjustment, approved, note }: Row, earlier: EarlierAdjustment): boolean {
	return isAdjustment && approved > 0 && note !== undefined && names(note, earlier);
}

/**
 * By the reason of now, apart from its numbers, as it may tell a time; and where that holds no value, by none.
 * Other points can be for the same order, from another node, so that the value alone says too little.
 */
function names(note: string, { adjustment, onlyOncePer }: EarlierAdjustment): boolean {
	const { reason } = adjustment;
	if (!isInReason(reason, onlyOncePer)) return false;
	if (folded(note) === folded(reason)) return true;
	return isAlike(note, reason) && holdsAsWord(folded(note), folded(onlyOncePer));
}

function isAlike(note: string, reason: string | null): boolean {
	const [one, other] = [note, reason].map((text) => folded(text).replace(/\d+/g, '0'));
	return one === other;
}

function holdsAsWord(text: string, word: string): boolean {
	for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
		const before = text.slice(0, at);
		const after = text.slice(at + word.length);
		if (ENDS_BEFORE.test(before) && BEGINS_AFTER.test(after)) return true;
	}
	return false;
}

/** What a word can follow. A hyphen or a dot is often part of a number: 10 is not in "Order 10-2". */
const ENDS_BEFORE = /(^|[\s#("'„“‚‘«:;,=<[{])$/u;

const BEGINS_AFTER = /^($|[\s)"'”’»:;,!?>\]}]|\.(\s|$))/u;

function mayBeOwn(row: Row, { adjustment, onlyOncePer, wasInReason }: EarlierAdjustment): boolean {
	const { isAdjustment, approved, pending, note } = row;
	const namesAnother = wasInReason && note !== undefined && !isInReason(note, onlyOncePer);
	if (namesAnother) return false;
	const amounts = [approved, pending, approved + pending];
	const wasTakenBack = isAdjustment && approved + pending === 0;
	const isUnreadable = amounts.some(Number.isNaN);
	return amounts.includes(adjustment.points) || wasTakenBack || isUnreadable;
}

function folded(text: string | null): string {
	return inOneLine(text).normalize('NFC').toLowerCase();
}
