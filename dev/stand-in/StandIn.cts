import { EventEmitter, once } from 'node:events';
import {
	createServer,
	type IncomingHttpHeaders,
	type IncomingMessage as Request,
	type Server,
	type ServerResponse as Response,
} from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { type Accounts, identify, type Identity } from './access.cts';
import { type Operation, readContract } from './Contract.cts';
import { type Fault, misbehave } from './faults.cts';
import { type Held, Hold } from './Hold.cts';
import { RateLimit } from './RateLimit.cts';

interface Shop {
	/** By merchant ID. */
	customers?: Record<string, Customer>;
	requestsPerSecond?: number;
	/** How long each answer takes. */
	latencyMs?: number;
}

/** How a customer is kept; one by whom nothing is said is a member without email. */
export interface Customer {
	email?: string | null;
	name?: string;
	/** True if not said. */
	enrolled?: boolean;
	guest?: boolean;
	blocked?: boolean;
	/** Whether the list gives no merchant ID for it. */
	withoutMerchantId?: boolean;
}

export interface Award {
	merchantId: string;
	points: number;
	reason: string | null;
}

export type Transaction = Record<string, unknown> & { created_at: string; points_approved: number };

/** What the contract lets through of a query. */
interface Query {
	limit?: number;
	email?: string;
	cursor?: string;
	created_at_min?: string;
	created_at_max?: string;
}

/** What the contract lets through of a body. */
interface Body {
	points: number;
	reason?: string | null;
}

/** A request that the contract knows, and that is allowed. */
interface Call {
	operation: Operation;
	/** Of the path, decoded. */
	parameters: Record<string, string>;
	query: Query;
	body: Body;
	identity: Identity;
}

interface Reply {
	status: number;
	body: unknown;
	headers?: Record<string, string>;
}

/** A row of a history, as far as it can be shown otherwise. */
interface Row {
	points_approved: number;
	points_pending: number;
	created_at: string;
}

/**
 * A LoyaltyLion to test against: an HTTP server that holds every request to the contract in
 * openapi.yaml, and a ledger of who got which points.
 */
export class StandIn {
	/** Every award there was, in the order in which it happened. */
	ledger: Award[] = [];

	/** Every request that arrived, in order. */
	requests: { method: string; path: string; headers: IncomingHttpHeaders }[] = [];

	/** What requests did that a well-made client never does: break the contract. */
	breaches: string[] = [];

	/** Whether the filter by email minds the case; LoyaltyLion does not say. */
	filterIgnoresCase = false;

	/** How far its clock is ahead of this machine's, in ms. */
	clockAheadMs = 0;

	/** Whether its answers say what time it is. */
	tellsTime = true;

	/** How long after an award a customer's history shows it, in ms. */
	historyLagMs = 0;

	/** For so many more looks at a history it shows no awards. */
	looksInVain = 0;

	/** What the history says of an award; LoyaltyLion does not promise anything. */
	describeAdjustment: (award: Award) => Record<string, unknown> = ({ reason }) => ({
		note: reason,
	});

	/**
	 * How a customer's transactions are shown, newest first before that; whatever else than as they are does not
	 * keep the contract.
	 */
	showTransactions: (rows: Transaction[]) => unknown[] = asTheyAre;

	/** How the history shows a row; LoyaltyLion does not promise everything. */
	showRow: <Shown extends Row>(row: Shown) => Shown = (row) => row;

	/** What else the head of a history says. */
	historyHeaders: Record<string, string> = {};

	/** Is told of each request when it has arrived, before anything is done for it. */
	onArrival: (request: { method: string; path: string }) => void = () => {};

	#awardedAt = new WeakMap<Award, number>();

	#server = createServer();

	#contract = readContract();

	#faults = new Map<string, Fault[]>();

	/** Awards that lists do not show yet. */
	#hiddenSince = Infinity;

	#faultForAll: Fault | undefined;

	#arrivals = new EventEmitter().setMaxListeners(0);

	#holds: Hold[] = [];

	/** How long each answer takes. */
	latencyMs: number;

