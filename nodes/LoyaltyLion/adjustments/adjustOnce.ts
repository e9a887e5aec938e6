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
	if (standing === 'added') return ALREADY_ADDED;
	// What an earlier try of the item knows of its own sending is more than what others can find out.
	if (job.record.unclear) return await clarify(job, job.record.unclear);
	if (standing === 'otherPoints') throw otherPoints(job);
	if (standing === 'claimed') return await sendClaimed(job);
	const known = knownUnclear(job);
	if (known) return toAlreadyAdded(await clarify(job, known));
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

/** What was sent again now was not added before. */
function toAlreadyAdded(confirmed: Confirmed): Confirmed | AlreadyAdded {
	return confirmed.confirmedBy === 'response' ? confirmed : ALREADY_ADDED;
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
	const wasInReason = entry.isInReason && (await ledger.wasInReason(entry).catch(() => false));
	const earlier = { adjustment, onlyOncePer: adjustment.onlyOncePer, wasInReason };
	const times = ifUnclear === 'checkThenSend' ? LOOKS_AFTER_MS : LOOKS_BEFORE_REPORT_MS;
	const began = performance.now();
	let finding: EarlierFinding = 'unread';
	let mayBeThere = false;
	for (const after of times) {
		await pause(began + after - performance.now(), job.client.signals.read);
		if (job.client.signals.read?.aborted) break;
		const now = await claim(job).catch(() => standing);
		if (!now.startsWith('open')) return await goOn(job, now);
		finding = await look(job, earlier);
		if (finding === 'added') {
			ledger.closeUnclear(entry);
			return ALREADY_ADDED;
		}
		if (finding === 'otherPoints') {
			await ledger.closeWithOtherPoints(entry).catch(() => {});
			throw otherPoints(job);
		}
		mayBeThere ||= finding === 'unsure';
	}
	// Of a history that shows less than one before, nothing is concluded.
	if (finding === 'notAdded' && mayBeThere) finding = 'unproven';
	const maySend = ifUnclear === 'checkThenSend' && standing === 'open' && finding === 'notAdded';
	if (!maySend) throw await leftOpen(job, standing, finding);
	return await sendAfterEarlier(job);
}

async function look(job: OnceJob, earlier: EarlierAdjustment): Promise<EarlierFinding> {
	const { merchantId } = earlier.adjustment;
	const history = await lookOnce(job.client, { merchantId, sentAt: -Infinity });
	return history ? judgeByReason(history, earlier) : 'unread';
}

/** From now on it is known when it was sent, if it was: now at the latest. */
async function sendAfterEarlier(job: OnceJob): Promise<Confirmed> {
	const { adjustment, client, record, ledger, entry } = job;
	const now = uniqueNow();
	const times = { sentAt: now, endedAt: now, byEarlierRun: true } as const;
	const sent = { ...adjustment, account: client.account.mark, ...times };
	const facts = unknownOfEarlierRun(adjustment, 'notAdded');
	const unclear = { sent, facts, clock: clockMark() };
	record.keepUnclear(unclear);
	noteUnclear(job, unclear);
	const confirmed = await adjustAgain(onceOnly(job), unclear);
	ledger.closeUnclear(entry);
	return confirmed;
}

/** What this run would have added must not look as if it had been claimed. */
async function leftOpen(
	{ ledger, entry, adjustment }: OnceJob,
	standing: Standing,
	finding: Exclude<EarlierFinding, 'added' | 'otherPoints'>,
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
			claimSecondSend: async () => await ledger.claimAgain(entry).catch(() => false),
			giveBackSecondSend: async () => await ledger.giveBackAgain(entry).catch(() => {}),
		},
	};
}

type EarlierFinding = ReasonVerdict | 'unread';

const NO_CLEAR_ANSWER = 'They were sent by an earlier run or item, and no clear answer came.';
