import { ItemFailure } from '../errors/ItemFailure';
import { pause } from '../shared/time';
import { uniqueNow, clockMark } from './ClockMark';
import { adjust, adjustAgain } from './adjust';
import type { Adjustment } from './Adjustment';
import { noteUnclear, type AdjustmentJob, type Confirmed } from './AdjustmentJob';
import { logOf } from './AdjustmentLog';
import { lookOnce, LOOKS_AFTER_MS } from './checkHistory';
import { judgeByReason, type EarlierAdjustment, type ReasonVerdict } from './judgeByReason';
import type { OnceEntry, OnceLedger, Standing } from './OnceLedger';
import { unclearFailure, type UnclearAdjustment } from './unclear';
import { notRemembered, otherPointsAdded, unknownOfEarlierRun, unknownOutcome } from './words';

/** An adjustment that its customer gets once for a value. */
export type OnceAdjustment = Adjustment & { onlyOncePer: string };

/** One item's. */
export interface OnceJob extends AdjustmentJob {
	adjustment: OnceAdjustment;
	entry: OnceEntry;
	ledger: OnceLedger;
}

/** The points were added before: by another item, or by an earlier run. */
export interface AlreadyAdded {
	confirmedBy: 'alreadyAdded';
}

/**
 * When an adjustment is looked for that an earlier run has left open, in ms, before it is reported as unclear:
 * another worker may be about it just now, which takes a moment only.
 */
export const LOOKS_BEFORE_REPORT_MS = [300, 1800, 4800];

/**
 * Adds points, unless the same customer has got them for the same value before, be it by an earlier run of the
 * node, in another process, or in one that crashed.
 *
 * @param job whose, how many, and for what
 * @returns how it is known that the points were added
 * @throws {ItemFailure} when they were not, or when that is not known; `other_points_added` when the value was
 *   paid with other points
 */
export async function adjustOnce(job: OnceJob): Promise<Confirmed | AlreadyAdded> {
	const { ledger, entry, client, record } = job;
	return await ledger
		.alone(entry.key, client.signals.send, async () => await goOn(job, await claim(job)))
		.catch((error) => {
			// What keeps it from being sent now says nothing of what an earlier try has sent.
			throw record.unclear && isCertain(error) ? unclearFailure(record.unclear) : error;
		});
}

async function claim({ ledger, entry, adjustment }: OnceJob): Promise<Standing> {
	return await ledger.claim(entry).catch(() => {
		throw new ItemFailure(notRemembered(adjustment, 'unanswered'));
	});
}

async function goOn(job: OnceJob, standing: Standing): Promise<Confirmed | AlreadyAdded> {
	if (standing === 'added') return toAlreadyAdded(job);
	// What an earlier try of the item knows of its own sending is more than what others can find out.
	if (job.record.unclear) return await clarify(job, job.record.unclear);
	if (standing === 'otherPoints') throw otherPoints(job);
	if (standing === 'claimed') return await sendClaimed(job);
	const known = knownUnclear(job);
	if (known) {
		const confirmed = await clarify(job, known);
		// What was sent again now was not added before, and what may be there twice has to be said.
		return confirmed.confirmedBy === 'response' || confirmed.secondSend ? confirmed : ALREADY_ADDED;
	}
	return await findEarlier(job, standing);
}

const ALREADY_ADDED = { confirmedBy: 'alreadyAdded' } as const;

async function sendClaimed(job: OnceJob): Promise<Confirmed> {
	const { ledger, entry } = job;
	const confirmed = await adjust(onceOnly(job)).catch(async (error) => {
		if (isCertain(error)) await ledger.release(entry).catch(() => {});
		throw error;
	});
	if (confirmed.secondSend) ledger.closeUnclear(entry);
	else ledger.close(entry);
	return confirmed;
}

/** Whether nothing was added, and nothing may have been. */
function isCertain(error: unknown): error is ItemFailure {
	return error instanceof ItemFailure && !error.isUnclear;
}

