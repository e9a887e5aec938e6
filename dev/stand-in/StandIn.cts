import { EventEmitter, once } from 'node:events';
import {
	createServer,
	type IncomingHttpHeaders,
	type IncomingMessage as Request,
	type Server,
	type ServerResponse as Response,
} from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import type { ValidateFunction as Validate } from 'ajv';
import { Hold } from '../Hold.cts';
import { type Accounts, identify, type Identity } from './access.cts';
import { type Operation, theContract } from './Contract.cts';
import { Deliveries } from './Deliveries.cts';
import type { Happening } from './events.cts';
import { type Fault, misbehave } from './faults.cts';
import { HANDLERS, type OperationId } from './operations.cts';
import { type Call, type Handler, NOT_ALLOWED, type Reply } from './operations/Handler.cts';
import { RateLimit } from './RateLimit.cts';
import { type Award, type Customer, Shop, type Stock, type Transaction } from './Shop.cts';
import type { Topic } from './topics.cts';

export type { Award, Customer, Transaction };

/** A request that has arrived. */
export interface Held {
	method: string;
	/** With its query. */
	path: string;
}

/** The shop that a stand-in is to keep. */
interface Given extends Accounts, Stock {
	requestsPerSecond?: number;
	/** How long each answer takes. */
	latencyMs?: number;
	/** The origin at which each origin of a webhook's address is truly found. */
	routes?: Record<string, string>;
}

/**
 * A LoyaltyLion to test against: an HTTP server that holds every request to the contract in
 * openapi.yaml, and a shop that knows what has truly happened.
 */
export class StandIn extends Shop {
	/** Every request that arrived, in order. */
	requests: { method: string; path: string; headers: IncomingHttpHeaders }[] = [];

	/** What requests did that a well-made client never does: break the contract. */
	breaches: string[] = [];

	/** Whether its answers say what time it is. */
	tellsTime = true;

	/** Is told of each request when it has arrived, before anything is done for it. */
	onArrival: (request: { method: string; path: string }) => void = () => {};

	#server = createServer();

	#contract = theContract();

	#faults = new Map<string, Fault[]>();

	#arrivals = new EventEmitter().setMaxListeners(0);

	#holds: Hold<Held>[] = [];

	/** How many connections are open, and how many requests are not done with. */
	#open = 0;

	#closings = new EventEmitter().setMaxListeners(0);

	/** How long each answer takes. */
	latencyMs: number;

	readonly accounts: Required<Accounts>;

	readonly limit: RateLimit;

	/** How webhooks are told what happens. */
	readonly deliveries: Deliveries;

	constructor({
		apiKeys = {},
		sites = {},
		programs = {},
		requestsPerSecond = 20,
		latencyMs = 0,
		routes = {},
		...stock
	}: Given) {
		super(stock);
		this.latencyMs = latencyMs;
		this.accounts = { apiKeys, sites, programs };
		this.limit = new RateLimit(requestsPerSecond);
		this.deliveries = new Deliveries(this, this.accounts, routes);
	}

