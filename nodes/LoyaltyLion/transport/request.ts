import type { IDataObject } from 'n8n-workflow';
import { untilAborted } from '../shared/time';
import { CREDENTIAL_TYPE, type ItemConnection, type RequestContext } from './connect';

export interface Request {
	method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
	/** Begins with a slash; every part of it already percent-encoded. */
	path: string;
	body?: IDataObject;
	/** How much of the body to read; what lies beyond is not. */
	maxBytes: number;
}

export interface Answer {
	statusCode: number;
	/** The body, or as much of it as could be read. */
	text: string;
	/** Whether `text` is the whole body. */
	complete: boolean;
	/** The `Date` header: when it was sent, by the server's own clock. */
	date: string | undefined;
	/** The `Retry-After` header. */
	retryAfter: string | undefined;
	/** The `Age` header: for how many seconds a cache on the way has kept it. */
	age: string | undefined;
	/** When the request was sent, in ms since 1970 by this machine's clock. */
	askedAt: number;
	/** When the answer began to come in, by the same clock. */
	answeredAt: number;
}

/**
 * Sends one request to LoyaltyLion, once.
 *
 * Every status comes back as an answer. Left to throw, n8n's helper sends a request a second time on a
 * 401 (n8n-core, `httpRequestWithAuthentication`), which must not happen to what changes something. The body comes as a
 * stream, since the helper would hold a body of any size in memory.
 *
 * @param context the node's context
 * @param connection the credential to send it with
 * @param request what to send
 * @param timeoutMs how long to wait for the whole answer
 * @returns the answer, whatever its status
 * @throws whatever the helper throws when no answer came; `reasonNotSent` and `reasonNoAnswer` tell what it means
 */
export async function send(
	context: RequestContext,
	connection: ItemConnection,
	{ method, path, body, maxBytes }: Request,
	timeoutMs: number,
): Promise<Answer> {
	// The helper's own timeout starts anew with every byte that comes in, so a slow answer could take forever.
	const deadline = AbortSignal.timeout(timeoutMs);
	const askedAt = Date.now();
	const response = (await untilAborted(
		context.helpers.httpRequestWithAuthentication.call(
			context,
			CREDENTIAL_TYPE,
			{
				method,
				url: `${connection.origin}${path}`,
				headers: {
					Accept: 'application/json',
					// What a cache on the way has kept shows neither what is newest nor the time of now.
					...(method === 'GET' && { 'Cache-Control': 'no-cache' }),
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
		deadline,
	)) as Response;
	const answeredAt = Date.now();
	const content = await readAnswerText(response.body, deadline, maxBytes);
	const { statusCode, headers } = response;
	const { date, 'retry-after': retryAfter, age } = headers;
	return { statusCode, ...content, date, retryAfter, age, askedAt, answeredAt };
}

interface Response {
	statusCode: number;
	headers: Record<string, string | undefined>;
	body: AnswerStream;
}

/** As much of Node's `Readable` as is needed here. */
interface AnswerStream extends AsyncIterable<Uint8Array> {
	destroy(): void;
}

/** Never more of it than is needed, and never longer than allowed. */
async function readAnswerText(
	stream: AnswerStream,
	deadline: AbortSignal,
	maxBytes: number,
): Promise<{ text: string; complete: boolean }> {
	const chunks: Uint8Array[] = [];
	const complete = await collect(stream, deadline, maxBytes, chunks);
	return { text: Buffer.concat(chunks).toString('utf8'), complete };
}

async function collect(
	stream: AnswerStream,
	deadline: AbortSignal,
	maxBytes: number,
	chunks: Uint8Array[],
): Promise<boolean> {
	const stop = () => stream.destroy();
	deadline.addEventListener('abort', stop, { once: true });
	if (deadline.aborted) stop();
	try {
		let bytes = 0;
		for await (const chunk of stream) {
			chunks.push(chunk);
			bytes += chunk.length;
			if (bytes > maxBytes) return false;
		}
		return true;
	} catch {
		return false;
	} finally {
		deadline.removeEventListener('abort', stop);
	}
}
