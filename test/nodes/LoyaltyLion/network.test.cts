import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';
import net from 'node:net';
import { reasonNotSent } from '../../../nodes/LoyaltyLion/errors/network.ts';
import { shop } from '../../harness/shop.cts';

const { credential, run, standIn } = shop();

const ITEM = { merchantId: '1001', points: 5 };

/** What the item says in each of n8n's three ways to go on, which must be the same. */
async function failureAt(baseUrl: string, parameters?: object) {
	const given = {
		items: [ITEM],
		credential: { ...credential(), baseUrl },
		...(parameters && { parameters: { ...parameters } }),
	};
	const { failed } = await run({ ...given, onError: 'continueErrorOutput' });
	const { succeeded } = await run({ ...given, onError: 'continueRegularOutput' });
	const { error } = await run({ ...given, onError: 'stopWorkflow' });
	expect(failed).toEqual([{ ...ITEM, row: 0, sees: 0, error: expect.anything() }]);
	const said = failed[0]?.error as Record<string, unknown>;
	expect(succeeded).toEqual([{ success: false, ...ITEM, reason: null, error: said, sees: 0 }]);
	expect(error).toMatchObject({ name: 'NodeOperationError', message: said.message });
	expect(error?.description).toBe(said.description);
	return said;
}

const NOT_REACHED = { code: 'not_reached', httpCode: null, pointsMayHaveBeenAdded: false };

/** A server that does not speak HTTP. */
async function rawServer(onConnection: (socket: net.Socket) => void) {
	const sockets: net.Socket[] = [];
	const server = net
		.createServer((socket) => {
			sockets.push(socket);
			// The other side may be gone before all is written.
			socket.on('error', () => socket.destroy());
			onConnection(socket);
		})
		.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as net.AddressInfo;
	const close = () => {
		server.close();
		for (const socket of sockets) socket.destroy();
	};
	return { port, close };
}

/** One that no server is given: whatever is free, other tests on this machine may take. */
const CLOSED_PORT = 1;

test('a refused connection', async () => {
	expect(await failureAt(`http://127.0.0.1:${CLOSED_PORT}`)).toMatchObject({
		...NOT_REACHED,
		message: 'LoyaltyLion could not be reached [item 0]',
		description: expect.stringMatching(
			/^The connection was refused\. Nothing was sent, so no points were added for customer 1001\./,
		),
	});
});

test('a refused connection over both IPv6 and IPv4', async () => {
	expect(await failureAt(`http://localhost:${CLOSED_PORT}`)).toMatchObject({
		...NOT_REACHED,
		description: expect.stringMatching(/^The connection was refused\./),
	});
});

test('a host that does not exist', async () => {
	expect(await failureAt('https://no-such-host.invalid')).toMatchObject({
		...NOT_REACHED,
		description: expect.stringMatching(
			/^The host name in the Base URL (is not known|could not be looked up)\./,
		),
	});
});

test('a host that does not speak TLS', async () => {
	expect(await failureAt(standIn.url.replace('http:', 'https:'))).toMatchObject({
		...NOT_REACHED,
		description: expect.stringMatching(/^A secure connection could not be set up\./),
	});
	expect(standIn.requests).toEqual([]);
});

test('a host that hangs up during the TLS handshake', async () => {
	const { port, close } = await rawServer((socket) => socket.once('data', () => socket.end()));

	expect(await failureAt(`https://127.0.0.1:${port}`)).toMatchObject({
		...NOT_REACHED,
		description: expect.stringMatching(/^A secure connection could not be set up\./),
	});
	close();
});

test('a certificate that nobody vouches for', async () => {
	const { url, stop, requests } = await selfSigned((response) => response.writeHead(201).end('""'));

	expect(await failureAt(url)).toMatchObject({
		...NOT_REACHED,
		description: expect.stringMatching(/^A secure connection could not be set up\./),
	});
	expect(requests).toEqual([]);
	await stop();
});

test('something that is no HTTP answer leaves it unclear', async () => {
	const { port, close } = await rawServer((socket) =>
		socket.once('data', () => socket.end('Hello?\r\n\r\n')),
	);

	expect(await failureAt(`http://127.0.0.1:${port}`)).toMatchObject({
		code: 'outcome_unknown',
		pointsMayHaveBeenAdded: true,
	});
	close();
});

