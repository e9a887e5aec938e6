import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAnswerText, type AnswerStream } from './answerText';
import { CREDENTIAL_TYPE, type ItemConnection } from './connect';

export interface PostRequest {
	/** Begins with a slash; every part of it already percent-encoded. */
	path: string;
	body: IDataObject;
	/** How long to wait for the whole answer. */
	timeoutMs: number;
}

export interface Answer {
	statusCode: number;
	/** The body, or as much of it as could be read. */
	text: string;
	/** Whether `text` is the whole body. */
	complete: boolean;
}

/**
 * Sends one POST to LoyaltyLion, once.
 *
 * Every status comes back as an answer. Left to throw, n8n's helper sends a request a second time on a
 * 401 (n8n-core, `httpRequestWithAuthentication`), which must not happen to an add. The body comes as a
 * stream, since the helper would hold a body of any size in memory.
 *
 * @param context the running node
 * @param connection the credential to send it with
 * @param request what to send, and how long to wait
 * @returns the answer, whatever its status
 * @throws whatever the helper throws when no answer came; `networkFailure` tells what it means
 */
export async function post(
	context: IExecuteFunctions,
	connection: ItemConnection,
	{ path, body, timeoutMs }: PostRequest,
): Promise<Answer> {
	const deadline = AbortSignal.timeout(timeoutMs);
	const response: { statusCode: number; body: AnswerStream } = await before(
		deadline,
		context.helpers.httpRequestWithAuthentication.call(
			context,
			CREDENTIAL_TYPE,
			{
				method: 'POST',
				url: `${connection.origin}${path}`,
				headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
				body,
				timeout: timeoutMs,
				encoding: 'stream',
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
			},
			{ credentialsDecrypted: connection.credential },
		),
	);
	return { statusCode: response.statusCode, ...(await readAnswerText(response.body, deadline)) };
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
