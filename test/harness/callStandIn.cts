import { request } from 'undici';
import type { StandIn } from '../../dev/stand-in/StandIn.cts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Sent {
	method: Method;
	/** With its query. */
	path: string;
	/** Text is sent as it is, everything else as JSON. */
	body?: unknown;
	authorization?: string;
	contentType?: string;
}

/**
 * Makes a request to a stand-in as any client could.
 *
 * @returns the status, and the body: what JSON says, or the text that is none
 */
export async function callStandIn(
	standIn: StandIn,
	{
		method,
		path,
		body,
		authorization = 'Bearer pat_write',
		contentType = 'application/json',
	}: Sent,
) {
	const answer = await request(standIn.url + path, {
		method,
		headers: {
			authorization,
			...(body !== undefined && { 'content-type': contentType }),
		},
		...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
	});
	return { status: answer.statusCode, body: toValue(await answer.body.text()) };
}

function toValue(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
