import { accountOf } from '../account/accounts';
import { clockMark, type ClockMark } from '../account/ClockMark';
import type { SentAward } from '../account/SentAward';
import { uniqueNow } from '../account/uniqueNow';
import { answerFailure, type Award } from '../errors/answers';
import type { ItemFailure } from '../errors/ItemFailure';
import { networkFailure } from '../errors/network';
import { toItemFailure } from '../errors/toItemFailure';
import { readApiWords } from '../transport/apiWords';
import { exchange, type Caller, type Exchange } from '../transport/exchange';
import type { Answer } from '../transport/request';

/** Far more than any answer to Add Points. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** What is to be awarded, and why. */
export interface Order extends Award {
	reason: string | null;
}

/** An award that goes out, by which clock. */
export interface Sending {
	sent: SentAward;
	/** From when it is sent: the clock may be set before the answer comes. */
	clock: ClockMark;
}

/** How sending an award ended. */
export interface Posted extends Sending {
	/** Nothing when LoyaltyLion confirmed it. */
	failure: ItemFailure | undefined;
}

/**
 * Sends an award: `POST /v2/customers/{merchant_id}/points` (LoyaltyLion Admin API v2).
 *
 * @param caller who sends
 * @param order what to award
 * @param onSending is told each time that it goes out now, and when its outcome is known at the latest
 * @returns how it ended; never throws
 */
export async function postAward(
	caller: Caller,
	order: Order,
	onSending: (sending: Sending) => void,
): Promise<Posted> {
	const { merchantId, points, reason } = order;
	const { mark } = accountOf(caller.connection);
	const request = {
		method: 'POST',
		path: `/v2/customers/${encodeURIComponent(merchantId)}/points`,
		body: reason === null ? { points } : { points, reason },
		maxBytes: MAX_ANSWER_BYTES,
	} as const;
	const sent = { merchantId, points, reason, account: mark, sentAt: 0, endedAt: 0 };
	let clock = clockMark();
	const noteSending = () => {
		clock = clockMark();
		sent.sentAt = uniqueNow();
		sent.endedAt = sent.sentAt + caller.timeoutMs;
		onSending({ sent: { ...sent }, clock });
	};
	const failure = await exchange(caller, request, noteSending).then(
		(result) => failureOf(result, caller, order),
		toItemFailure,
	);
	if (failure?.pointsMayHaveBeenAdded) caller.patience.unclear();
	else if (!failure || isAnswered(failure)) caller.patience.clear();
	return { sent: { ...sent, endedAt: Date.now() }, clock, failure };
}

/**
 * Tells whether LoyaltyLion has looked at an award and does not give it.
 *
 * @param failure why points were certainly not added
 * @returns whether that is so; otherwise LoyaltyLion has taken no request, or none was sent
 */
export function isAnswered({ facts }: ItemFailure): boolean {
	return !['rate_limited', 'not_reached', 'not_sent'].includes(facts.code);
}

function failureOf(
	result: Exchange,
	{ connection, timeoutMs }: Caller,
	order: Order,
): ItemFailure | undefined {
	if ('error' in result) return networkFailure(result.error, order, timeoutMs);
	const { answer } = result;
	if (isAdded(answer)) return undefined;
	const words = readApiWords(answer.text, connection.secrets);
	const { statusCode, complete } = answer;
	return answerFailure({ statusCode, complete, words, method: connection.method }, order);
}

/** The documented answer is 201 with an empty JSON string; the wire may carry nothing at all. */
function isAdded({ statusCode, text, complete }: Answer): boolean {
	return statusCode === 201 && complete && ['', '""'].includes(text.trim());
}
