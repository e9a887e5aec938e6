import { answerFailure } from '../errors/answers';
import { ItemFailure } from '../errors/ItemFailure';
import { NOT_REACHED, reasonNoAnswer, reasonNotSent } from '../errors/network';
import type { Client } from '../transport/Client';
import type { Exchange } from '../transport/exchange';
import type { Answer } from '../transport/request';
import { customerOf, type Adjustment, type SentAdjustment } from './Adjustment';
import { clockMark, uniqueNow, type ClockMark } from './ClockMark';
import { addingWords, UNEXPECTED, unknownOutcome } from './words';

/** Far more than any answer to Add Points. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** An adjustment that goes out, by which clock. */
export interface Sending {
	sent: SentAdjustment;
	/** From when it is sent: the clock may be set before the answer comes. */
	clock: ClockMark;
}

/** How sending ended. */
export interface Sent extends Sending {
	/** Nothing when LoyaltyLion confirmed it. */
	failure: ItemFailure | undefined;
}

/**
 * Sends an adjustment: `POST /v2/customers/{merchant_id}/points` (LoyaltyLion Admin API v2).
 *
 * @param client who sends
 * @param adjustment what to send
 * @param onSending is told each time that it goes out now, and when its outcome is known at the latest
 * @returns how it ended; never throws
 */
export async function send(
	client: Client,
	adjustment: Adjustment,
	onSending: (sending: Sending) => void,
): Promise<Sent> {
	const { merchantId, points, reason } = adjustment;
	const request = {
		method: 'POST',
		path: `/v2/customers/${encodeURIComponent(merchantId)}/points`,
		body: reason === null ? { points } : { points, reason },
		maxBytes: MAX_ANSWER_BYTES,
	} as const;
	const sent = { ...adjustment, account: client.account.mark, sentAt: 0, endedAt: 0 };
	let clock = clockMark();
	let began = performance.now();
	const noteSending = () => {
		clock = clockMark();
		began = performance.now();
		sent.sentAt = uniqueNow();
		sent.endedAt = sent.sentAt + client.timeoutMs;
		onSending({ sent: { ...sent }, clock });
	};
	const failure = await client.send(request, noteSending).then(
		(result) => failureOf(result, client, adjustment),
		(error) => (error instanceof ItemFailure ? error : new ItemFailure(UNEXPECTED)),
	);
	if (failure?.isUnclear) client.patience.unclear();
	else if (!failure || isAnswered(failure)) client.patience.clear();
	// By the clock of when it was sent, as it may have been set since.
	const endedAt = Math.ceil(sent.sentAt + performance.now() - began);
	return { sent: { ...sent, endedAt }, clock, failure };
}

/**
 * Tells whether LoyaltyLion has looked at an adjustment and does not make it.
 *
 * @param failure why points were certainly not added
 * @returns whether that is so; otherwise LoyaltyLion has taken no request, or none was sent
 */
export function isAnswered({ facts }: ItemFailure): boolean {
	return !['rate_limited', 'not_reached', 'not_sent'].includes(facts.code);
}

function failureOf(
	result: Exchange,
	client: Client,
	adjustment: Adjustment,
): ItemFailure | undefined {
	if ('error' in result) return notAnswered(result.error, client, adjustment);
	if (isAdded(result.answer)) return undefined;
	return answerFailure(client.read(result.answer), addingWords(adjustment));
}

/** The documented answer is 201 with an empty JSON string; the wire may carry nothing at all. */
function isAdded({ statusCode, text, complete }: Answer): boolean {
	return statusCode === 201 && complete && ['', '""'].includes(text.trim());
}

function notAnswered(error: unknown, { timeoutMs }: Client, adjustment: Adjustment): ItemFailure {
	const notSent = reasonNotSent(error);
	if (!notSent) {
		return new ItemFailure(unknownOutcome(adjustment, reasonNoAnswer(error, timeoutMs)));
	}
	return new ItemFailure({
		code: 'not_reached',
		message: NOT_REACHED,
		description: `${notSent} Nothing was sent, so no points were added for customer ${customerOf(adjustment)}. Check n8n's internet connection and the Base URL of the LoyaltyLion credential, then send the item again.`,
	});
}
