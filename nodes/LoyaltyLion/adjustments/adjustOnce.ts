import { ItemFailure } from '../errors/ItemFailure';
import { pause } from '../shared/time';
import { uniqueNow, clockMark } from './ClockMark';
import { adjust, adjustAgain } from './adjust';
import type { Adjustment } from './Adjustment';
import { noteUnclear, type AdjustmentJob, type Confirmed } from './AdjustmentJob';
import { logOf } from './AdjustmentLog';
import { lookOnce, LOOKS_AFTER_MS } from './checkHistory';
import { judgeEarlier, type EarlierVerdict } from './judgeEarlier';
import type { EarlierAdjustment } from './Kind';
import type { OnceEntry, OnceLedger, Standing } from './OnceLedger';
import { unclearFailure, type UnclearAdjustment } from './unclear';
import { findingWords, notRemembered, unknownOfEarlierRun, unknownOutcome } from './words';

/** An adjustment that is made once for a value. */
export type OnceAdjustment<Of extends Adjustment> = Of & { onlyOncePer: string };

/** One item's. */
export interface OnceJob<Of extends Adjustment> extends AdjustmentJob<Of> {
	adjustment: OnceAdjustment<Of>;
	entry: OnceEntry;
	ledger: OnceLedger;
}

/** It was made before: by another item, or by an earlier run. */
export interface DoneBefore {
	confirmedBy: 'doneBefore';

	/**
	 * @param ids LoyaltyLion's own, of what may have come of it
	 * @returns those of them that are known to have; none when it is not known, or cannot be asked
	 */
	resultsAmong(ids: number[]): Promise<number[]>;
}

/**
 * When an adjustment is looked for that an earlier run has left open, in ms, before it is reported as unclear:
 * another worker may be about it just now, which takes a moment only.
 */
export const LOOKS_BEFORE_REPORT_MS = [300, 1800, 4800];

/**
 * Makes an adjustment, unless it was made for the same customer and the same value before, be it by an earlier
 * run of the node, in another process, or in one that crashed.
 *
 * @param job the adjustment's, and for what it is made
 * @returns how it is known that it was made
 * @throws {ItemFailure} when it was not, or when that is not known; with a code of its kind's when another was made
 *   for the value
 */
export async function adjustOnce<Of extends Adjustment>(
	job: OnceJob<Of>,
): Promise<Confirmed<Of> | DoneBefore> {
	const { ledger, entry, client, record } = job;
	return await ledger
		.alone(entry.key, client.signals.send, async () => await goOn(job, await claim(job)))
		.catch((error) => {
			// What keeps it from being sent now says nothing of what an earlier try has sent.
			throw record.unclear && isCertain(error)
				? unclearFailure(job.kind.words, record.unclear)
				: error;
		});
}

async function claim<Of extends Adjustment>({
	kind,
	ledger,
	entry,
	adjustment,
}: OnceJob<Of>): Promise<Standing> {
	return await ledger.claim(entry).catch(() => {
		throw new ItemFailure(notRemembered(kind.words, adjustment, 'unanswered'));
	});
}

async function goOn<Of extends Adjustment>(
	job: OnceJob<Of>,
	standing: Standing,
): Promise<Confirmed<Of> | DoneBefore> {
	if (standing === 'done') return toDoneBefore(job);
	// What an earlier try of the item knows of its own sending is more than what others can find out.
	if (job.record.unclear) return await clarify(job, job.record.unclear);
	if (standing === 'anotherDone') throw anotherDone(job);
	if (standing === 'claimed') return await sendClaimed(job);
	const known = knownUnclear(job);
	if (known) {
		const confirmed = await clarify(job, known);
		// What was sent again now was not added before, and what may be there twice has to be said.
		return confirmed.confirmedBy === 'response' || confirmed.secondSend
			? confirmed
			: doneBefore(job);
	}
	return await findEarlier(job, standing);
}

function doneBefore<Of extends Adjustment>({ ledger, entry }: OnceJob<Of>): DoneBefore {
	return {
		confirmedBy: 'doneBefore',
		resultsAmong: async (ids) => await ledger.resultsAmong(entry, ids).catch(() => []),
	};
}

async function sendClaimed<Of extends Adjustment>(job: OnceJob<Of>): Promise<Confirmed<Of>> {
	const { kind, ledger, entry } = job;
	const confirmed = await adjust(onceOnly(job)).catch(async (error) => {
		if (isCertain(error)) await ledger.release(entry).catch(() => {});
		throw error;
	});
	const resultId = kind.resultId?.(confirmed.sent);
	if (confirmed.secondSend) ledger.closeUnclear(entry, resultId);
	else ledger.close(entry, resultId);
	return confirmed;
}

