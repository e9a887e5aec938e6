const { once } = require('node:events');
const net = require('node:net');
const { shop } = require('../../harness/shop');

const { credential, run, standIn } = shop();

const ITEM = { merchantId: '1001', points: 5 };

/**
 * @param {string} baseUrl
 * @param {object} [parameters]
 */
async function failureAt(baseUrl, parameters) {
	const { failed } = await run({
		items: [ITEM],
		onError: 'continueErrorOutput',
		credential: { ...credential(), baseUrl },
		...(parameters && { parameters: { ...parameters } }),
	});
	expect(failed).toHaveLength(1);
	return failed[0]?.error;
}

const NOT_REACHED = { code: 'not_reached', httpCode: null, pointsMayHaveBeenAdded: false };

/**
 * A server that does not speak HTTP.
 * @param {(socket: net.Socket) => void} onConnection
 */
async function rawServer(onConnection) {
	const server = net.createServer(onConnection).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = /** @type {net.AddressInfo} */ (server.address());
	return { port, close: () => server.close() };
}

test('a refused connection', async () => {
	const { port, close } = await rawServer(() => {});
	close();

	expect(await failureAt(`http://127.0.0.1:${port}`)).toMatchObject({
		...NOT_REACHED,
		message: 'LoyaltyLion could not be reached [Item 0]',
		description: expect.stringMatching(
			/^The connection was refused\. Nothing was sent, so no points were added for customer 1001\./,
		),
	});
});

test('a refused connection over both IPv6 and IPv4', async () => {
	const { port, close } = await rawServer(() => {});
	close();

	expect(await failureAt(`http://localhost:${port}`)).toMatchObject({
		...NOT_REACHED,
		description: expect.stringMatching(/^The connection was refused\./),
	});
});

test('a host that does not exist', async () => {
	expect(await failureAt('https://no-such-host.invalid')).toMatchObject({
		...NOT_REACHED,
		description: expect.stringMatching(
			/^The address of its host (is not known|could not be looked up)\./,
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
	const { url, stop, requests } = await selfSigned();

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

/** An HTTPS server with a certificate of its own making. */
async function selfSigned() {
	const { createServer } = require('node:https');
	const { execFileSync } = require('node:child_process');
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
	/** @type {string[]} */
	const requests = [];
	const server = createServer({ key, cert }, (request, response) => {
		requests.push(request.url ?? '');
		response.writeHead(201).end('""');
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = /** @type {net.AddressInfo} */ (server.address());
	return {
		url: `https://localhost:${port}`,
		requests,
		stop: async () => {
			server.close();
			server.closeAllConnections();
			await once(server, 'close');
		},
	};
}
