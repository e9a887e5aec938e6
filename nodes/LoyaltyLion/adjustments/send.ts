import { answerFailure } from '../errors/answers';
import { ItemFailure } from '../errors/ItemFailure';
import { NOT_REACHED, reasonNoAnswer, reasonNotSent } from '../errors/network';
import type { Client } from '../transport/Client';
import type { Exchange } from '../transport/exchange';
import { customerOf, type Adjustment, type SentAdjustment } from './Adjustment';
import { clockMark, uniqueNow, type ClockMark } from './ClockMark';
import type { Kind, Learned } from './Kind';
import { requestWords, unexpected, unknownOutcome } from './words';

/** An adjustment that goes out, by which clock. */
export interface GoingOut<Of extends Adjustment> {
	sent: SentAdjustment<Of>;
	/** From when it is sent: the clock may be set before the answer comes. */
	clock: ClockMark;
}

/** How sending ended. */
export type Sent<Of extends Adjustment> = GoingOut<Of> &
	(
		| { failure: ItemFailure }
		/** LoyaltyLion confirmed it. */
		| { failure?: undefined; result?: Learned<Of>['result'] }
	);

/**
 * Sends an adjustment.
 *
 * @param kind the adjustment's
 * @param client who sends
 * @param adjustment what to send
 * @param onSending is told each time that it goes out now, and when its outcome is known at the latest
 * @returns how it ended; never throws
 */
export async function send<Of extends Adjustment>(
	kind: Kind<Of>,
	client: Client,
	adjustment: Of,
	onSending: (goingOut: GoingOut<Of>) => void,
): Promise<Sent<Of>> {
	const request = {
		method: 'POST',
		...kind.request(adjustment),
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
	const outcome = await client.send(request, noteSending).then(
		(exchange) => outcomeOf(kind, exchange, client, adjustment),
		(error) => (error instanceof ItemFailure ? error : new ItemFailure(unexpected(kind.words))),
	);
	const failure = outcome instanceof ItemFailure ? outcome : undefined;
	if (failure?.isUnclear) client.patience.unclear();
	else if (!failure || isAnswered(failure)) client.patience.clear();
	// By the clock of when it was sent, as it may have been set since.
	const endedAt = Math.ceil(sent.sentAt + performance.now() - began);
	if (outcome instanceof ItemFailure)
		return { sent: { ...sent, endedAt }, clock, failure: outcome };
	const { facts, ...result } = outcome;
	return { sent: { ...sent, ...facts, endedAt }, clock, ...result };
}

/**
 * Tells whether LoyaltyLion has looked at an adjustment and does not make it.
 *
 * @param failure why it was certainly not made
 * @returns whether that is so; otherwise LoyaltyLion has taken no request, or none was sent
 */
export function isAnswered({ facts }: ItemFailure): boolean {
	return !['rate_limited', 'not_reached', 'not_sent'].includes(facts.code);
}

function outcomeOf<Of extends Adjustment>(
	kind: Kind<Of>,
	exchange: Exchange,
	client: Client,
	adjustment: Of,
): Learned<Of> | ItemFailure {
	if ('error' in exchange) return notAnswered(kind, exchange.error, client, adjustment);
	return (
		kind.readSuccess(exchange.answer) ??
		answerFailure(client.read(exchange.answer), requestWords(kind.words, adjustment))
	);
}

function notAnswered<Of extends Adjustment>(
	{ words }: Kind<Of>,
	error: unknown,
	{ timeoutMs }: Client,
	adjustment: Of,
): ItemFailure {
	const notSent = reasonNotSent(error);
	if (!notSent) {
		return new ItemFailure(unknownOutcome(words, adjustment, reasonNoAnswer(error, timeoutMs)));
	}
	return new ItemFailure({
		code: 'not_reached',
		message: NOT_REACHED,
		description: `${notSent} Nothing was sent, so ${words.notDoneFor(customerOf(adjustment))}. Check n8n's internet connection and the Base URL of the LoyaltyLion credential, then send the item again.`,
	});
}