test('a connection that breaks off after the request leaves it unclear', async () => {
	const { port, close } = await rawServer((socket) => socket.once('data', () => socket.end()));

	expect(await failureAt(`http://127.0.0.1:${port}`)).toMatchObject({
		code: 'outcome_unknown',
		description: expect.stringMatching(
			/^The connection broke off before an answer came\. The points may have been added\./,
		),
	});
	close();
});

test('headers that trickle in do not make the Timeout longer', async () => {
	const { port, close } = await rawServer((socket) => {
		socket.once('data', () => socket.write('HTTP/1.1 201 Created\r\n'));
		const timer = setInterval(() => socket.writable && socket.write('X-Slow: 1\r\n'), 100);
		socket.once('close', () => clearInterval(timer));
	});

	expect(await failureAt(`http://127.0.0.1:${port}`, { options: { timeout: 1 } })).toMatchObject({
		code: 'outcome_unknown',
		description: expect.stringMatching(/^LoyaltyLion did not answer in time \(1 s\)\./),
	});
	close();
});

test('a TLS connection that breaks after the request had arrived leaves it unclear', async () => {
	const server = await selfSigned(() => {});
	const tunnel = await rawServer((socket) => {
		const inner = net.connect(Number(new URL(server.url).port));
		inner.on('error', () => inner.destroy());
		socket.pipe(inner).pipe(socket);
		server.events.once('request', () => socket.write('HTTP/1.1 504 Gateway Timeout\r\n\r\n'));
	});

	const error = await requestError(`https://localhost:${tunnel.port}`);

	expect(server.requests).toEqual(['/']);
	expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_SSL_/) });
	expect(codeOf(error)).toBe('outcome_unknown');
	tunnel.close();
	await server.stop();
});

describe('a code alone does not tell whether the request had left', () => {
	test.each([
		'connect ECONNREFUSED 127.0.0.1:443',
		'connect EHOSTUNREACH 10.0.0.1:443',
		'connect ENETUNREACH 10.0.0.1:443',
		'connect ETIMEDOUT 10.0.0.1:443',
		'getaddrinfo ENOTFOUND api.loyaltylion.com',
		'getaddrinfo EAI_AGAIN api.loyaltylion.com',
		'The request was blocked because it resolves to a restricted IP address',
	])('%s: it had not', (message) => {
		expect(codeOf(failing(message))).toBe('not_reached');
	});

	test.each([
		'read ECONNREFUSED',
		'read EHOSTUNREACH',
		'write ENETUNREACH',
		'read ETIMEDOUT',
		'socket hang up',
		'timeout of 30000ms exceeded',
	])('%s: it may have', (message) => {
		expect(codeOf(failing(message))).toBe('outcome_unknown');
	});
});

/** An error as Node makes it, wrapped as n8n 2 does. */
function failing(message: string) {
	const code = /\bE[A-Z_]+\b/.exec(message)?.[0];
	return new Error('The service refused the connection', {
		cause: Object.assign(new Error(message), { code }),
	});
}

/** What is made of an error, as of a request that was to change something. */
function codeOf(error: unknown) {
	return reasonNotSent(error) === undefined ? 'outcome_unknown' : 'not_reached';
}

/**
 * What a request fails with whose certificate is taken on trust; n8n's helper leaves the node no room for that.
 */
function requestError(url: string): Promise<Error> {
	return new Promise((resolve, reject) => {
		request(url, { method: 'POST', rejectUnauthorized: false }, reject)
			.on('error', resolve)
			.end('{}');
	});
}

/** An HTTPS server with a certificate of its own making. */
async function selfSigned(answer: (response: ServerResponse) => void) {
	const [key = '', cert = ''] = execFileSync(
		'openssl',
		[
			'req',
			'-x509',
			'-newkey',
			'ec',
			'-pkeyopt',
			'ec_paramgen_curve:prime256v1',
			'-nodes',
			'-keyout',
			'-',
			'-subj',
			'/CN=localhost',
			'-days',
			'1',
		],
		{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
	).split(/(?=-----BEGIN CERTIFICATE)/);
	const requests: string[] = [];
	const server = createServer({ key, cert }, (request, response) => {
		requests.push(request.url ?? '');
		answer(response);
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as net.AddressInfo;
	return {
		url: `https://localhost:${port}`,
		requests,
		events: server,
		stop: async () => {
			server.close();
			server.closeAllConnections();
			await once(server, 'close');
		},
	};
}
