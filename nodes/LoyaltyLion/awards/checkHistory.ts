import { pause } from '../account/pause';
import type { SentAward } from '../account/SentAward';
import type { Caller } from '../transport/exchange';
import { lookInHistory, type Verdict } from './history';

/** What a check has come to; `unread` when the history could not be read. */
export type Finding = Verdict | 'unread';

/**
 * How long after the request, and after all like it, the history is looked at, as LoyaltyLion may show a
 * row late; the last look decides.
 */
export const LOOKS_AFTER_MS = [1000, 3000, 8000, 16_000, 30_000];

/** A clock that was set by more than this meanwhile has no say in what belongs to when. */
const CLOCK_STEP_MS = 1000;

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
	const since = Math.max(award.endedAt, ...others().map(({ endedAt }) => endedAt));
	const clock = Date.now() - performance.now();
	let finding: Finding = 'unread';
	for (const after of LOOKS_AFTER_MS) {
		const wait = since + after - Date.now();
		if (wait < 0 && after !== LOOKS_AFTER_MS.at(-1)) continue;
		await pause(Math.max(wait, 0), caller.signal);
		finding = await lookOnce(caller, award, others);
		if (finding === 'added') return finding;
	}
	const wasClockSet = Math.abs(Date.now() - performance.now() - clock) > CLOCK_STEP_MS;
	return wasClockSet ? 'unsure' : finding;
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
