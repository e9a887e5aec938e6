import type { IDataObject } from 'n8n-workflow';
import { readAnswerText, type AnswerStream } from './answerText';
import { CREDENTIAL_TYPE, type ItemConnection, type RequestContext } from './connect';

export interface Request {
	method: 'GET' | 'POST';
	/** Begins with a slash; every part of it already percent-encoded. */
	path: string;
	body?: IDataObject;
	/** How long to wait for the whole answer. */
	timeoutMs: number;
	/** How much of the body to read; what lies beyond is not. */
	maxBytes: number;
}

export interface Answer {
	statusCode: number;
	/** The body, or as much of it as could be read. */
	text: string;
	/** Whether `text` is the whole body. */
	complete: boolean;
}

/**
 * Sends one request to LoyaltyLion, once.
 *
 * Every status comes back as an answer. Left to throw, n8n's helper sends a request a second time on a
 * 401 (n8n-core, `httpRequestWithAuthentication`), which must not happen to an add. The body comes as a
 * stream, since the helper would hold a body of any size in memory.
 *
 * @param context the node's context
 * @param connection the credential to send it with
 * @param request what to send, and how long to wait
 * @returns the answer, whatever its status
 * @throws whatever the helper throws when no answer came; `networkFailure` tells what it means
 */
export async function send(
	context: RequestContext,
	connection: ItemConnection,
	{ method, path, body, timeoutMs, maxBytes }: Request,
): Promise<Answer> {
	const deadline = AbortSignal.timeout(timeoutMs);
	const response: { statusCode: number; body: AnswerStream } = await before(
		deadline,
		context.helpers.httpRequestWithAuthentication.call(
			context,
			CREDENTIAL_TYPE,
			{
				method,
				url: `${connection.origin}${path}`,
				headers: {
					Accept: 'application/json',
					...(body && { 'Content-Type': 'application/json' }),
				},
				...(body && { body }),
				timeout: timeoutMs,
				encoding: 'stream',
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
			},
			{ credentialsDecrypted: connection.credential },
		),
	);
	const content = await readAnswerText(response.body, deadline, maxBytes);
	return { statusCode: response.statusCode, ...content };
}

/** The helper's own timeout starts anew with every byte that comes in, so a slow answer could take forever. */
async function before<Result>(deadline: AbortSignal, result: Promise<Result>): Promise<Result> {
	let giveUp = () => {};
	const tooLate = new Promise<never>((_resolve, reject) => {
		giveUp = () => reject(deadline.reason);
		deadline.addEventListener('abort', giveUp, { once: true });
	});
	try {
		return await Promise.race([result, tooLate]);
	} finally {
		deadline.removeEventListener('abort', giveUp);
	}
}
