const { once } = require('node:events');
const { createServer } = require('node:http');
const { json } = require('node:stream/consumers');

/**
 * As much of OpenAI's chat API as an n8n agent needs: a model that calls the first tool it is offered, once
 * in each conversation, with arguments that are given.
 */
class Model {
	/** The tools that the agent offered, as it described them. @type {any[]} */
	tools = [];

	/** What the tool answered. @type {string[]} */
	answers = [];

	/** @param {object} args what it calls the tool with */
	constructor(args) {
		this.args = args;
		this.server = createServer((request, response) => void this.#answer(request, response));
	}

	async start() {
		this.server.listen(0, '127.0.0.1');
		await once(this.server, 'listening');
		return this;
	}

	get url() {
		const address = /** @type {import('node:net').AddressInfo} */ (this.server.address());
		return `http://127.0.0.1:${address.port}/v1`;
	}

	stop() {
		this.server.close();
		this.server.closeAllConnections();
	}

	/**
	 * @param {import('node:http').IncomingMessage} request
	 * @param {import('node:http').ServerResponse} response
	 */
	async #answer(request, response) {
		const { messages = [], tools = [] } = /** @type {any} */ (
			await json(request).catch(() => ({}))
		);
		const last = messages.at(-1) ?? {};
		if (tools.length > 0) this.tools = tools;
		if (last.role === 'tool') this.answers.push(last.content);
		const message =
			last.role === 'tool'
				? { role: 'assistant', content: 'Done.' }
				: { role: 'assistant', content: null, tool_calls: [this.#call(tools[0])] };
		response.writeHead(200, { 'Content-Type': 'application/json' }).end(
			JSON.stringify({
				id: 'chat',
				object: 'chat.completion',
				created: 0,
				model: 'stand-in',
				choices: [
					{ index: 0, message, finish_reason: last.role === 'tool' ? 'stop' : 'tool_calls' },
				],
				usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
			}),
		);
	}

	/** @param {any} tool */
	#call(tool) {
		const name = tool?.function.name;
		return {
			id: 'call',
			type: 'function',
			function: { name, arguments: JSON.stringify(this.args) },
		};
	}
}

module.exports = { Model };
