import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import type { Trigger } from '../../../../dev/engine/Trigger.cts';
import { type Sending, signatureOf } from '../../../../dev/stand-in/Deliveries.cts';
import { type Topic, TOPICS } from '../../../../dev/stand-in/topics.cts';
import { holdsFor } from '../../../harness/holdsFor.cts';
import {
	EARNED,
	ENROLLED,
	KEY,
	OTHER_SITE,
	SITE,
	triggers,
	UPDATED,
} from '../../../harness/trigger.cts';

const { standIn, server, trigger } = triggers();

const SIGNATURE = 'x-loyaltylion-hmac-sha256';
const TOPIC = 'x-loyaltylion-topic';
const DOMAIN = 'x-loyaltylion-site-domain';

/** An event as it may come. */
const EVENT = {
	id: '0b7c2f1e-5a5c-4f0e-9a53-1d2c3b4a5f60',
	topic: EARNED,
	created_at: '2026-01-02T03:04:05.000Z',
	payload: { properties: { customer: { id: 1, email: 'zoë@example.com' } } },
};

/** Sends a body in LoyaltyLion's name, signed unless something else is said. */
async function deliver(
	to: Trigger,
	body: Sending['body'],
	headers: Sending['headers'] = {},
	more: Partial<Sending> & { listening?: 'test' } = {},
) {
	const { listening, ...sending } = more;
	const address = to.address(listening);
	const answer = await standIn.deliveries.deliver({
		address,
		topic: EARNED,
		body,
		headers,
		...sending,
	});
	const said: unknown = JSON.parse(answer.body);
	return { status: answer.status, message: (said as { message?: string }).message };
}

const deliverEvent = async (to: Trigger, event: unknown, headers?: Sending['headers']) =>
	await deliver(to, JSON.stringify(event), headers);

const signed = (body: string | Uint8Array, secret = SITE.secret) => ({
	[SIGNATURE]: signatureOf(body, secret),
});

