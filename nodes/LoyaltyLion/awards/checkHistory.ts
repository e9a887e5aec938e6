import { pause } from '../account/pause';
import type { SentAward } from '../account/SentAward';
import type { Caller } from '../transport/exchange';
import { lookInHistory, type Verdict } from './history';

/** What a check has come to; `unread` when the history could not be read. */
export type Finding = Verdict | 'unread';

/**
 * How long after the request the history is looked at, as LoyaltyLion may show a row late; the last look
 * decides.
 */
export const LOOKS_AFTER_MS = [1000, 3000, 8000, 16_000, 30_000];

/**
 * Looks for an award in the customer's history, again and again, until it is there or the time is up.
 *
 * @param caller who looks
 * @param award what was sent
 * @param others awards by the same points to the same customer that are known to have been added
 * @returns what the last look has shown; `unread` also when the execution was canceled meanwhile
 */
export async function checkHistory(
	caller: Caller,
	award: SentAward,
	others: () => SentAward[],
): Promise<Finding> {
	const elapsed = Date.now() - award.endedAt;
	const ahead = LOOKS_AFTER_MS.map((after) => after - elapsed).filter((wait) => wait > 0);
	const waits = (ahead.length > 0 ? ahead : [0]).map(
		(wait, look, all) => wait - (all[look - 1] ?? 0),
	);
	let finding: Finding = 'unread';
	for (const wait of waits) {
		await pause(wait, caller.signal);
		finding = await lookOnce(caller, award, others);
		if (finding === 'added') return finding;
	}
	return finding;
}

async function lookOnce(
	caller: Caller,
	award: SentAward,
	others: () => SentAward[],
): Promise<Finding> {
	try {
		return await lookInHistory(caller, award, others());
	} catch {
		return 'unread';
	}
}
