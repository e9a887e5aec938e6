import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** A way to another address of this machine. */
export async function openDoor(address: string) {
	const { port } = new URL(address);
	let released = Promise.resolve();
	const server = createServer((socket) => {
		const onwards = connect(Number(port), '127.0.0.1');
		socket.on('error', () => onwards.destroy()).pipe(onwards);
		onwards
			.on('error', () => void released.then(() => socket.resetAndDestroy()))
			.on('data', (chunk) => void released.then(() => socket.write(chunk)))
			.on('end', () => void released.then(() => socket.end()));
	});
	const open = async (own = 0) => {
		server.listen(own, '127.0.0.1');
		await once(server, 'listening');
		return (server.address() as AddressInfo).port;
	};
	const own = await open();
	return {
		url: `http://127.0.0.1:${own}`,
		open: () => open(own),
		/** Lets nobody in any more; who is in may stay. */
		close: () => void server.close(),
		/** Holds all answers back until what it returns is called. */
		hold: () => {
			let release: () => void = () => {};
			released = new Promise((resolve) => {
				release = resolve;
			});
			return () => release();
		},
	};
}