describe('every event comes out with its fields', () => {
	const topics = Object.keys(TOPICS) as Topic[];

	test.each(topics)('%s', async (topic) => {
		const flat = trigger({ events: [topic] });
		const raw = trigger({ events: [topic], options: { raw: true } });
		await flat.publish();
		await raw.publish();
		standIn.requests = [];
		const deliveries = await standIn.happens(topic, { more: { extra: [{ deep: null }] } });

		expect(deliveries.flatMap(({ answers }) => answers.map(({ status }) => status))).toEqual([
			200, 200,
		]);
		const sent = deliveries.map(({ sent }) => JSON.parse(sent) as IDataObject);
		const [ofFlat, ofRaw] = sent as [IDataObject, IDataObject];
		const { id, created_at, payload, ...beside } = ofFlat;
		const { properties, ...ofPayload } = (payload ?? {}) as IDataObject;
		const { id: _id, created_at: at, ...plain } = ofPayload;
		const own = at === created_at ? {} : { created_at: at };
		const started = server.started.find((json) => json.id === id) ?? {};
		expect(started).toEqual({
			id,
			topic,
			created_at,
			site_domain: `${SITE.token}.example`,
			...beside,
			...plain,
			...(properties as IDataObject),
			// Those of the event itself, while the others are of this delivery of it.
			...(properties !== undefined && { payload: { id: 8001, ...own } }),
		});
		expect(started).toMatchObject({ extra: [{ deep: null }] });
		expect(Object.keys(started).slice(0, 4)).toEqual(['id', 'topic', 'created_at', 'site_domain']);
		expect(server.started.find((json) => json.id === ofRaw.id)).toEqual(ofRaw);
		expect(standIn.requests).toEqual([]);
	});

	test('customers/update, with the customer under its payload', async () => {
		standIn.putsCustomerUnderPayload = true;
		const published = trigger({ events: [UPDATED] });
		await published.publish();
		await standIn.happens(UPDATED);

		expect(server.started).toMatchObject([{ topic: UPDATED, customer: { merchant_id: '1001' } }]);
		expect(server.started[0]).not.toHaveProperty('payload');
	});

	test.each<[string, object, object]>([
		[
			'both the payload and what is beside it',
			{ customer: { id: 1 }, payload: { customer: { id: 2 } } },
			{ customer: { id: 2 }, body: { customer: { id: 1 } } },
		],
		[
			'properties, the payload and what is beside it',
			{ a: 1, payload: { a: 2, properties: { a: 3, id: 4 } } },
			{ a: 3, payload: { a: 2 }, body: { a: 1 }, properties: { id: 4 } },
		],
		[
			'properties, and one of them has the name of their place',
			{ payload: { properties: { id: 4, properties: 1, payload: 2, body: 3 } } },
			{ properties: { id: 4, properties: 1, payload: 2, body: 3 } },
		],
		['the same values twice', { a: 1, payload: { a: 1, topic: EARNED } }, { a: 1 }],
		['a payload that is none', { payload: [1] }, { payload: [1] }],
		['properties that are none', { payload: { properties: 5 } }, { properties: 5 }],
	])('fields of the same name in %s', async (_what, more, expected) => {
		const { id, topic, created_at } = EVENT;
		await deliverEvent(trigger(), { id, topic, created_at, ...more }, { [DOMAIN]: undefined });

		expect(server.started).toEqual([{ id, topic, created_at, ...expected }]);
	});

	test('none of them is lost, however they are laid out', async () => {
		const published = trigger({ options: { ignoreRepeated: false } });
		const name = fc.oneof(
			fc.constantFrom(
				'id',
				'topic',
				'created_at',
				'site_domain',
				'customer',
				'payload',
				'properties',
				'body',
			),
			fc.constantFrom('__proto__', 'constructor', 'hasOwnProperty', 'toString', ''),
			fc.string({ maxLength: 5 }),
		);
		const value = fc.oneof(
			fc.jsonValue({ maxDepth: 3 }),
			fc.constantFrom<unknown>(0, '', null, false, {}, []),
		);
		// As JSON has it: a name like __proto__ is one as any other.
		const fields = fc
			.array(fc.tuple(name, value), { maxLength: 6 })
			.map((entries): Record<string, unknown> => Object.fromEntries(entries));
		const withProperties = fc.record({ fields, properties: fc.oneof(fields, value) });
		const payload = fc.oneof(
			fields,
			withProperties.map(({ fields: others, properties }) => ({ ...others, properties })),
			value,
		);
		const body = fc.record({
			others: fields,
			known: fc.record(
				{
					id: fc.oneof(fc.uuid(), fc.nat(), fc.constant(null)),
					created_at: fc.oneof(fc.string(), fc.constant(null)),
					payload,
				},
				{ requiredKeys: [] },
			),
		});

		await holdsFor(body, async ({ others, known }) => {
			server.started = [];
			const sent = JSON.stringify({ ...others, ...known, topic: EARNED });
			const said = JSON.parse(sent) as Record<string, unknown>;
			expect(await deliver(published, sent)).toMatchObject({ status: 200 });

			const json = server.started[0] as Record<string, unknown>;
			for (const field of ['id', 'topic', 'created_at']) expect(json[field]).toEqual(said[field]);
			const { payload: given, ...beside } = said;
			const isNested = isObject(given);
			const { properties, ...ofPayload } = isNested ? given : {};
			expectKept(json, 'body', isNested ? beside : said);
			if (isObject(properties)) expectKept(json, 'properties', properties);
			expectKept(json, 'payload', isObject(properties) ? ofPayload : isNested ? given : {});
		});
	});

	/** Each field has its value, either flat or under the name of its place. */
	function expectKept(
		json: Record<string, unknown>,
		place: string,
		fields: Record<string, unknown>,
	) {
		const nested = json[place];
		for (const [name, value] of Object.entries(fields)) {
			const found = [json, nested].filter(isObject).filter((each) => Object.hasOwn(each, name));
			expect(
				found.map((each) =>
					JSON.stringify(Object.entries(each).find(([own]) => own === name)?.[1]),
				),
			).toContain(JSON.stringify(value));
		}
	}
});

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const UNSIGNED =
	'What was sent to this address carries no signature of LoyaltyLion that can be checked';
