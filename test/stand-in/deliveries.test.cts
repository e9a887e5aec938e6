import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { signatureOf } from '../../dev/stand-in/Deliveries.cts';
import { StandIn } from '../../dev/stand-in/StandIn.cts';
import { type Topic, TOPICS } from '../../dev/stand-in/topics.cts';

const ORIGIN = 'https://n8n.example';
const EARNED = 'program_events/customer.points_earned';
const ENROLLED = 'program_events/customer.enrolled';

const standIn = new StandIn({
	sites: { shop: 'shop-secret', other: 'other-secret' },
	programs: { other: 3 },
	customers: { 1001: { email: 'zoë@example.com', name: 'Zoë 🦁', points: 60 }, 1002: {} },
	rewards: [
		{ id: 7, title: '5 off', pointCost: 50 },
		{ id: 8, title: '20 off', pointCost: 200 },
	],
	rules: { quiz: { points: 20, title: 'Quiz' } },
});
const { deliveries } = standIn;

interface Received {
	url: string;
	headers: IncomingHttpHeaders;
	body: Buffer;
	/** What the body says. */
	said: Record<string, unknown> & { id: string };
}

/** What has arrived, in order. */
const received: Received[] = [];

/** How each of it is answered. */
let answer: (response: ServerResponse, url: string) => void;

const receiver = createServer((incoming, response) => {
	void buffer(incoming).then((body) => {
		const { url = '', headers } = incoming;
		received.push({ url, headers, body, said: JSON.parse(body.toString()) as Received['said'] });
		answer(response, url);
	});
});

beforeAll(async () => {
	receiver.listen(0, '127.0.0.1');
	await once(receiver, 'listening');
	deliveries.routes[ORIGIN] = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});
beforeEach(() => {
	received.length = 0;
	answer = answerWith(200);
});
afterEach(() => standIn.reset());
afterAll(() => receiver.close());

/** Answers with some statuses, one after another, and for ever with the last one. */
function answerWith(...statuses: number[]) {
	return (response: ServerResponse) => {
		const status = statuses.length > 1 ? statuses.shift() : statuses[0];
		response.writeHead(status ?? 200, { location: '/elsewhere' }).end('seen');
	};
}

function hook(topic: Topic = EARNED, path = '/webhook/1', programId = 2) {
	return standIn.hook({ programId, topic, address: ORIGIN + path, serviceIntegrationId: null });
}

test('are signed over the bytes that are sent', async () => {
	hook();
	hook(ENROLLED);

	const [delivery, ...others] = await standIn.happens(EARNED, { merchantId: '1001' });

	expect(others).toEqual([]);
	expect(delivery?.answers).toEqual([{ status: 200, body: 'seen' }]);
	expect(received).toHaveLength(1);
	const { url, headers, body, said } = received[0] ?? fail();
	expect(url).toBe('/webhook/1');
	expect(body.toString()).toBe(delivery?.sent);
	expect(body.toString()).toContain('Zoë 🦁');
	expect(headers).toMatchObject({
		'content-type': 'application/json',
		'user-agent': expect.stringContaining('LoyaltyLion'),
		'x-loyaltylion-topic': EARNED,
		'x-loyaltylion-site-domain': 'shop.example',
		'x-loyaltylion-hmac-sha256': signatureOf(body, 'shop-secret'),
	});
	expect(said).toEqual({
		id: delivery?.id,
		topic: EARNED,
		created_at: expect.stringMatching(/^20.*Z$/),
		payload: expect.any(Object),
	});
	expect(deliveries.waiting).toEqual([]);
});

test('have the signature that others compute', () => {
	// As `printf 'hello' | openssl dgst -sha256 -hmac key -binary | base64` has it, and for '\xff'.
	expect(signatureOf('hello', 'key')).toBe('kwezuRXvtRcf8U2MtV+8x5jGwO8UVtZt7RpqpyOli3s=');
	expect(signatureOf(Buffer.from([0xff]), 'key')).toBe(
		'tmbVOpfVCe9Bha6sS+26rQPWpgC3T7B0QAv/hYbmnk8=',
	);
});

test.each(['otherSecret', 'nothing'] as const)('can be signed with %s', async (signing) => {
	hook();
	deliveries.signing = signing;
	await standIn.happens(EARNED);

	const { headers, body } = received[0] ?? fail();
	const signature = headers['x-loyaltylion-hmac-sha256'];
	expect(signature === undefined).toBe(signing === 'nothing');
	expect(signature).not.toBe(signatureOf(body, 'shop-secret'));
});

test('go to each webhook of the topic, in the name of a site of its program', async () => {
	hook();
	hook(EARNED, '/webhook/2', 3);
	await standIn.happens(EARNED);

	const sites = received.map(({ url, headers }) => [url, headers['x-loyaltylion-site-domain']]);
	expect(new Map(sites as [string, string][])).toEqual(
		new Map([
			['/webhook/1', 'shop.example'],
			['/webhook/2', 'other.example'],
		]),
	);
	const other = received.find(({ url }) => url === '/webhook/2') ?? fail();
	expect(other.headers['x-loyaltylion-hmac-sha256']).toBe(signatureOf(other.body, 'other-secret'));
});

