import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import express, { type Request, type Response } from 'express';
import type { IDataObject } from 'n8n-workflow';
import { type Listening, PATHS, type Trigger } from './Trigger.cts';

/**
 * Takes calls for triggers as n8n 2.41 does for nodes that let it answer when it has received one (n8n,
 * `body-parser.ts`, `webhook-helpers.ts`, `webhook-request-handler.ts`).
 */
export class WebhookServer {
	/** By which it takes calls. */
	triggers: Trigger[] = [];

	/** What has started a workflow, in order. */
	started: IDataObject[] = [];

	/** What triggers have thrown, which starts an execution that fails, and whether an answer had left by then. */
	failed: { error: unknown; hasLeft: boolean }[] = [];

	/** What begins an execution, once n8n has a place for it; what it throws keeps it from beginning. */
	begin: (json: IDataObject) => Promise<unknown> = async () => {};

	#server: Server | undefined;

	/** Starts to listen, on a free port of this machine. */
	async start() {
		const app = express();
		for (const [listening, path] of Object.entries(PATHS)) {
			app.post(`/${path}/:webhookId/webhook`, (request, response) => {
				const answered = this.#answer(request, response, listening as Listening);
				// As Express does when an answer had left before.
				answered.catch(() => request.socket.destroy());
			});
		}
		this.#server = app.listen(0, '127.0.0.1');
		await once(this.#server, 'listening');
	}

	/** Ends every connection, and stops to listen. */
	stop() {
		this.#server?.close();
		this.#server?.closeAllConnections();
	}

	/** The origin at which it listens. */
	get url() {
		return `http://127.0.0.1:${(this.#server?.address() as AddressInfo).port}`;
	}

	/** Knows no triggers any more, and forgets what has started. */
	reset() {
		Object.assign(this, { triggers: [], started: [], failed: [], begin: async () => {} });
	}

	async #answer(request: Request, response: Response, listening: Listening) {
		const { webhookId } = request.params;
		const trigger = this.triggers.find(({ setting }) => setting.webhookId === webhookId);
		if (!trigger) return void response.status(404).json({ message: 'Not registered' });
		const unread = await readBody(request);
		if (unread) return void response.status(unread.status).json({ message: unread.message });
		try {
			const { workflowData, noWebhookResponse } = await trigger.take(request, response, listening);
			if (noWebhookResponse) return;
			if (!workflowData) return void response.json({ message: 'Webhook call received' });
			const [[{ json = {} } = {}] = []] = workflowData;
			try {
				await this.begin(json);
			} catch {
				const message = 'There was a problem executing the workflow';
				return void response.status(500).json({ code: 0, message });
			}
			this.started.push(json);
			response.json({ message: 'Workflow was started' });
		} catch (error) {
			this.failed.push({ error, hasLeft: response.writableFinished });
			const message = 'Workflow Webhook Error: Workflow could not be started!';
			response.status(500).json({ code: 0, message });
		}
	}
}

const LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * Reads the body, and keeps its bytes: as they were sent, but for the encoding, and for forms with files not at
 * all.
 *
 * @returns what to answer if it cannot be read
 */
async function readBody(
	request: Request,
): Promise<{ status: number; message: string } | undefined> {
	const [type = ''] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
	request.body = {};
	if (type.startsWith('multipart/')) return void request.resume();
	const isZipped = request.headers['content-encoding'] === 'gzip';
	const rawBody = await buffer(isZipped ? request.pipe(createGunzip()) : request);
	if (rawBody.length > LIMIT_BYTES) return { status: 413, message: 'request entity too large' };
	Object.assign(request, { rawBody });
	if (rawBody.length === 0 || type !== 'application/json') return undefined;
	const [, charset = 'utf-8'] =
		/charset=([\w-]+)/i.exec(request.headers['content-type'] ?? '') ?? [];
	try {
		request.body = JSON.parse(
			rawBody.toString(charset as BufferEncoding).replace(/^\ufeff/, ''),
		) as unknown;
		return undefined;
	} catch {
		return { status: 422, message: 'Failed to parse request body' };
	}
}