const WRONG = 'The signature does not fit the Site Secret of the LoyaltyLion credential';
const NO_EVENT = 'What was sent to this address is no event of LoyaltyLion';
const TOO_LARGE = 'What was sent to this address is larger than any event of LoyaltyLion';
const NO_FULFILMENT =
	'A custom reward sends its claims to this address, and the LoyaltyLion Trigger does not take them';
const STARTED = 'Workflow was started';
const SEEN = 'Webhook call received';

const BODY = JSON.stringify(EVENT);
const RIGHT = signatureOf(BODY, SITE.secret);

/** An event of so many bytes. */
function ofSize(bytes: number) {
	const empty = JSON.stringify({ ...EVENT, filling: '' });
	return JSON.stringify({ ...EVENT, filling: 'a'.repeat(bytes - Buffer.byteLength(empty)) });
}

function nested(depth: number) {
	return `{"topic":"${EARNED}","payload":${'['.repeat(depth)}${']'.repeat(depth)}}`;
}

interface Attack {
	what: string;
	body?: string | Uint8Array;
	headers?: Sending['headers'];
	status: number;
	message: string | undefined;
}

describe('what is sent to the address', () => {
	const withSignature = (signature: string) => ({ headers: { [SIGNATURE]: signature } });
	const forged = (what: string, given: Omit<Attack, 'what' | 'status' | 'message'>) => ({
		what,
		...given,
		status: 401,
		message: WRONG,
	});
	const taken = (what: string, body: string | Uint8Array, headers?: Sending['headers']) => ({
		what,
		body,
		...(headers && { headers }),
		status: 200,
		message: STARTED,
	});
	const noEvent = (what: string, body: string | Uint8Array, headers?: Sending['headers']) => ({
		what,
		body,
		...(headers && { headers }),
		status: 400,
		message: NO_EVENT,
	});
	const plain = { 'content-type': 'text/plain' };

	const attacks: Attack[] = [
		taken('as it was signed', BODY),
		{ what: 'unsigned', headers: { [SIGNATURE]: undefined }, status: 401, message: UNSIGNED },
		forged('with an empty signature', withSignature('')),
		forged("with another site's secret", { headers: signed(BODY, OTHER_SITE.secret) }),
		forged('with the API key as the secret', { headers: signed(BODY, KEY) }),
		forged('with the site token as the secret', { headers: signed(BODY, SITE.token) }),
		forged('with an empty secret', { headers: signed(BODY, '') }),
		forged('with the signature of another body', { headers: signed(`${BODY} `) }),
		forged(
			'with its signature in hex',
			withSignature(Buffer.from(RIGHT, 'base64').toString('hex')),
		),
		forged(
			'with its signature in base64url',
			withSignature(Buffer.from(RIGHT, 'base64').toString('base64url')),
		),
		forged('with its signature unpadded', withSignature(RIGHT.replace(/=+$/, ''))),
		forged('with its signature in capitals', withSignature(RIGHT.toUpperCase())),
		forged('with its signature and more behind it', withSignature(`${RIGHT}A`)),
		forged('with the name of the method before its signature', withSignature(`sha256=${RIGHT}`)),
		forged('with a signature that is not ASCII', withSignature('é'.repeat(22))),
		forged('truncated', { body: BODY.slice(0, -1), headers: { ...signed(BODY), ...plain } }),
		forged('with another number of blanks', {
			body: BODY.replace(',', ', '),
			headers: signed(BODY),
		}),
		forged('with its keys in another order', {
			body: JSON.stringify(Object.fromEntries(Object.entries(EVENT).toReversed())),
			headers: signed(BODY),
		}),
		forged('with escapes instead of characters', {
			body: BODY.replace('ë', '\\u00eb'),
			headers: signed(BODY),
		}),
		forged('with the same key once more', {
			body: BODY.replace('{', '{"id":"1",'),
			headers: signed(BODY),
		}),
		taken('signed with blanks', JSON.stringify(EVENT, null, ' ')),
		taken('signed with escapes', BODY.replace('ë', '\\u00eb')),
		taken('as text', BODY, plain),
		taken('as a form', BODY, { 'content-type': 'application/x-www-form-urlencoded' }),
		taken('without a content type', BODY, { 'content-type': undefined }),
		taken('with headers in capitals', BODY, {
			[SIGNATURE]: undefined,
			[SIGNATURE.toUpperCase()]: RIGHT,
			[TOPIC]: undefined,
			[TOPIC.toUpperCase()]: EARNED,
		}),
		taken('gzipped, and signed before that', gzipSync(BODY), {
			'content-encoding': 'gzip',
			...signed(BODY),
		}),
		forged('gzipped, and signed after that', {
			body: gzipSync(BODY),
			headers: { 'content-encoding': 'gzip', ...signed(gzipSync(BODY)) },
		}),
		taken('with a byte order mark', `\ufeff${BODY}`),
		noEvent('in UTF-16', Buffer.from(BODY, 'utf16le'), {
			'content-type': 'application/json; charset=utf-16le',
		}),
		noEvent('in Latin-1', Buffer.from(BODY, 'latin1'), plain),
		noEvent(
			'with bytes that are no UTF-8',
			Buffer.from([...Buffer.from('{"topic":"'), 0xff, 0x22, 0x7d]),
		),
		{
			what: 'as a form with files',
			headers: { 'content-type': 'multipart/form-data; boundary=b' },
			status: 401,
			message: UNSIGNED,
		},
		noEvent('empty', ''),
		noEvent('no JSON', 'topic=1', plain),
		{
			what: 'no JSON, but said to be',
			body: '{',
			status: 422,
			message: 'Failed to parse request body',
		},
		noEvent('a list', `[${BODY}]`),
		noEvent('null', 'null'),
		noEvent('a text', JSON.stringify(BODY)),
		noEvent('a number', '1'),
		taken('as large as it may be', ofSize(1_000_000)),
		{ what: 'one byte too large', body: ofSize(1_000_001), status: 413, message: TOO_LARGE },
		{
			what: 'too large once it is unzipped',
			body: gzipSync(ofSize(1_000_001)),
			headers: { 'content-encoding': 'gzip' },
			status: 413,
			message: TOO_LARGE,
		},
		taken('as deep as it may be', nested(63)),
		noEvent('deeper', nested(65)),
		noEvent('100,000 levels deep', nested(100_000)),
		noEvent('without a topic', JSON.stringify({ id: 1 }), { [TOPIC]: undefined }),
		noEvent('with a topic that is none', JSON.stringify({ ...EVENT, topic: { a: 1 } })),
		noEvent('with an empty topic', JSON.stringify({ ...EVENT, topic: '' })),
		taken('with its topic in the header only', JSON.stringify({ ...EVENT, topic: undefined })),
		{
			what: 'with another topic in the body than in the header',
			body: JSON.stringify({ ...EVENT, topic: ENROLLED }),
			status: 200,
			message: SEEN,
		},
		{
			what: 'an event that nobody knows yet',
			body: JSON.stringify({ ...EVENT, topic: 'program_events/customer.unheard_of' }),
			status: 200,
			message: SEEN,
		},
		{
			what: 'an event that is named like what every object has',
			body: JSON.stringify({ ...EVENT, topic: 'constructor' }),
			status: 200,
			message: SEEN,
		},
		{
			what: 'the claim of a custom reward, as the documentation has it',
			body: JSON.stringify({ test: true, reward_id: 1, customer_email: 'zoë@example.com' }),
			headers: { [TOPIC]: 'rewards/store_fulfilment' },
			status: 400,
			message: NO_FULFILMENT,
		},
		{
			what: 'the claim of a custom reward in an envelope',
			body: JSON.stringify({ ...EVENT, topic: 'rewards/store_fulfilment' }),
			status: 400,
			message: NO_FULFILMENT,
		},
		...[undefined, null, 0, '', {}, [], true, -1.5, 'a'.repeat(900_000), 2 ** 60].map((id) =>
			taken(
				`with the ID ${String(JSON.stringify(id)).slice(0, 20)}`,
				JSON.stringify({ ...EVENT, id }),
			),
		),
	];

	test.each(attacks)('$what: $status', async ({ body = BODY, headers, status, message }) => {
		const published = trigger();

		expect(await deliver(published, body, headers)).toEqual({ status, message });
		expect(server.started).toHaveLength(message === STARTED ? 1 : 0);
		expect(server.failed).toEqual([]);
		expect(published.log).toHaveLength(status === 200 || status === 422 ? 0 : 1);
		expect(standIn.requests).toEqual([]);
	});

	test.each([
		[[RIGHT, RIGHT], 401],
		[['', RIGHT], 401],
		[[RIGHT], 200],
	])('with the signatures %j: %i', async (signatures, status) => {
		const { port, pathname } = new URL(
			trigger().address().replace('https://n8n.example', server.url),
		);
		const sending = request({
			port,
			path: pathname,
			method: 'POST',
			headers: { 'content-type': 'application/json', [SIGNATURE]: signatures },
		}).end(BODY);
		const [answer] = (await once(sending, 'response')) as [
			NodeJS.ReadableStream & { statusCode: number },
		];
		await text(answer);

		expect(answer.statusCode).toBe(status);
		expect(server.started).toHaveLength(status === 200 ? 1 : 0);
	});

	test('the second of two Site Secrets is as good', async () => {
		const two = trigger({ credential: { siteSecret: ` ${OTHER_SITE.secret} ,${SITE.secret},` } });

		expect(await deliver(two, BODY, signed(BODY))).toMatchObject({ status: 200 });
		expect(await deliver(two, `${BODY} `, signed(`${BODY} `, OTHER_SITE.secret))).toMatchObject({
			message: SEEN,
		});
		expect(
			await deliver(two, BODY, signed(BODY, `${OTHER_SITE.secret},${SITE.secret}`)),
		).toMatchObject({
			status: 401,
		});
	});

	test('keys that change every object change none', async () => {
		await deliver(
			trigger(),
			`{"id":"1","topic":"${EARNED}","__proto__":{"polluted":1},"payload":{"__proto__":{"polluted":2},"properties":{"__proto__":{"polluted":3},"constructor":{"prototype":{"polluted":4}}}}}`,
		);

		expect(server.started).toHaveLength(1);
		expect(({} as { polluted?: number }).polluted).toBeUndefined();
		expect((server.started[0] as { polluted?: number }).polluted).toBeUndefined();
	});
});

