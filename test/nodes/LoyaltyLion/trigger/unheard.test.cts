import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type DeliveryAnswer, HadEvents } from '../../../../nodes/LoyaltyLion/trigger/HadEvents.ts';

/** Deliveries whose sender has gone by the time n8n answers, as n8n starts the workflow first. */

const server = createServer();

beforeAll(async () => {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
});
afterAll(() => {
	server.close();
});

/** Sends a delivery; what it gets is the answer that is still to be given. */
async function deliver() {
	const { port } = server.address() as AddressInfo;
	const arrival = once(server, 'request');
	const sending = request({ port, method: 'POST' }).on('error', () => {});
	sending.on('response', (response) => response.resume()).end('{}');
	const [, answer] = (await arrival) as [unknown, ServerResponse];
	const close = async (act: () => unknown) => {
		const closed = once(answer, 'close');
		act();
		await closed;
	};
	return {
		answer: answer as DeliveryAnswer,
		/** The sender gives up, as LoyaltyLion does after 5 seconds. */
		leave: async () => await close(() => sending.destroy()),
		/** n8n answers while the sender is still there. */
		reply: async (status: number) => await close(() => give(answer, status)),
		/** n8n answers nobody. */
		replyLate: (status: number) => give(answer, status),
	};
}

function give(answer: ServerResponse, status: number) {
	answer.statusCode = status;
	answer.end('{}');
}

test('an event that n8n started while its sender gave up is not started again', async () => {
	const events = new HadEvents();
	const first = await deliver();
	const second = await deliver();
	const third = await deliver();

	expect(await events.take('1', first.answer)).toBe('new');
	await first.leave();
	// n8n is still about it: LoyaltyLion is told to come again.
	expect(await events.take('1', second.answer)).toBe('underWay');
	first.replyLate(200);

	expect(await events.take('1', third.answer)).toBe('had');
	await third.reply(200);
	await second.reply(503);
});

test('one that n8n could not start is taken when it comes again', async () => {
	const events = new HadEvents();
	const first = await deliver();
	const second = await deliver();
	const third = await deliver();

	expect(await events.take('1', first.answer)).toBe('new');
	await first.leave();
	first.replyLate(500);
	expect(await events.take('1', second.answer)).toBe('new');
	await second.reply(500);
	expect(await events.take('1', third.answer)).toBe('new');
	await third.reply(200);
});

test('nothing is started for a sender who had gone before', async () => {
	const events = new HadEvents();
	const first = await deliver();
	const second = await deliver();
	await first.leave();

	expect(await events.take('1', first.answer)).toBe('underWay');
	expect(await events.take('1', second.answer)).toBe('new');
	await second.reply(200);
});
