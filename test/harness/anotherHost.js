const { once } = require('node:events');
const { createServer } = require('node:http');

/**
 * A host that nothing may be sent to: it takes whatever comes, and keeps a list of it.
 *
 * It has another name than the stand-in, so that a redirect to it leads to another host.
 */
async function anotherHost() {
	/** @type {import('node:http').IncomingHttpHeaders[]} */
	const strayed = [];
	const server = createServer((request, response) => {
		strayed.push(request.headers);
		response.writeHead(201).end('""');
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
	return { url: `http://localhost:${port}`, strayed, stop: () => server.close() };
}

module.exports = { anotherHost };