describe('unsigned events, where they are taken', () => {
	const options = { acceptUnsigned: true };
	const unsigned = { [SIGNATURE]: undefined };
	const form = { 'content-type': 'multipart/form-data; boundary=b' };

	test.each([
		{ what: 'without a signature', secret: SITE.secret, headers: unsigned, status: 200 },
		{ what: 'with a wrong signature', secret: SITE.secret, headers: signed('x'), status: 401 },
		{ what: 'with a right signature', secret: SITE.secret, headers: {}, status: 200 },
		{ what: 'with a signature that nothing can check', secret: '', headers: {}, status: 200 },
		{
			what: 'as a form with files',
			secret: SITE.secret,
			headers: { ...form, ...unsigned },
			status: 400,
		},
	])('$what: $status', async ({ secret, headers, status }) => {
		const published = trigger({ credential: { siteSecret: secret }, options });

		expect(await deliver(published, BODY, headers)).toMatchObject({ status });
		expect(server.started).toHaveLength(status === 200 ? 1 : 0);
	});
});

describe('a trigger that cannot take events says so, and LoyaltyLion sends them again', () => {
	const broken: [string, Parameters<typeof trigger>[0]][] = [
		[
			'a credential that cannot be opened',
			{ credential: new Error(`Bad decrypt of ${SITE.secret}`) },
		],
		['no API key', { credential: { apiKey: '' } }],
		['a Base URL that is none', { credential: { baseUrl: `https://${SITE.secret}@shop` } }],
		['no events', { events: [] }],
		['an option that is none', { options: { raw: 'perhaps' } }],
	];

	test.each(broken)('%s', async (_what, given) => {
		const published = trigger(given);

		expect(await deliver(published, BODY)).toEqual({
			status: 503,
			message: 'The LoyaltyLion Trigger cannot take events now',
		});
		expect(server.started).toEqual([]);
		expect(published.log).toEqual([expect.stringMatching(/^warn: .* cannot take events now\. .+/)]);
		expect(published.log.join()).not.toContain(SITE.secret);
	});

	test('a Site Secret that was taken away', async () => {
		expect(await deliver(trigger({ credential: { siteSecret: '' } }), BODY)).toMatchObject({
			status: 401,
		});
	});
});