/** Goes on with what this item, or another of this process, has sent, and knows when. */
async function clarify(job: OnceJob, unclear: UnclearAdjustment): Promise<Confirmed> {
	const { record } = job;
	const confirmed = await adjust(onceOnly({ ...job, record: { ...record, unclear } }));
	job.ledger.closeUnclear(job.entry);
	return confirmed;
}

/** That an earlier try of the item has sent them twice is said whoever has found them. */
function toAlreadyAdded({ record }: OnceJob): Confirmed | AlreadyAdded {
	const { sent, secondSend } = record.unclear ?? {};
	if (!sent || !secondSend || secondSend === 'refused') return ALREADY_ADDED;
	return { confirmedBy: 'earlierTry', sent, secondSend };
}

/** What this process knows of the points that it has sent for the entry, if it was this one. */
function knownUnclear({
	ledger,
	entry,
	adjustment,
	client,
}: OnceJob): UnclearAdjustment | undefined {
	const sentAt = ledger.sentAt(entry);
	if (sentAt === undefined) return undefined;
	const account = client.account.mark;
	const known = logOf(client.account).find({ ...adjustment, account, sentAt, endedAt: sentAt });
	if (!known) return undefined;
	const { clock, secondSend } = known;
	return {
		sent: known,
		facts: unknownOutcome(adjustment, NO_CLEAR_ANSWER),
		...(clock && { clock }),
		...(secondSend && { secondSend }),
	};
}

/**
 * Finds out what has become of points that an earlier run, or another worker, was about to add. Nothing is known of
 * them but what the customer's history shows, until that run itself comes to its end.
 */
async function findEarlier(job: OnceJob, standing: Standing): Promise<Confirmed | AlreadyAdded> {
	const { ledger, entry, adjustment, ifUnclear } = job;
	if (ifUnclear === 'report') throw await leftOpen(job, standing, 'unread');
	const earlier = {
		adjustment,
		onlyOncePer: adjustment.onlyOncePer,
		isSamePoints: standing === 'open',
		wasInReason: false,
	};
	const maySend = ifUnclear === 'checkThenSend' && standing === 'open';
	const found = await lookForEarlier(job, earlier, maySend ? LOOKS_AFTER_MS : reportTimes(job));
	if (typeof found === 'object') return found.outcome;
	if (!maySend || found !== 'notAdded') throw await leftOpen(job, standing, found);

	const nth = await ledger.claimAgain(entry, MOST_TIMES).catch(() => undefined);
	if (nth === undefined) throw await leftOpen(job, standing, 'sentAgain');
	// Whoever was about to send it before may have done so by now.
	const again = nth > 1 ? await lookForEarlier(job, earlier, LOOKS_AFTER_MS) : found;
	if (typeof again === 'object') return again.outcome;
	if (again !== 'notAdded') throw await leftOpen(job, standing, again);
	return await sendAfterEarlier(job, nth);
}

/** Equal items that come one after another need not all wait for what the first has waited for. */
function reportTimes({ ledger, entry }: OnceJob): number[] {
	return ledger.wasLookedFor(entry) ? LOOKS_BEFORE_REPORT_MS.slice(0, 1) : LOOKS_BEFORE_REPORT_MS;
}

type Unfound = Exclude<ReasonVerdict, 'added' | 'otherPoints'> | 'unread';

/**
 * @returns what was found out of it by somebody else, or what the last look has come to
 * @throws {ItemFailure} when other points were added
 */
