import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

interface Tool {
	type: string;
	function: { name: string };
}

/** As much as is read of what the agent asks. */
interface Question {
	messages?: { role: string; content: string }[];
	tools?: Tool[];
}

/**
 * As much of OpenAI's chat API as an n8n agent needs: a model that calls the first tool it is offered, once
 * in each conversation, with arguments that are given.
 */
export class Model {
	/** The tools that the agent offered, as it described them. */
	tools: Tool[] = [];

	/** What the tool answered. */
	answers: string[] = [];

	readonly args: object;

	readonly server: Server;

	/** @param args what it calls the tool with */
	constructor(args: object) {
		this.args = args;
		this.server = createServer((request, response) => void this.#answer(request, response));
	}

	async start() {
		this.server.listen(0, '127.0.0.1');
		await once(this.server, 'listening');
		return this;
	}

	get url() {
		const address = this.server.address() as AddressInfo;
		return `http://127.0.0.1:${address.port}/v1`;
	}

	stop() {
		this.server.close();
		this.server.closeAllConnections();
	}

	async #answer(request: IncomingMessage, response: ServerResponse) {
		const { messages = [], tools = [] } = (await json(request).catch(() => ({}))) as Question;
		const last = messages.at(-1);
		if (tools.length > 0) this.tools = tools;
		if (last?.role === 'tool') this.answers.push(last.content);
		const message =
			last?.role === 'tool'
				? { role: 'assistant', content: 'Done.' }
				: { role: 'assistant', content: null, tool_calls: [this.#call(tools[0])] };
		response.writeHead(200, { 'Content-Type': 'application/json' }).end(
			JSON.stringify({
				id: 'chat',
				object: 'chat.completion',
				created: 0,
				model: 'stand-in',
				choices: [
					{ index: 0, message, finish_reason: last?.role === 'tool' ? 'stop' : 'tool_calls' },
				],
				usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
			}),
		);
	}

	#call(tool: Tool | undefined) {
		const name = tool?.function.name;
		return {
			id: 'call',
			type: 'function',
			function: { name, arguments: JSON.stringify(this.args) },
		};
	}
}
