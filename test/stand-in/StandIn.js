const { once } = require('node:events');
const { createServer } = require('node:http');
const { join } = require('node:path');
const { text } = require('node:stream/consumers');
const { OpenAPIBackend } = require('openapi-backend');
const { misbehave } = require('./faults');
const { RateLimit } = require('./RateLimit');

/**
 * @typedef {import('./faults').Fault} Fault
 * @typedef {import('openapi-backend').Context} Context
 *
 * @typedef {object} Settings
 * @property {Record<string, string[]>} [apiKeys] each key with its scopes
 * @property {Record<string, string>} [sites] each site token with its secret
 * @property {Record<string, Customer>} [customers] by merchant ID
 * @property {number} [requestsPerSecond]
 *
 * @typedef {object} Customer
 * @property {boolean} [blocked]
 *
 * @typedef {object} Award
 * @property {string} merchantId
 * @property {number} points
 * @property {string | null} reason
 *
 * @typedef {object} Reply
 * @property {number} status
 * @property {unknown} body
 */

/**
 * A LoyaltyLion to test against: an HTTP server that holds every request to the contract in
 * openapi.yaml, and a ledger of who got which points.
 */
class StandIn {
	/** Every award there was, in the order in which it happened. @type {Award[]} */
	ledger = [];

	/** Every request that arrived, in order. @type {{ method: string, path: string, headers: import('node:http').IncomingHttpHeaders }[]} */
	requests = [];

	/** Requests that a well-made client never sends: they break the contract. @type {string[]} */
	breaches = [];

	#server = createServer((request, response) => void this.#answer(request, response));

	#faults = /** @type {Map<string, Fault>} */ (new Map());

	/** @param {Settings} settings */
	constructor({ apiKeys = {}, sites = {}, customers = {}, requestsPerSecond = 20 }) {
		this.apiKeys = apiKeys;
		this.sites = sites;
		this.customers = customers;
		this.limit = new RateLimit(requestsPerSecond);
		this.api = this.#createApi();
	}

	/** Starts to listen, on a free port of this machine. */
	async start() {
		await this.api.init();
		this.#server.listen(0, '127.0.0.1');
		await once(this.#server, 'listening');
		return this;
	}

	/** Ends every connection, answered or not, and stops to listen. */
	async stop() {
		this.#server.closeAllConnections();
		this.#server.close();
		await once(this.#server, 'close');
	}

	/** The address it listens at, e.g. http://127.0.0.1:40123 */
	get url() {
		const address = this.#server.address();
		if (address === null || typeof address === 'string') throw new Error('The stand-in is not running.');
		return `http://127.0.0.1:${address.port}`;
	}

	/**
	 * Makes every Add Points for one customer go wrong from now on.
	 * @param {string} merchantId
	 * @param {Fault} fault
	 */
	misbehaveFor(merchantId, fault) {
		this.#faults.set(merchantId, fault);
	}

	/** What each customer has, for those who have anything. @returns {Record<string, number>} */
	balances() {
		/** @type {Record<string, number>} */
		const balances = {};
		for (const { merchantId, points } of this.ledger) {
			balances[merchantId] = (balances[merchantId] ?? 0) + points;
		}
		return balances;
	}

	/** Forgets all that has happened, and every order to misbehave. */
	reset() {
		this.ledger = [];
		this.requests = [];
		this.breaches = [];
		this.#faults.clear();
	}

	/**
	 * @param {import('node:http').IncomingMessage} request
	 * @param {import('node:http').ServerResponse} response
	 */
	async #answer(request, response) {
		const { method = '', url: path = '', headers } = request;
		this.requests.push({ method, path, headers });
		const body = await text(request).catch(() => '');
		if (!this.limit.take(performance.now())) return send(response, tooMany());
		if (method === 'POST' && !isJson(headers)) return send(response, this.#notJson(path));
		const reply = await this.api.handleRequest(
			{ method, path, headers: singleHeaders(headers), body },
			{ request, response },
		);
		if (reply) send(response, reply);
	}

	#createApi() {
		return new OpenAPIBackend({
			definition: join(__dirname, 'openapi.yaml'),
			quick: true,
			ajvOpts: { strict: false, allErrors: true },
			handlers: {
				addPoints: (context, exchange) => this.#addPoints(context, exchange),
				whoami: (context) => this.#checked(context, whoami(context)),
				unauthorizedHandler: (context) => this.#checked(context, unauthorized(context)),
				validationFail: (context) => this.#checked(context, this.#invalid(context)),
				notFound: ({ request }) => {
					this.breaches.push(`${request.method} ${request.path} does not exist`);
					return { status: 404, body: { error: 'Not found' } };
				},
			},
			securityHandlers: {
				ProgramApiKey: ({ request, operation }) => this.#byKey(request.headers, operation),
				SiteTokenSecret: ({ request }) => this.#bySite(request.headers),
			},
		});
	}

	/**
	 * @param {Context} context
	 * @param {{ request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse }} exchange
	 * @returns {Reply | undefined}
	 */
	#addPoints(context, { request, response }) {
		const merchantId = String(context.request.params.merchant_id);
		const fault = this.#faults.get(merchantId);
		const { points, reason = null } = context.request.requestBody;
		if (fault) {
			if (fault.after) this.ledger.push({ merchantId, points, reason });
			misbehave(fault, response, request);
			return undefined;
		}
		const customer = Object.hasOwn(this.customers, merchantId) ? this.customers[merchantId] : undefined;
		if (!customer) return this.#checked(context, { status: 404, body: { error: 'Customer not found' } });
		if (customer.blocked) return this.#checked(context, { status: 422, body: { error: 'Customer is blocked' } });
		this.ledger.push({ merchantId, points, reason });
		return this.#checked(context, { status: 201, body: '' });
	}