async function lookForEarlier(
	job: OnceJob,
	earlier: EarlierAdjustment,
	times: number[],
): Promise<{ outcome: Confirmed | AlreadyAdded } | Unfound> {
	const { ledger, entry, client } = job;
	const began = performance.now();
	let finding: Unfound = 'unread';
	let mayBeThere = false;
	for (const after of times) {
		await pause(began + after - performance.now(), client.signals.read);
		if (client.signals.read?.aborted) return 'unread';
		// The points that this item has asked for before must not count as those that were claimed.
		if (!earlier.isSamePoints) await ledger.forgetPoints(entry).catch(() => {});
		const now = await claim(job).catch(() => 'open' as const);
		if (!now.startsWith('open')) return { outcome: await goOn(job, now) };
		const verdict = await look(job, earlier);
		if (verdict === 'added') {
			ledger.closeUnclear(entry);
			return { outcome: ALREADY_ADDED };
		}
		if (verdict === 'otherPoints') {
			await ledger.closeWithOtherPoints(entry).catch(() => {});
			throw otherPoints(job);
		}
		finding = verdict;
		mayBeThere ||= finding === 'unsure';
	}
	ledger.noteLookedFor(entry);
	// Of a history that shows less than one before, nothing is concluded.
	return finding === 'notAdded' && mayBeThere ? 'unproven' : finding;
}

async function look(job: OnceJob, earlier: EarlierAdjustment): Promise<ReasonVerdict | 'unread'> {
	const { merchantId } = earlier.adjustment;
	const history = await lookOnce(job.client, { merchantId, sentAt: -Infinity });
	if (!history) return 'unread';
	const verdict = judgeByReason(history, earlier);
	// Asked only when it matters, as asking leaves marks for a moment.
	const namesMatter = judgeByReason(history, { ...earlier, wasInReason: true }) !== verdict;
	if (!namesMatter) return verdict;
	const wasInReason = await job.ledger.wasInReason(job.entry).catch(() => false);
	return judgeByReason(history, { ...earlier, wasInReason });
}

/** From now on it is known when it was sent, if it was: now at the latest. */
async function sendAfterEarlier(job: OnceJob, nth: number): Promise<Confirmed> {
	const { adjustment, client, record, ledger, entry } = job;
	const now = uniqueNow();
	const times = { sentAt: now, endedAt: now, byEarlierRun: true } as const;
	const sent = { ...adjustment, account: client.account.mark, ...times };
	const facts = unknownOfEarlierRun(adjustment, 'notAdded');
	const unclear = { sent, facts, clock: clockMark() };
	record.keepUnclear(unclear);
	noteUnclear(job, unclear);
	const once = onceOnly(job);
	const claimed = {
		claimSecondSend: async () => true,
		giveBackSecondSend: async () => await ledger.giveBackAgain(entry, nth).catch(() => {}),
	};
	const confirmed = await adjustAgain({ ...once, record: { ...once.record, ...claimed } }, unclear);
	ledger.closeUnclear(entry);
	return confirmed;
}

/** What this run would have added must not look as if it had been claimed. */
async function leftOpen(
	{ ledger, entry, adjustment }: OnceJob,
	standing: Standing,
	finding: Unfound | 'sentAgain',
): Promise<ItemFailure> {
	if (standing !== 'openWithOtherPoints') {
		return new ItemFailure(unknownOfEarlierRun(adjustment, finding));
	}
	await ledger.forgetPoints(entry).catch(() => {});
	return new ItemFailure(unknownOfEarlierRun(adjustment, 'otherPoints'));
}

function otherPoints({ adjustment }: OnceJob): ItemFailure {
	return new ItemFailure(otherPointsAdded(adjustment));
}

/** The same job, in which a second sending is claimed as the first one was. */
function onceOnly({ ledger, entry, ...job }: OnceJob): AdjustmentJob {
	const { record } = job;
	return {
		...job,
		record: {
			...record,
			keepUnclear: (unclear) => {
				ledger.sent(entry, unclear.sent.sentAt);
				record.keepUnclear(unclear);
			},
			claimSecondSend: async () =>
				(await ledger.claimAgain(entry, 1).catch(() => undefined)) !== undefined,
			giveBackSecondSend: async () => await ledger.giveBackAgain(entry, 1).catch(() => {}),
		},
	};
}

/** How often points may be sent once more that the history does not show, as often as a crash cuts them off. */
const MOST_TIMES = 8;

const NO_CLEAR_ANSWER = 'They were sent by an earlier run or item, and no clear answer came.';