	readonly accounts: Required<Accounts>;

	readonly customers: Record<string, Customer>;

	readonly limit: RateLimit;

	constructor({
		apiKeys = {},
		sites = {},
		customers = {},
		requestsPerSecond = 20,
		latencyMs = 0,
	}: Shop & Accounts) {
		this.latencyMs = latencyMs;
		this.accounts = { apiKeys, sites };
		this.customers = customers;
		this.limit = new RateLimit(requestsPerSecond);
	}

	/** Starts to listen, on a free port of this machine. */
	async start() {
		const server = createServer(
			(request, response) => void this.#answer(server, request, response),
		);
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
		this.#faults.set(`addPoints ${merchantId}`, faults);
	}

	/** Makes every Add Points go wrong from now on. */
	misbehaveForAll(fault: Fault) {
		this.#faultForAll = fault;
	}

	/**
	 * Makes requests of one kind go wrong from now on.
	 *
	 * @param faults one after another
	 */
	misbehaveAt(operationId: 'listCustomers' | 'listTransactions', ...faults: Fault[]) {
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

	/** Lets balances lag behind: awards from now on do not show in them. */
	showNoNewPoints() {
		this.#hiddenSince = this.ledger.length;
	}

	/** Comes to pass when the next request to an address arrives. */
	async arrival(path: string) {
		await once(this.#arrivals, path);
	}

	/** Adds points as somebody does who uses LoyaltyLion itself. */
	addByHand(award: Award, msAgo = 0) {
		this.#awardedAt.set(award, this.#now() - msAgo);
		this.ledger.push(award);
	}

	/** When each award of the ledger happened, in ms since 1970 by the stand-in's clock. */
	awardTimes() {
		return this.ledger.map((award) => this.#awardedAt.get(award) ?? 0);
	}

	/** What each customer has, for those who have anything. */
	balances(): Record<string, number> {
		const balances: Record<string, number> = {};
		for (const { merchantId, points } of this.ledger) {
			balances[merchantId] = (balances[merchantId] ?? 0) + points;
		}
		return balances;
	}

	/** Forgets all that has happened, every order to misbehave, and the requests that are held. */
	reset() {
		for (const hold of this.#holds) hold.forget();
		this.#holds = [];
		this.ledger = [];
		this.requests = [];
		this.breaches = [];
		this.filterIgnoresCase = false;
		this.clockAheadMs = 0;
		this.tellsTime = true;
		this.historyLagMs = 0;
		this.looksInVain = 0;
		this.describeAdjustment = ({ reason }) => ({ note: reason });
		this.showTransactions = asTheyAre;
		this.showRow = (row) => row;
		this.historyHeaders = {};
		this.onArrival = () => {};
		this.limit.refused = 0;
		this.#faults.clear();
		this.#hiddenSince = Infinity;
		this.#faultForAll = undefined;
	}

	/** @param server it has arrived at */
	async #answer(server: Server, request: Request, response: Response) {
		const { method = '', url = '', headers } = request;
		const { pathname: path, searchParams } = new URL(url, 'http://stand-in');
		this.requests.push({ method, path: url, headers });
		this.onArrival({ method, path });
		this.#arrivals.emit(path);
		response.sendDate = false;
		if (this.tellsTime) response.setHeader('Date', new Date(this.#now()).toUTCString());
		const sent = await text(request).catch(() => '');
		if (server !== this.#server) return;
		if (!this.limit.take(performance.now())) return send(response, TOO_MANY);
		if (this.latencyMs > 0) await setTimeout(this.latencyMs);
		const hold = this.#holds.findLast((each) => each.holds({ method, path: url }));
		if (hold && !(await hold.wait())) return void response.destroy();

		const operation = this.#contract.find(
			(known) => known.method === method && known.path.test(path),
		);
		if (!operation) {
			this.breaches.push(`${method} ${path} does not exist`);
			return send(response, { status: 404, body: { error: 'Not found' } });
		}
		const identity = identify(headers.authorization ?? '', operation, this.accounts);
		const call = {
			operation,
			parameters: parametersOf(path, operation),
			query: Object.fromEntries(searchParams),
			body: parseJson(sent) as Body,
			identity,
		};
		const fault = this.#faultFor(call);
		if (fault) {
			if (fault.after && !this.#invalid(call, headers)) this.#award(call);
			return misbehave(fault, response, request);
		}
		const reply = refusal(identity) ?? this.#invalid(call, headers) ?? this.#carryOut(call);
		const isDistorted = operation.id === 'listTransactions' && this.showTransactions !== asTheyAre;
		send(response, isDistorted ? reply : keepingContract(operation, reply));
	}

	#faultFor({ operation, parameters }: Call) {
		if (operation.id !== 'addPoints') return takeFrom(this.#faults, operation.id);
		return takeFrom(this.#faults, `addPoints ${parameters.merchant_id}`) ?? this.#faultForAll;
	}

	#invalid({ operation, body, query }: Call, headers: IncomingHttpHeaders): Reply | undefined {
		if (!operation.query(query)) return this.#invalidQuery(operation, query);
		if (!operation.body) return undefined;
		const isJson = /^application\/json\b/.test(headers['content-type'] ?? '');
		if (isJson && operation.body(body)) return undefined;
		const details = Object.fromEntries(
			(operation.body.errors ?? []).map(({ instancePath, message = 'is invalid' }) => [
				instancePath.slice(1) || 'body',
				message,
			]),
		);
		this.breaches.push(`${operation.id}: ${JSON.stringify(body)}, JSON declared: ${isJson}`);
		return { status: 400, body: { error: { message: 'Invalid request', details } } };
	}

	#invalidQuery(operation: Operation, query: unknown): Reply {
		this.breaches.push(`${operation.id}: ${JSON.stringify(query)}`);
		return { status: 400, body: { error: { message: 'Invalid query' } } };
	}

	#carryOut(call: Call): Reply {
		if (call.operation.id === 'whoami') return whoami(call);
		if (call.operation.id === 'listCustomers') return this.#listCustomers(call);
		if (call.operation.id === 'listTransactions') {
			return { ...this.#listTransactions(call), headers: this.historyHeaders };
		}
		const merchantId = call.parameters.merchant_id ?? '';
		const customer = Object.hasOwn(this.customers, merchantId)
			? this.customers[merchantId]
			: undefined;
		if (!customer) return { status: 404, body: { error: 'Customer not found' } };
		if (customer.blocked) return { status: 422, body: { error: 'Customer is blocked' } };
		this.#award(call);
		return { status: 201, body: '' };
	}

	/** Newest first, which is the last in the shop. A cursor remembers the filter. */
	#listCustomers({ query: { limit = 100, email = '', cursor } }: Call): Reply {
		const from = cursor
			? (JSON.parse(Buffer.from(cursor, 'base64url').toString()) as {
					email: string;
					offset: number;
				})
			: { email, offset: 0 };
		const rows = Object.keys(this.customers)
			.map((merchantId, index) => this.#row(merchantId, index + 1))
			.reverse()
			.filter(
				(row) => from.email === '' || this.#fold(row.email ?? '').includes(this.#fold(from.email)),
			);
		const end = from.offset + limit;
		const at = (offset: number) =>
			Buffer.from(JSON.stringify({ ...from, offset })).toString('base64url');
		return {
			status: 200,
			body: {
				customers: rows.slice(from.offset, end),
				cursor: {
					prev: from.offset > 0 ? at(Math.max(0, from.offset - limit)) : null,
					next: end < rows.length ? at(end) : null,
				},
			},
		};
	}

	#listTransactions({ parameters: { merchant_id: merchantId = '' }, query }: Call): Reply {
		const { limit = 100, cursor, created_at_min: min, created_at_max: max } = query;
		const index = Object.keys(this.customers).indexOf(merchantId);
		if (index < 0) return { status: 404, body: { error: 'Customer not found' } };
		const { offset } = cursor
			? (JSON.parse(Buffer.from(cursor, 'base64url').toString()) as { offset: number })
			: { offset: 0 };
		const { id, merchant_id, email, points_approved } = this.#row(merchantId, index + 1);
		const isInVain = this.looksInVain > 0;
		if (isInVain) this.looksInVain--;
		const transactions = [...(isInVain ? [] : this.ledger).entries()]
			.filter(([, award]) => award.merchantId === merchantId && this.#isShown(award))
			.reverse()
			.map(([place, award]) => ({
				id: place + 1,
				customer: { id, merchant_id, email, points_approved },
				points_approved: award.points,
				points_pending: 0,
				created_at: new Date(this.#awardedAt.get(award) ?? 0).toISOString(),
				resource: 'adjustment',
				adjustment: this.describeAdjustment(award),
			}))
			.map(this.showRow)
			.filter(({ created_at }) => (!min || created_at >= min) && (!max || created_at < max));
		const rows = this.showTransactions(transactions);
		const end = offset + limit;
		const next = Buffer.from(JSON.stringify({ offset: end })).toString('base64url');
		return {
			status: 200,
			body: {
				transactions: rows.slice(offset, end),
				cursor: { prev: null, next: end < rows.length ? next : null },
			},
		};
	}

	#isShown(award: Award) {
		return this.#now() >= (this.#awardedAt.get(award) ?? 0) + this.historyLagMs;
	}

	#now() {
		return Date.now() + this.clockAheadMs;
	}

	#fold(text: string) {
		return this.filterIgnoresCase ? text.toLowerCase() : text;
	}

	#row(merchantId: string, id: number) {
		const {
			email = null,
			name,
			enrolled = true,
			guest = false,
			blocked = false,
			withoutMerchantId,
		} = this.customers[merchantId] ?? {};
		const shown = this.ledger
			.slice(0, this.#hiddenSince)
			.filter((award) => award.merchantId === merchantId);
		return {
			id,
			merchant_id: withoutMerchantId ? null : merchantId,
			email,
			points_approved: shown.reduce((sum, { points }) => sum + points, 0),
			enrolled,
			guest,
			blocked,
			properties: name === undefined ? {} : { name },
		};
	}

	#award({ parameters, body: { points, reason = null } }: Call) {
		this.addByHand({ merchantId: parameters.merchant_id ?? '', points, reason });
	}
}

/** Takes the fault whose turn it is, which may have had its last time with that. */
function takeFrom(faults: Map<string, Fault[]>, key: string) {
	const [fault, ...others] = faults.get(key) ?? [];
	if (fault?.times === 1) faults.set(key, others);
	else if (fault?.times) faults.set(key, [{ ...fault, times: fault.times - 1 }, ...others]);
	return fault;
}

function asTheyAre(rows: Transaction[]) {
	return rows;
}

/** How LoyaltyLion words this is not known. */
const TOO_MANY: Reply = { status: 429, body: { error: { message: 'Too many requests' } } };

function refusal({ kind }: Identity): Reply | undefined {
	if (kind === 'nobody')
		return { status: 401, body: { error: { message: 'Authentication is required' } } };
	if (kind === 'not allowed') {
		return { status: 403, body: { error: { message: 'This API key is missing a permission' } } };
	}
	return undefined;
}

function whoami({ identity: { kind, scopes } }: Call): Reply {
	return {
		status: 200,
		body: { identity: { kind, account_id: 1, program_id: 2, scopes, integration: null } },
	};
}

/** The stand-in's own answers have to keep the contract too. */
function keepingContract(operation: Operation, reply: Reply) {
	const validate = operation.answers[reply.status];
	if (validate?.(reply.body)) return reply;
	throw new Error(
		`The stand-in broke the contract of ${operation.id} with ${JSON.stringify(reply)}`,
	);
}

function parametersOf(
	path: string,
	{ path: pattern, parameters }: Operation,
): Record<string, string> {
	const [, ...values] = pattern.exec(path) ?? [];
	return Object.fromEntries(
		parameters.map((name, index) => [name, decodeURIComponent(values[index] ?? '')]),
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
	response
		.writeHead(status, { 'Content-Type': 'application/json', ...headers })
		.end(JSON.stringify(body));
}
