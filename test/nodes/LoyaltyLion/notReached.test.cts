import net from 'node:net';
import { freePort } from '../../../dev/hosts/freePort.cts';
import { Patience } from '../../../nodes/LoyaltyLion/transport/Patience.ts';
import { calls } from '../../harness/calls.cts';
import { shop } from '../../harness/shop.cts';

const { standIn, credential, run } = shop({ 1: { email: 'ann@example.com' }, 2: {}, 3: {} });
afterEach(() => jest.restoreAllMocks());

/** A port on which nobody listens until it is opened, as that of a host which is being started anew. */
async function closedPort() {
	const port = await freePort();
	const forwarder = net.createServer((socket) => {
		const inner = net.connect(Number(new URL(standIn.url).port));
		inner.on('error', () => socket.destroy());
		socket.on('error', () => inner.destroy());
		socket.pipe(inner).pipe(socket);
	});
	return {
		baseUrl: `http://127.0.0.1:${port}`,
		open: () => void forwarder.listen(port, '127.0.0.1'),
		close: () => void forwarder.close(),
	};
}

test.each([
	{ by: 'merchantId', value: '1' },
	{ by: 'email', value: 'ann@example.com' },
])('by $by, is tried again until the host is there', async ({ by, value }) => {
	const { baseUrl, open, close } = await closedPort();
	void calls(Patience.prototype, 'lastsFor').then(open);

	const { succeeded, error } = await run({
		items: [{ points: 5 }],
		parameters: { customer: { __rl: true, mode: by, value } },
		credential: { ...credential(), baseUrl },
	});
	close();

	expect(error).toBeUndefined();
	expect(succeeded).toMatchObject([{ merchantId: '1', confirmedBy: 'response' }]);
	expect(standIn.balances()).toEqual({ 1: 5 });
});

test('a long list does not wait for each item when nothing can be reached for long', async () => {
	const { baseUrl } = await closedPort();
	const items = Array.from({ length: 2000 }, () => ({ merchantId: '1', points: 5 }));

	const { failed } = await run({
		items,
		onError: 'continueErrorOutput',
		credential: { ...credential(), baseUrl },
	});

	expect(failed).toHaveLength(2000);
	expect(failed.every(({ error }) => Reflect.get(Object(error), 'code') === 'not_reached')).toBe(
		true,
	);
});
