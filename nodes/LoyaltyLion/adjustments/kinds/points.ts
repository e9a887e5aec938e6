import type { Adjustment } from '../Adjustment';
import { inOneLine, type Row } from '../history';
import type { EarlierAdjustment, Kind } from '../Kind';

/** Points that are added to a customer or removed by hand; LoyaltyLion's own adjustments. */
export interface PointsAdjustment extends Adjustment {
	/** 1 or more, also of points that are removed. */
	points: number;
	reason: string | null;
}

/** In which way points are added or removed, and shown in a history. */
interface Way {
	name: string;
	memory: string;
	/** Below `/v2/customers/{merchant_id}/`. */
	path: string;
	/** The one that confirms it. */
	statusCode: number;
	/** What one point is in the history. */
	sign: 1 | -1;
	/** Whether LoyaltyLion may show fewer points than asked for, or none. */
	mayShowLess: boolean;
}

/**
 * Makes a kind of adjustment that adds points or removes them: `POST /v2/customers/{merchant_id}/…` with the points
 * and the reason (LoyaltyLion Admin API v2).
 *
 * @param way in which way
 * @param words what is said of it
 * @returns the kind
 */
export function pointsKind(
	{ name, memory, path, statusCode, sign, mayShowLess }: Way,
	words: Kind<PointsAdjustment>['words'],
): Kind<PointsAdjustment> {
	/** Of rows that LoyaltyLion documents as something else only the very amount counts. */
	const mayBeAmount = (amount: number, points: number, row: Row) =>
		amount === sign * points || (mayShowLess && !isOther(row) && isWithin(amount, sign * points));
	const isSameReason = (note: string | undefined, reason: string | null) =>
		note === undefined || note === inOneLine(reason);
	return {
		name,
		memory,
		words,
		isSureToShow: !mayShowLess,
		request: ({ merchantId, points, reason }) => ({
			maxBytes: MAX_ANSWER_BYTES,
			path: `/v2/customers/${encodeURIComponent(merchantId)}/${path}`,
			body: reason === null ? { points } : { points, reason },
		}),
		/** The documented answer has an empty JSON string; the wire may carry nothing at all. */
		readSuccess: (answer) =>
			answer.statusCode === statusCode && answer.complete && ['', '""'].includes(answer.text.trim())
				? NOTHING
				: undefined,
		alikeKey: ({ merchantId, points }) =>
			// One that shows less may show just as many as another.
			mayShowLess ? merchantId : `${points} ${merchantId}`,
		isOwn: ({ resource, approved, note }, { points, reason }) =>
			resource === ADJUSTMENT && approved === sign * points && isSameReason(note, reason),
		mayHaveMade: (row, { points, reason }) =>
			mayBeAmount(row.approved, points, row) && isSameReason(row.note, reason),
		mayBeOwn: (row, { points }) => {
			const { amounts, wasTakenBack, isUnreadable } = readingsOf(row);
			const isIts = amounts.some((amount) => mayBeAmount(amount, points, row));
			return isIts || wasTakenBack || isUnreadable;
		},
		isTelling: ({ note }) => note !== undefined,
		isCertainlyOf: () => false,
		learn: () => NOTHING,
		what: ({ points }) => points,
		isNamed: ({ reason }, onlyOncePer) => isInReason(reason, onlyOncePer),
		judgeEarlier: (row, earlier) => {
			const { adjustment, onlyOncePer, isSame, wasNamed } = earlier;
			const { resource, approved, note } = row;
			const isOwn =
				resource === ADJUSTMENT &&
				approved * sign > 0 &&
				note !== undefined &&
				names(note, earlier);
			if (isOwn && approved === sign * adjustment.points) return 'own';
			if (isOwn && !isSame) return 'another';
			const namesAnother = wasNamed && note !== undefined && !isInReason(note, onlyOncePer);
			if (namesAnother) return 'others';
			const { amounts, wasTakenBack, isUnreadable } = readingsOf(row);
			const isIts = amounts.some((amount) => mayBeAmount(amount, adjustment.points, row));
			return isIts || wasTakenBack || isUnreadable ? 'unsure' : 'others';
		},
	};
}

/**
 * Writes a number of points.
 *
 * @param points how many
 * @returns e.g. "5 points"
 */
export function amount(points: number): string {
	return points === 1 ? '1 point' : `${points} points`;
}

/** Far more than any answer. */
const MAX_ANSWER_BYTES = 64 * 1024;

const NOTHING = { facts: {} };

const ADJUSTMENT = 'adjustment';

/** Whether LoyaltyLion documents that something else has brought a row about. */
function isOther({ resource }: Row): boolean {
	return ['activity', 'claimed_reward', 'expiry'].some((other) => other === resource);
}

/** What a row can be read as. */
function readingsOf({ resource, approved, pending }: Row) {
	const amounts = [approved, pending, approved + pending];
	return {
		amounts,
		wasTakenBack: resource === ADJUSTMENT && approved + pending === 0,
		isUnreadable: amounts.some(Number.isNaN),
	};
}

/** Whether an amount goes in the same direction as another, and no further. */
function isWithin(amount: number, whole: number): boolean {
	return amount * Math.sign(whole) > 0 && Math.abs(amount) <= Math.abs(whole);
}

function isInReason(reason: string | null, onlyOncePer: string): boolean {
	return folded(reason).includes(folded(onlyOncePer));
}

/**
 * By the reason of now, apart from its numbers, as it may tell a time; and where that holds no value, by none.
 * Other points can be for the same order, from another node, so that the value alone says too little.
 */
function names(
	note: string,
	{ adjustment, onlyOncePer }: EarlierAdjustment<PointsAdjustment>,
): boolean {
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

function folded(text: string | null): string {
	return inOneLine(text).normalize('NFC').toLowerCase();
}
