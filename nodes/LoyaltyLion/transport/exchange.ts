import { reasonNotSent } from '../errors/network';
import { pause, untilAborted } from '../shared/time';
import { accountOf } from './accounts';
import type { ItemConnection, RequestContext } from './connect';
import { assertNotCanceled, type Obstacle, type Patience } from './Patience';
import { send, type Answer, type Request } from './request';
import { retryAfterMs } from './retryAfter';

/** Who sends: one item of a run of the node, or a field that is being filled in. */
export interface Sender {
	context: RequestContext;
	/** The credential to send it with. */
	connection: ItemConnection;
	/** The run's own. */
	patience: Patience;
	/** The item's place in the run: requests of the first items go first. */
	place: number;
	/** How many requests any second may hold; 0 for as many as there are. */
	requestsPerSecond: number;
	/** How long to wait for each answer. */
	timeoutMs: number;
}

/** How a request ended: with an answer, or with an error of n8n's HTTP helper. */
export type Exchange = { answer: Answer } | { error: unknown };

/** Waits before a request is tried again that never left. */
const FIRST_WAIT_MS = 500;

/**
 * Sends a request when it is its turn, and again as long as it is certain that LoyaltyLion did not take it:
 * when it answers 429, or when no connection could be made.
 *
 * @param sender who sends
 * @param request what to send
 * @param signal aborts when nothing more is to be sent
 * @param onSending is told each time that the request goes out now
 * @returns how the last try ended
 * @throws {ItemFailure} `not_sent` when nothing is to be sent any more, or nothing that changes something
 */
export async function exchange(
	sender: Sender,
	request: Request,
	signal: AbortSignal | undefined,
	onSending: () => void = () => {},
): Promise<Exchange> {
	const { patience } = sender;
	const { pacer, clock } = accountOf(sender.connection);
	for (let tries = 1; ; tries++) {
		const { foregoneAnswer } = patience;
		if (foregoneAnswer && pacer.isPaused) return { answer: foregoneAnswer };
		const use = await pacer.turn({ run: patience, ...sender, signal });
		assertNotCanceled(signal);
		if (request.method !== 'GET') patience.assertLasts();
		onSending();
		const result = await tryOnce(sender, request, signal);
		if ('answer' in result) clock.note(result.answer);
		const obstacle = obstacleOf(result);
		if (!obstacle) {
			pacer.taken(use);
			patience.gotThrough();
			return result;
		}
		if (obstacle.answer) pacer.refused(use, retryAfterMs(obstacle.answer));
		if (!patience.lastsFor(obstacle, tries)) return result;
		if (!obstacle.answer) await pause(backoff(tries), signal);
	}
}

/** Reads may be abandoned when all is to stop; what changes something has to be waited for. */
async function tryOnce(
	{ context, connection, timeoutMs }: Sender,
	request: Request,
	signal: AbortSignal | undefined,
): Promise<Exchange> {
	try {
		const answer = send(context, connection, request, timeoutMs);
		return { answer: await (request.method === 'GET' ? untilAborted(answer, signal) : answer) };
	} catch (error) {
		return { error };
	}
}

function obstacleOf(result: Exchange): Obstacle | undefined {
	if ('answer' in result) {
		return result.answer.statusCode === 429 ? { kind: 'refused', ...result } : undefined;
	}
	return reasonNotSent(result.error) ? { kind: 'notSent' } : undefined;
}

function backoff(tries: number): number {
	return FIRST_WAIT_MS * 2 ** (tries - 1) * (0.5 + Math.random() / 2);
}