test.each([
	[false, 2],
	[true, 1],
])('have IDs of their own, unless they share them: %s', async (sharesIds, ids) => {
	hook();
	hook();
	deliveries.sharesIds = sharesIds;
	await standIn.happens(EARNED);

	expect(new Set(received.map(({ said }) => said.id)).size).toBe(ids);
	expect(new Set(received.map(({ said }) => (said.payload as { id: number }).id)).size).toBe(1);
});

test('are sent again with the same ID and bytes until they arrive', async () => {
	hook();
	answer = answerWith(500, 404, 204);
	const [delivery] = await standIn.happens(EARNED);
	await deliveries.sendWaiting();

	expect(deliveries.waiting).toEqual([delivery]);
	await deliveries.sendWaiting();

	expect(deliveries.waiting).toEqual([]);
	expect(delivery?.answers.map(({ status }) => status)).toEqual([500, 404, 204]);
	expect(new Set(received.map(({ body }) => body.toString())).size).toBe(1);
	await deliveries.sendWaiting();
	expect(received).toHaveLength(3);
});

describe('go wrong', () => {
	test('with a redirect, which is not followed', async () => {
		hook();
		answer = answerWith(307);
		const [delivery] = await standIn.happens(EARNED);

		expect(received.map(({ url }) => url)).toEqual(['/webhook/1']);
		expect(delivery?.answers).toMatchObject([{ status: 307 }]);
		expect(deliveries.waiting).toHaveLength(1);
	});

	test('with an answer that does not come in time', async () => {
		hook();
		expect(deliveries.timeoutMs).toBe(5_000);
		deliveries.timeoutMs = 1;
		answer = () => {};
		const [delivery] = await standIn.happens(EARNED);

		expect(delivery?.answers).toEqual([
			{ status: undefined, body: expect.stringContaining('TimeoutError') },
		]);
		expect(deliveries.waiting).toHaveLength(1);
	});

	test('with nobody there', async () => {
		hook();
		answer = (response) => response.destroy();
		const [delivery] = await standIn.happens(EARNED);

		expect(delivery?.answers).toMatchObject([{ status: undefined }]);
	});

	test('thirty times in a row, and the webhook is gone', async () => {
		const failing = hook();
		const well = hook(EARNED, '/webhook/2');
		const waits: number[] = [];
		answer = (response, url) => answerWith(url === '/webhook/1' ? 503 : 200)(response);
		await standIn.happens(EARNED);
		await standIn.happens(EARNED);
		await deliveries.sendUntilDone(async (ms) => waits.push(ms));

		expect(standIn.hooks).toEqual([well]);
		expect(standIn.formerHooks).toEqual([failing]);
		expect(received.filter(({ url }) => url === '/webhook/1')).toHaveLength(30);
		expect(received.filter(({ url }) => url === '/webhook/2')).toHaveLength(2);
		expect(deliveries.mails).toEqual([
			{ about: 'failing', hook: failing },
			{ about: 'removed', hook: failing },
		]);
		expect(waits.slice(0, 3)).toEqual([60_000, 120_000, 240_000]);
		expect(deliveries.waiting).toEqual([]);
	});

	test('thirty times, but not in a row', async () => {
		hook();
		answer = answerWith(...Array<number>(29).fill(500), 200, 500);
		for (let times = 0; times < 31; times++) await standIn.happens(EARNED);

		expect(received).toHaveLength(31);
		expect(standIn.hooks).toHaveLength(1);
	});
});

test('can come twice', async () => {
	hook();
	deliveries.copies = 2;
	const [delivery] = await standIn.happens(EARNED);

	expect(received.map(({ said }) => said.id)).toEqual([delivery?.id, delivery?.id]);
	expect(delivery?.answers).toHaveLength(2);
});

test('can come once more after they have arrived, and after the webhook was deleted', async () => {
	const former = hook();
	const [delivery = fail()] = await standIn.happens(EARNED);
	standIn.unhook(former);
	await deliveries.send(delivery);

	expect(received.map(({ said }) => said.id)).toEqual([delivery.id, delivery.id]);
});

test('can come out of order', async () => {
	hook();
	deliveries.holdsBack = true;
	const [[first], [second]] = [await standIn.happens(EARNED), await standIn.happens(EARNED)];
	expect(received).toEqual([]);
	await deliveries.sendWaiting((waiting) => waiting.toReversed());

	expect(received.map(({ said }) => said.id)).toEqual([second?.id, first?.id]);
});

test('can come in pieces', async () => {
	hook();
	let pauses = 0;
	deliveries.pieces = { bytes: 100, pause: async () => pauses++ };
	const [delivery] = await standIn.happens(EARNED);

	const { body, headers } = received[0] ?? fail();
	expect(body.toString()).toBe(delivery?.sent);
	expect(headers['x-loyaltylion-hmac-sha256']).toBe(signatureOf(body, 'shop-secret'));
	expect(pauses).toBe(Math.ceil(body.length / 100));
});