	/** Starts to listen, on a free port of this machine. */
	async start() {
		const server = createServer((request, response) => {
			const answer = this.#answer(server, request, response).catch((error: unknown) => {
				// Nobody would see it, and who asks would wait for ever.
				this.breaches.push(`The stand-in failed: ${String(error)}`);
				response.destroy();
			});
			void this.#whileOpen(answer);
		});
		server.on('connection', (socket) => {
			void this.#whileOpen(new Promise((resolve) => socket.once('close', resolve)));
		});
		this.#server = server;
		this.#server.listen(0, '127.0.0.1');
		await once(this.#server, 'listening');
		return this;
	}

	/** Ends every connection, answered or not, and stops to listen. */
	async stop() {
		this.#server.close();
		this.#server.closeAllConnections();
		await once(this.#server, 'close');
	}

	/** Comes to pass when nobody is connected any more, and all that was sent until now is done with. */
	async idle() {
		const { port } = new URL(this.url);
		// Connections are taken in the order in which they were made.
		const last = connect(Number(port), '127.0.0.1').end().resume();
		await once(last, 'close');
		while (this.#open > 0) await once(this.#closings, 'close');
	}

	/** Moves to another address: what was sent to this one, and has not arrived yet, never does. */
	async move() {
		await this.stop();
		await this.start();
	}

	/** The address it listens at, e.g. http://127.0.0.1:40123 */
	get url() {
		const address = this.#server.address();
		if (address === null || typeof address === 'string')
			throw new Error('The stand-in is not running.');
		return `http://127.0.0.1:${address.port}`;
	}

	/**
	 * Makes Add Points for one customer go wrong from now on.
	 *
	 * @param faults one after another
	 */
	misbehaveFor(merchantId: string, ...faults: Fault[]) {
		this.misbehaveOn('addPoints', merchantId, ...faults);
	}

	/** Makes every Add Points go wrong from now on. */
	misbehaveForAll(fault: Fault) {
		this.misbehaveAt('addPoints', fault);
	}

	/**
	 * Makes requests of one kind for one customer go wrong from now on.
	 *
	 * @param merchantId the customer's; of an update of an activity's state, the activity's
	 * @param faults one after another
	 */
	misbehaveOn(operationId: OperationId, merchantId: string, ...faults: Fault[]) {
		this.#faults.set(`${operationId} ${merchantId}`, faults);
	}

	/**
	 * Makes requests of one kind go wrong from now on, but for customers for whom they go wrong anyway.
	 *
	 * @param faults one after another
	 */
	misbehaveAt(operationId: OperationId, ...faults: Fault[]) {
		this.#faults.set(operationId, faults);
	}

	/**
	 * Lets requests wait from now on, until they are released. Of several holds that fit, the last one holds.
	 */
	hold(matches: (request: Held) => boolean) {
		const hold = new Hold(matches);
		this.#holds.push(hold);
		return hold;
	}

	/**
	 * Tells the webhooks of an event, which changes nothing in the shop.
	 *
	 * @returns what became of that, by webhook
	 */
	async happens(topic: Topic, happening?: Happening) {
		return await this.deliveries.happens(topic, happening);
	}

	/** How many requests for an operation have arrived. */
	count(operationId: OperationId) {
		return this.requests.filter(({ method, path }) => {
			const { pathname } = new URL(path, 'http://stand-in');
			return this.#operation(method, pathname)?.id === operationId;
		}).length;
	}

	/** Comes to pass when the next request to an address arrives. */
	async arrival(path: string) {
		await once(this.#arrivals, path);
	}

	/** Forgets all that has happened, every order to misbehave, and the requests that are held. */
	override reset() {
		super.reset();
		for (const hold of this.#holds) hold.forget();
		this.#holds = [];
		this.requests = [];
		this.breaches = [];
		this.tellsTime = true;
		this.onArrival = () => {};
		this.limit.refused = 0;
		this.#faults.clear();
		this.deliveries.reset();
	}

	/** @param server it has arrived at */
	async #answer(server: Server, request: Request, response: Response) {
		const { method = '', url = '', headers } = request;
		const { pathname: path, searchParams } = new URL(url, 'http://stand-in');
		this.requests.push({ method, path: url, headers });
		this.onArrival({ method, path });
		this.#arrivals.emit(path);
		response.sendDate = false;
		if (this.tellsTime) response.setHeader('Date', new Date(this.now()).toUTCString());
		const sent = await text(request).catch(() => '');
		if (server !== this.#server || !request.complete) return;
		if (!this.limit.take(performance.now())) return send(response, TOO_MANY);
		if (this.latencyMs > 0) await setTimeout(this.latencyMs);
		const hold = this.#holds.findLast((each) => each.holds({ method, path: url }));
		if (hold && !(await hold.wait())) return void response.destroy();

		const operation = this.#operation(method, path);
		if (!operation) {
			this.breaches.push(`${method} ${path} does not exist`);
			return send(response, { status: 404, body: { error: 'Not found' } });
		}
		const identity = identify(headers.authorization ?? '', operation, this.accounts);
		const call: Call = {
			parameters: parametersOf(path, operation),
			query: queryOf(searchParams),
			body: parseJson(sent),
			identity,
		};
		const fault = this.#faultFor(operation, call);
		const handler: Handler = HANDLERS[operation.id];
		const invalid = this.#invalid(operation, call, sent, headers);
		if (fault) {
			if (fault.after && !invalid) handler.takeEffect?.(this, call);
			return misbehave(fault, response, request);
		}
		const reply = refusal(identity) ?? invalid ?? handler.answer(this, call);
		send(response, reply.isDistorted ? reply : keepingContract(operation, reply));
	}

	async #whileOpen(done: Promise<unknown>) {
		this.#open++;
		try {
			await done;
		} finally {
			this.#open--;
			this.#closings.emit('close');
		}
	}

	#operation(method: string, path: string) {
		return this.#contract.find((known) => known.method === method && known.path.test(path));
	}

	#faultFor({ id }: Operation, { parameters, body }: Call) {
		const { customer_id: customerId } = Object(body) as { customer_id?: unknown };
		const whose = parameters.merchant_id ?? customerId;
		const fault = takeFrom(this.#faults, `${id} ${String(whose)}`) ?? takeFrom(this.#faults, id);
		return fault?.kind === 'none' ? undefined : fault;
	}

	#invalid(
		operation: Operation,
		{ parameters, body, query }: Call,
		sent: string,
		headers: IncomingHttpHeaders,
	): Reply | undefined {
		const { id } = operation;
		if (!operation.parameters({ ...parameters })) {
			return this.#breach(id, JSON.stringify(parameters), operation.parameters);
		}
		if (!operation.query(query)) {
			return this.#breach(id, JSON.stringify(query), operation.query);
		}
		if (!operation.body) {
			return sent === '' ? undefined : this.#breach(id, `${sent}, where no body belongs`);
		}
		const isJson = /^application\/json\b/.test(headers['content-type'] ?? '');
		if (operation.body(body) && isJson) return undefined;
		return this.#breach(id, `${JSON.stringify(body)}, JSON declared: ${isJson}`, operation.body);
	}

	#breach(
		operationId: OperationId,
		what: string,
		{ errors }: Pick<Validate, 'errors'> = {},
	): Reply {
		this.breaches.push(`${operationId}: ${what}`);
		const details = Object.fromEntries(
			(errors ?? []).map(({ instancePath, message = 'is invalid' }) => [
				instancePath.slice(1) || 'request',
				message,
			]),
		);
		return { status: 400, body: { error: { message: 'Invalid request', details } } };
	}
}

