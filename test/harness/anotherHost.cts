import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A host that nothing may be sent to: it takes whatever comes, and keeps a list of it.
 *
 * It has another name than the stand-in, so that a redirect to it leads to another host.
 */
export async function anotherHost() {
	const strayed: IncomingHttpHeaders[] = [];
	const server = createServer((request, response) => {
		strayed.push(request.headers);
		response.writeHead(201).end('""');
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return { url: `http://localhost:${port}`, strayed, stop: () => server.close() };
}