/** Whether it was not made, and cannot have been. */
function isCertain(error: unknown): error is ItemFailure {
	return error instanceof ItemFailure && !error.isUnclear;
}

/** Goes on with what this item, or another of this process, has sent, and knows when. */
async function clarify<Of extends Adjustment>(
	job: OnceJob<Of>,
	unclear: UnclearAdjustment<Of>,
): Promise<Confirmed<Of>> {
	const { record } = job;
	const confirmed = await adjust(onceOnly({ ...job, record: { ...record, unclear } }));
	job.ledger.closeUnclear(job.entry, job.kind.resultId?.(confirmed.sent));
	return confirmed;
}

/** That an earlier try of the item has sent them twice is said whoever has found them. */
function toDoneBefore<Of extends Adjustment>(job: OnceJob<Of>): Confirmed<Of> | DoneBefore {
	const { sent, secondSend } = job.record.unclear ?? {};
	if (!sent || !secondSend || secondSend === 'refused') return doneBefore(job);
	return { confirmedBy: 'earlierTry', sent, secondSend };
}

/** What this process knows of what it has sent for the entry, if it was this one. */
function knownUnclear<Of extends Adjustment>({
	kind,
	ledger,
	entry,
	adjustment,
	client,
}: OnceJob<Of>): UnclearAdjustment<Of> | undefined {
	const sentAt = ledger.sentAt(entry);
	if (sentAt === undefined) return undefined;
	const account = client.account.mark;
	const known = logOf(kind, client.account).find({
		...adjustment,
		account,
		sentAt,
		endedAt: sentAt,
	});
	// Those that are alike need not be the same: what was sent may be another thing than this item's.
	if (!known || kind.what(known) !== entry.what) return undefined;
	const { clock, secondSend } = known;
	return {
		sent: known,
		facts: unknownOutcome(kind.words, adjustment, findingWords(kind.words).byEarlierRunOrItem),
		...(clock && { clock }),
		...(secondSend && { secondSend }),
	};
}

/**
 * Finds out what has become of an adjustment that an earlier run, or another worker, was about to make. Nothing is
 * known of it but what the customer's history shows, until that run itself comes to its end.
 */
async function findEarlier<Of extends Adjustment>(
	job: OnceJob<Of>,
	standing: Standing,
): Promise<Confirmed<Of> | DoneBefore> {
	const { ledger, entry, adjustment, ifUnclear } = job;
	if (ifUnclear === 'report') throw await leftOpen(job, standing, 'unread');
	const earlier = {
		adjustment,
		onlyOncePer: adjustment.onlyOncePer,
		isSame: standing === 'open',
		wasNamed: false,
	};
	const maySend = ifUnclear === 'checkThenSend' && standing === 'open';
	const found = await lookForEarlier(job, earlier, maySend ? LOOKS_AFTER_MS : reportTimes(job));
	if (typeof found === 'object') return found.outcome;
	if (!maySend || found !== 'notMade') throw await leftOpen(job, standing, found);
	if (!(await job.makesRow())) throw await leftOpen(job, standing, 'unproven');

	const nth = await ledger.claimAgain(entry, MOST_TIMES).catch(() => undefined);
	if (nth === undefined) throw await leftOpen(job, standing, 'sentAgain');
	// Whoever was about to send it before may have done so by now.
	const again = nth > 1 ? await lookForEarlier(job, earlier, LOOKS_AFTER_MS) : found;
	if (typeof again === 'object') return again.outcome;
	if (again !== 'notMade') throw await leftOpen(job, standing, again);
	return await sendAfterEarlier(job, nth);
}

/** Equal items that come one after another need not all wait for what the first has waited for. */
function reportTimes<Of extends Adjustment>({ ledger, entry }: OnceJob<Of>): number[] {
	return ledger.wasLookedFor(entry) ? LOOKS_BEFORE_REPORT_MS.slice(0, 1) : LOOKS_BEFORE_REPORT_MS;
}

type Unfound = Exclude<EarlierVerdict, 'made' | 'anotherMade'> | 'unread';

/**
 * @returns what was found out of it by somebody else, or what the last look has come to
 * @throws {ItemFailure} when another was made
 */