/** Takes the fault whose turn it is, which may have had its last time with that. */
function takeFrom(faults: Map<string, Fault[]>, key: string) {
	const [fault, ...others] = faults.get(key) ?? [];
	if (fault?.times === 1) faults.set(key, others);
	else if (fault?.times) faults.set(key, [{ ...fault, times: fault.times - 1 }, ...others]);
	return fault;
}

/** How LoyaltyLion words this is not known. */
const TOO_MANY: Reply = { status: 429, body: { error: { message: 'Too many requests' } } };

function refusal({ kind }: Identity): Reply | undefined {
	if (kind === 'nobody')
		return { status: 401, body: { error: { message: 'Authentication is required' } } };
	return kind === 'not allowed' ? NOT_ALLOWED : undefined;
}

/** The stand-in's own answers have to keep the contract too. */
function keepingContract(operation: Operation, reply: Reply) {
	const validate = operation.answers[reply.status];
	if (validate?.(reply.body)) return reply;
	throw new Error(
		`The stand-in broke the contract of ${operation.id} with ${JSON.stringify(reply)}`,
	);
}

function parametersOf(path: string, { path: pattern, names }: Operation): Record<string, string> {
	const [, ...values] = pattern.exec(path) ?? [];
	return Object.fromEntries(
		names.flatMap((name, index) => {
			const value = decode(values[index] ?? '');
			return value === undefined ? [] : [[name, value]];
		}),
	);
}

/** @returns undefined for what is not percent-encoded as it should be */
function decode(text: string) {
	try {
		return decodeURIComponent(text);
	} catch {
		return undefined;
	}
}

/** What is given several times is no single value. */
function queryOf(given: URLSearchParams): Record<string, unknown> {
	const names = [...new Set(given.keys())];
	return Object.fromEntries(
		names.map((name) => {
			const [value, ...more] = given.getAll(name);
			return [name, more.length > 0 ? [value, ...more] : value];
		}),
	);
}

function parseJson(sent: string): unknown {
	try {
		return JSON.parse(sent);
	} catch {
		return undefined;
	}
}

function send(response: Response, { status, body, headers }: Reply) {
	if (body === undefined) return void response.writeHead(status, headers).end();
	response
		.writeHead(status, { 'Content-Type': 'application/json', ...headers })
		.end(JSON.stringify(body));
}