test('can be anything', async () => {
	const noUtf8 = Buffer.from('{"id" : "\xff"}', 'latin1');
	const sending = { address: `${ORIGIN}/webhook/1`, topic: EARNED, body: noUtf8 };
	const headers = { 'x-loyaltylion-topic': ENROLLED, 'user-agent': undefined, 'x-more': '1' };
	expect(await deliveries.deliver({ ...sending, site: 'other', headers })).toEqual({
		status: 200,
		body: 'seen',
	});

	const [{ body, headers: head }] = [received[0] ?? fail()];
	expect(body).toEqual(noUtf8);
	expect(head).toMatchObject({ 'x-loyaltylion-topic': ENROLLED, 'x-more': '1' });
	expect(head).not.toHaveProperty('user-agent');
	expect(head['x-loyaltylion-hmac-sha256']).toBe(signatureOf(body, 'other-secret'));
});

test('go nowhere without a route', async () => {
	const sending = { address: 'https://n8n.invalid/webhook/1', topic: EARNED, body: '{}' };

	await expect(deliveries.deliver(sending)).rejects.toThrow('no route to https://n8n.invalid');
});

describe('say what happened', () => {
	/** What an event says beside its ID, topic and time. */
	async function told(topic: Topic, more?: Record<string, unknown>) {
		hook(topic);
		await standIn.happens(topic, { merchantId: '1001', ...(more && { more }) });
		const { id, topic: said, created_at, ...rest } = received[0]?.said ?? fail();
		expect([typeof id, said, typeof created_at]).toEqual(['string', topic, 'string']);
		return rest;
	}

	const customer = expect.objectContaining({ merchant_id: '1001', email: 'zoë@example.com' });
	const direct: Topic[] = [
		'program_events/customer.moved_to_at_risk_segment',
		'program_events/customer.moved_to_defected_segment',
		'program_events/customer.moved_to_loyal_segment',
		'receipts/manual_approval_required',
	];
	const rare: Topic[] = [
		'program_events/customer.approaching_tier_upgrade',
		'program_events/customer.reward_available_notification',
	];
	const others = [...direct, ...rare, 'program_events/customer.referral_complete'];
	const nested = (Object.keys(TOPICS) as Topic[]).filter(
		(topic) => topic.startsWith('program_events/') && !others.includes(topic),
	);

	test.each(nested)('%s, under properties', async (topic) => {
		const { payload } = await told(topic, { extra: 1 });
		expect(payload).toEqual({
			id: 8001,
			created_at: expect.any(String),
			kind: topic.replace('program_events/', ''),
			unique_until: null,
			properties: expect.objectContaining({ customer, extra: 1 }),
		});
	});

	test.each(rare)('%s, once in a week', async (topic) => {
		const { payload } = await told(topic);
		const { created_at, unique_until, properties } = payload as Record<string, string>;
		expect(Date.parse(unique_until ?? '') - Date.parse(created_at ?? '')).toBe(604_800_000);
		expect(properties).toMatchObject({ customer });
	});

	test('a referral, of two customers', async () => {
		expect(await told('program_events/customer.referral_complete')).toMatchObject({
			payload: {
				kind: 'customer.referral_complete',
				properties: {
					referring_customer: customer,
					referred_customer: { referred_by: { merchant_id: '1001' } },
					activity: { rule: { name: 'quiz' } },
					order: { customer: { email: 'referred@example.com' } },
				},
			},
		});
	});

	test.each(direct)('%s, under payload', async (topic) => {
		expect(await told(topic, { extra: 1 })).toEqual({
			payload: expect.objectContaining({ customer, extra: 1 }),
		});
		expect(received[0]?.said.payload).not.toHaveProperty('properties');
	});

	test("loyalty_emails/unsubscribe, with LoyaltyLion's own ID", async () => {
		expect(await told('loyalty_emails/unsubscribe')).toEqual({
			payload: { unsubscribe: { customer: { id: 1, email: 'zoë@example.com' } } },
		});
	});

	test('customers/update, with the customer at the top', async () => {
		expect(await told('customers/update')).toEqual({ customer });
	});

	test('customers/update, with the customer under payload', async () => {
		standIn.putsCustomerUnderPayload = true;

		expect(await told('customers/update')).toEqual({ payload: { customer } });
	});

	test('points earned last, and what they are good for', async () => {
		standIn.actByHand({
			name: 'quiz',
			merchantId: 'a1',
			customerId: '1001',
			points: 20,
			state: 'approved',
		});

		expect(await told(EARNED)).toMatchObject({
			payload: {
				properties: {
					customer: { points_approved: 80 },
					transaction: {
						id: 1,
						points_approved: 20,
						resource: 'activity',
						activity: { merchant_id: 'a1', rule: { title: 'Quiz' } },
					},
					available_rewards: [{ id: 7 }],
				},
			},
		});
	});

	test('of customers whom there are only', async () => {
		await expect(standIn.happens(EARNED, { merchantId: 'constructor' })).rejects.toThrow(
			'no customer "constructor"',
		);
	});
});

function fail(): never {
	throw new Error('Nothing has arrived.');
}
