import { ItemFailure } from '../errors/ItemFailure';
import { pause, untilAborted } from '../shared/time';
import type { Account } from '../transport/accounts';
import { LOOKS_AFTER_MS } from '../transport/looks';
import type { Client } from '../transport/Client';
import type { Adjustment, Sending } from './Adjustment';
import { readHistory, type History } from './history';
import { SharedReads } from './SharedReads';

export { LOOKS_AFTER_MS };

/** One series of looks at a customer's history. */
export interface Check<Result> {
	/** Which adjustment it is about. */
	adjustment: Adjustment & Sending;
	/** When the last adjustment like it ended, in ms since 1970 by this machine's clock. */
	since: number;
	/** How many of {@link LOOKS_AFTER_MS} there are. */
	looks: number;
	/**
	 * Is handed what each look shows. Whoever looks at the same time is handed the same, one after another:
	 * what one of them concludes from it has to be noted before this returns.
	 */
	conclude: (history: History) => Result;
	/** Tells whether further looks can change nothing. */
	isFinal: (result: Result) => boolean;
	/** What it comes to when the history could not be read. */
	unread: Result;
}

/**
 * Looks at a customer's history, again and again, until it shows what is looked for or the time is up.
 *
 * @param client who looks
 * @param check what is looked for
 * @returns what the last look has come to; `unread` also when the execution was canceled meanwhile
 */
export async function checkHistory<Result>(
	client: Client,
	{ adjustment, since, looks, conclude, isFinal, unread }: Check<Result>,
): Promise<Result> {
	const times = LOOKS_AFTER_MS.slice(0, looks);
	// By time that passes, as the clock may be set meanwhile.
	const began = performance.now() - Math.max(0, Date.now() - since);
	let result = unread;
	for (const after of times) {
		const wait = began + after - performance.now();
		if (wait < 0 && after !== times.at(-1)) continue;
		await pause(Math.max(wait, 0), client.signals.read);
		const history = await lookOnce(client, adjustment);
		result = history ? conclude(history) : unread;
		if (history && isFinal(result)) return result;
	}
	return result;
}

/**
 * Looks at a customer's history once, or takes part in somebody else's look at it.
 *
 * @param client who looks
 * @param adjustment whose history, and since when it is needed, in ms since 1970 by this machine's clock
 * @returns what it shows, and further back where that serves others; nothing when it could not be read
 */
export async function lookOnce(
	client: Client,
	adjustment: Pick<Adjustment & Sending, 'merchantId' | 'sentAt'>,
): Promise<History | undefined> {
	const signal = client.signals.read;
	const reads = readsOf(client.account);
	while (!signal?.aborted) {
		try {
			const reading = reads.read(adjustment.merchantId, adjustment.sentAt, (since) =>
				readHistory(client, adjustment.merchantId, since),
			);
			return await untilAborted(reading, signal);
		} catch (error) {
			// The reading may be that of another execution, which was canceled.
			const wasCanceled = error instanceof ItemFailure && error.facts.code === 'not_sent';
			if (!wasCanceled) return undefined;
		}
	}
	return undefined;
}

function readsOf(account: Account): SharedReads<History> {
	const reads = READS.get(account) ?? new SharedReads<History>();
	READS.set(account, reads);
	return reads;
}

const READS = new WeakMap<Account, SharedReads<History>>();
