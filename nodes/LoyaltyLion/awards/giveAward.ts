import { accountOf } from '../account/accounts';
import type { SentAward } from '../account/SentAward';
import { unknownOutcome } from '../errors/answers';
import { ItemFailure, type FailureFacts } from '../errors/ItemFailure';
import type { Caller } from '../transport/exchange';
import { checkHistory, type Finding } from './checkHistory';
import { postAward, type Order } from './postAward';

/** What to do about an award of which nobody knows whether it arrived. */
export type IfUnclear = 'check' | 'checkThenSend' | 'report';

/** How it is known that the points were added. */
export interface Confirmed {
	confirmedBy: 'response' | 'history';
	sent: SentAward;
}

/** One item's award. */
export interface AwardJob {
	order: Order;
	ifUnclear: IfUnclear;
	record: AwardRecord;
	/** Sends the award, as long as the run goes on. */
	sender: Caller;
	/** Reads the customer's history, as long as the execution is not canceled. */
	reader: Caller;
}

/** What is remembered of one item over n8n's own retries. */
export interface AwardRecord {
	/** The award that an earlier try has left unclear. */
	readonly unclear: UnclearAward | undefined;
	/** Remembers that the award may have arrived. */
	keepUnclear(award: UnclearAward): void;
	/** Remembers nothing: it has certainly not arrived. */
	forget(): void;
	/** The awards by the same points to the same customer that other items of the run have made. */
	alike(): SentAward[];
}

/** An award that was sent, and may have arrived. */
export interface UnclearAward {
	sent: SentAward;
	facts: FailureFacts;
}

/** How often an award is sent at the most: again only after the history does not show it. */
const MAX_SENDS = 3;

/**
 * Makes an award, once. What may have arrived is never sent again, unless the customer's history shows
 * that it did not and the user wants it sent then.
 *
 * @param job the award
 * @returns how it is known that the points were added
 * @throws {ItemFailure} when they were not, or when that is not known
 */
export async function giveAward(job: AwardJob): Promise<Confirmed> {
	const { order, ifUnclear, record, sender } = job;
	const { awards } = accountOf(sender.connection);
	const unclear =
		record.unclear ?? (await awards.whileSending(order, sender.signal, () => send(job)));
	if ('confirmedBy' in unclear) return unclear;
	if (ifUnclear === 'report') throw new ItemFailure(unclear.facts);
	return await awards.whileChecking(order, job.reader.signal, () => clarify(job, unclear));
}

/** Sends it; what LoyaltyLion has certainly not taken is thrown. */
async function send(job: AwardJob, sentBefore?: SentAward): Promise<Confirmed | UnclearAward> {
	const { order, record, sender } = job;
	const since = (sent: SentAward) => ({ ...sent, sentAt: (sentBefore ?? sent).sentAt });
	const { sent, failure } = await postAward(sender, order, (started) =>
		record.keepUnclear({ sent: since(started), facts: unknownOutcome(order, INTERRUPTED) }),
	);
	if (!failure) return confirm(job, { confirmedBy: 'response', sent });
	if (!failure.pointsMayHaveBeenAdded) {
		record.forget();
		throw failure;
	}
	const unclear = { sent: since(sent), facts: failure.facts };
	record.keepUnclear(unclear);
	return unclear;
}

async function clarify(job: AwardJob, first: UnclearAward): Promise<Confirmed> {
	const { ifUnclear, reader, record } = job;
	let unclear = first;
	for (let sends = 1; ; sends++) {
		const { sent } = unclear;
		const finding = await checkHistory(reader, sent, () => others(job));
		if (finding === 'added') {
			return confirm(job, { confirmedBy: 'history', sent: { ...sent, endedAt: Date.now() } });
		}
		const mayBeSent = ifUnclear === 'checkThenSend' && finding === 'notAdded' && sends < MAX_SENDS;
		if (!mayBeSent) throw stillUnclear(unclear, FINDINGS[finding]);
		const left = unclear;
		const next = await send(job, sent).catch((error: ItemFailure) => {
			record.keepUnclear(left);
			throw stillUnclear(left, `${FINDINGS.notAdded} Sending it again ended so: ${error.message}.`);
		});
		if ('confirmedBy' in next) return next;
		unclear = next;
	}
}

function confirm({ sender }: AwardJob, confirmed: Confirmed): Confirmed {
	accountOf(sender.connection).awards.add(confirmed.sent);
	return confirmed;
}

/** The run remembers its own awards also when n8n was started anew since. */
function others({ order, record, sender }: AwardJob): SentAward[] {
	const known = [...accountOf(sender.connection).awards.alike(order), ...record.alike()];
	return [...new Map(known.map((award) => [award.sentAt, award])).values()];
}

function stillUnclear({ facts }: UnclearAward, finding: string): ItemFailure {
	return new ItemFailure({ ...facts, description: `${facts.description} ${finding}` });
}

const INTERRUPTED = 'The execution ended while the request was on its way.';

const FINDINGS: Record<Exclude<Finding, 'added'>, string> = {
	notAdded: 'The node looked there and did not find them, but LoyaltyLion may show them late.',
	unsure: 'The node looked there and found points that may be these, or others.',
	unread: 'The node could not read that history itself.',
};