describe('while a user listens for a test event', () => {
	const said: [number, string, Sending['headers'], string][] = [
		[
			401,
			BODY,
			{ [SIGNATURE]: undefined },
			`${UNSIGNED}. The workflow was not started. If you sent it yourself to try the workflow, turn on Accept Unsigned Events for that time, or pin a sample of the event instead.`,
		],
		[
			401,
			BODY,
			signed(''),
			`${WRONG}. The workflow was not started. Copy the secret in LoyaltyLion from Manage > Settings, where it stands beside the site token, into Site Secret in the LoyaltyLion credential. If the program has several sites, put in the secret of each, separated by commas. If it is right, somebody else sends to this address.`,
		],
		[400, '[]', {}, `${NO_EVENT}. The workflow was not started.`],
		[
			413,
			ofSize(1_000_001),
			{},
			`${TOO_LARGE}. It does not come from LoyaltyLion, and the workflow was not started.`,
		],
		[
			400,
			JSON.stringify({ reward_id: 1 }),
			{ [TOPIC]: 'rewards/store_fulfilment' },
			`${NO_FULFILMENT}. The workflow was not started, so that the claim stays open in LoyaltyLion. Use a Webhook node for the fulfilment of the reward, or the event Reward Claimed.`,
		],
	];

	test.each(said)(
		'%i: the sender and the user are told why',
		async (status, body, headers, message) => {
			const listening = trigger();

			expect(await deliver(listening, body, headers, { listening: 'test' })).toMatchObject({
				status,
			});
			await until(() => server.failed.length > 0);
			expect(server.failed).toMatchObject([
				{ hasLeft: true, error: { name: 'NodeOperationError', message } },
			]);
			expect(server.started).toEqual([]);
			expect(listening.log).toEqual([]);
		},
	);

	test('the user is told once the answer has left', async () => {
		const listening = trigger();
		const take = listening.take.bind(listening);
		jest.spyOn(listening, 'take').mockImplementation(async (request, response, how) => {
			const send = response.json.bind(response);
			response.json = (body) => {
				response.json = send;
				setImmediate(() => send(body));
				return response;
			};
			return await take(request, response, how);
		});

		expect(await deliver(listening, BODY, signed(''), { listening: 'test' })).toEqual({
			status: 401,
			message: WRONG,
		});
		await until(() => server.failed.length > 0);
		expect(server.failed).toMatchObject([{ hasLeft: true }]);
	});

	test('an event is taken again and again', async () => {
		const listening = trigger();
		const answers = [
			await deliver(listening, BODY, {}, { listening: 'test' }),
			await deliver(listening, BODY, {}, { listening: 'test' }),
			await deliver(listening, BODY),
		];

		expect(answers.map(({ message }) => message)).toEqual([STARTED, STARTED, STARTED]);
	});
});

test('no secret is shown, whatever is sent', async () => {
	const apiKey = `${KEY}-that-is-sent`;
	const both = `${SITE.secret} ${apiKey}`;
	const sent = [
		[JSON.stringify({ ...EVENT, topic: both }), { [SIGNATURE]: both }],
		[BODY, { [SIGNATURE]: SITE.secret }],
		[both, { 'content-type': 'text/plain' }],
	] as const;
	for (const [body, headers] of sent) {
		const published = trigger({ credential: { apiKey } });
		const answers = [
			await deliver(published, body, headers),
			await deliver(published, body, headers, { listening: 'test' }),
		];
		await until(() => server.failed.length > 0);
		const shown = inspect([answers, published.log, server.failed], {
			depth: null,
			showHidden: true,
		});
		expect(answers).toMatchObject([
			{ status: expect.any(Number) },
			{ message: expect.any(String) },
		]);
		expect(shown).not.toContain(SITE.secret);
		expect(shown).not.toContain(apiKey);
		server.failed = [];
	}
});

/** Waits for what comes to pass after an answer has left. */
async function until(isSo: () => boolean) {
	while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