	/**
	 * Its own answers have to keep the contract too.
	 * @param {Context} context
	 * @param {Reply} reply
	 */
	#checked(context, reply) {
		const { errors } = this.api.validateResponse(reply.body, context.operation, reply.status);
		if (errors) throw new Error(`The stand-in broke the contract: ${JSON.stringify(errors)}`);
		return reply;
	}

	/**
	 * @param {Context} context
	 * @returns {Reply}
	 */
	#invalid({ validation, request }) {
		const faults = (validation.errors ?? []).map(({ instancePath, message }) => [
			instancePath.replace(/^\/requestBody\/?/, '') || 'body',
			message ?? 'is invalid',
		]);
		this.breaches.push(`${request.method} ${request.path}: ${faults.flat().join(' ')}`);
		return { status: 400, body: { error: { message: 'Invalid request', details: Object.fromEntries(faults) } } };
	}

	/**
	 * @param {string} path
	 * @returns {Reply}
	 */
	#notJson(path) {
		this.breaches.push(`${path}: the body is not declared as JSON`);
		return { status: 400, body: { error: { message: 'The body must be JSON' } } };
	}

	/**
	 * @param {Record<string, string | string[]>} headers
	 * @param {{ security?: object[] }} operation
	 */
	#byKey(headers, operation) {
		const key = /^Bearer (\S+)$/.exec(String(headers.authorization))?.[1] ?? '';
		if (!Object.hasOwn(this.apiKeys, key)) return undefined;
		const scopes = this.apiKeys[key] ?? [];
		const needed = (operation.security ?? []).flatMap((scheme) => Object.values(scheme)).flat();
		if (needed.every((scope) => scopes.includes(scope))) return { kind: 'api_key', scopes };
		throw new Error('scope');
	}

	/** @param {Record<string, string | string[]>} headers */
	#bySite(headers) {
		const pair = /^Basic (\S+)$/.exec(String(headers.authorization))?.[1] ?? '';
		const [token = '', ...secret] = Buffer.from(pair, 'base64').toString().split(':');
		const known = Object.hasOwn(this.sites, token) && this.sites[token] === secret.join(':');
		return known ? { kind: 'site' } : undefined;
	}
}

/**
 * @param {Context} context
 * @returns {Reply}
 */
function whoami({ security }) {
	const { kind, scopes } = security.ProgramApiKey ?? security.SiteTokenSecret;
	return { status: 200, body: { identity: { kind, account_id: 1, program_id: 2, scopes, integration: null } } };
}

/**
 * @param {Context} context
 * @returns {Reply}
 */
function unauthorized({ security }) {
	return security.ProgramApiKey?.error
		? { status: 403, body: { error: { message: 'This API key is missing a permission' } } }
		: { status: 401, body: { error: { message: 'Authentication is required' } } };
}

/** How LoyaltyLion words this is not known. @returns {Reply} */
function tooMany() {
	return { status: 429, body: { error: { message: 'Too many requests' } } };
}

/** @param {import('node:http').IncomingHttpHeaders} headers */
function isJson(headers) {
	return /^application\/json\b/.test(headers['content-type'] ?? '');
}

/**
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @returns {Record<string, string | string[]>}
 */
function singleHeaders(headers) {
	return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value ?? '']));
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {Reply} reply
 */
function send(response, { status, body }) {
	response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

module.exports = { StandIn };