async function lookForEarlier<Of extends Adjustment>(
	job: OnceJob<Of>,
	earlier: EarlierAdjustment<Of>,
	times: number[],
): Promise<{ outcome: Confirmed<Of> | DoneBefore } | Unfound> {
	const { ledger, entry, client } = job;
	const began = performance.now();
	let finding: Unfound = 'unread';
	let mayBeThere = false;
	for (const after of times) {
		await pause(began + after - performance.now(), client.signals.read);
		if (client.signals.read?.aborted) return 'unread';
		// What this item has asked for before must not count as what was claimed.
		if (!earlier.isSame) await ledger.forgetWhat(entry).catch(() => {});
		const now = await claim(job).catch(() => 'open' as const);
		// A call of another worker may have brought back what was forgotten: it is done now, but not with this.
		if (now === 'done' && !earlier.isSame) throw await closedWithAnother(job);
		if (!now.startsWith('open')) return { outcome: await goOn(job, now) };
		const verdict = await look(job, earlier);
		if (verdict === 'made') {
			ledger.closeUnclear(entry);
			return { outcome: doneBefore(job) };
		}
		if (verdict === 'anotherMade') throw await closedWithAnother(job);
		finding = verdict;
		mayBeThere ||= finding === 'unsure';
	}
	ledger.noteLookedFor(entry);
	// Of a history that shows less than one before, nothing is concluded.
	return finding === 'notMade' && mayBeThere ? 'unproven' : finding;
}

async function closedWithAnother<Of extends Adjustment>(job: OnceJob<Of>): Promise<ItemFailure> {
	await job.ledger.closeWithAnother(job.entry).catch(() => {});
	return anotherDone(job);
}

async function look<Of extends Adjustment>(
	job: OnceJob<Of>,
	earlier: EarlierAdjustment<Of>,
): Promise<EarlierVerdict | 'unread'> {
	const { kind } = job;
	const { merchantId } = earlier.adjustment;
	const history = await lookOnce(job.client, { merchantId, sentAt: -Infinity });
	if (!history) return 'unread';
	const verdict = judgeEarlier(kind, history, earlier);
	// Asked only when it matters, as asking leaves marks for a moment.
	const namesMatter = judgeEarlier(kind, history, { ...earlier, wasNamed: true }) !== verdict;
	if (!namesMatter) return verdict;
	const wasNamed = await job.ledger.wasNamed(job.entry).catch(() => false);
	return judgeEarlier(kind, history, { ...earlier, wasNamed });
}

/** From now on it is known when it was sent, if it was: now at the latest. */
async function sendAfterEarlier<Of extends Adjustment>(
	job: OnceJob<Of>,
	nth: number,
): Promise<Confirmed<Of>> {
	const { kind, adjustment, client, record, ledger, entry } = job;
	const now = uniqueNow();
	const times = { sentAt: now, endedAt: now, byEarlierRun: true } as const;
	const sent = { ...adjustment, account: client.account.mark, ...times };
	const facts = unknownOfEarlierRun(kind.words, adjustment, 'notMade');
	const unclear = { sent, facts, clock: clockMark() };
	record.keepUnclear(unclear);
	noteUnclear(job, unclear);
	const once = onceOnly(job);
	const claimed = {
		claimSecondSend: async () => true,
		giveBackSecondSend: async () => await ledger.giveBackAgain(entry, nth).catch(() => {}),
	};
	const confirmed = await adjustAgain({ ...once, record: { ...once.record, ...claimed } }, unclear);
	ledger.closeUnclear(entry, kind.resultId?.(confirmed.sent));
	return confirmed;
}

/** What this run would have added must not look as if it had been claimed. */
async function leftOpen<Of extends Adjustment>(
	{ kind, ledger, entry, adjustment }: OnceJob<Of>,
	standing: Standing,
	finding: Unfound | 'sentAgain',
): Promise<ItemFailure> {
	if (standing !== 'openWithAnother') {
		return new ItemFailure(unknownOfEarlierRun(kind.words, adjustment, finding));
	}
	await ledger.forgetWhat(entry).catch(() => {});
	return new ItemFailure(unknownOfEarlierRun(kind.words, adjustment, 'another'));
}

function anotherDone<Of extends Adjustment>({ kind, adjustment }: OnceJob<Of>): ItemFailure {
	return new ItemFailure(kind.words.another(adjustment));
}

/** The same job, in which a second sending is claimed as the first one was. */
function onceOnly<Of extends Adjustment>({
	ledger,
	entry,
	...job
}: OnceJob<Of>): AdjustmentJob<Of> {
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

/** How often an adjustment may be sent once more that the history does not show, as often as a crash cuts it off. */
const MOST_TIMES = 8;
