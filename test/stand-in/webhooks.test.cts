import { theContract } from '../../dev/stand-in/Contract.cts';
import { StandIn } from '../../dev/stand-in/StandIn.cts';
import { type Topic, TOPICS } from '../../dev/stand-in/topics.cts';
import { callStandIn, type Method } from '../harness/callStandIn.cts';

const ADDRESS = 'https://n8n.example/webhook/1';
const ORDERS: Topic[] = [
	'program_events/customer.rule_completed',
	'program_events/customer.referral_complete',
];
const UNSUBSCRIBE = 'loyalty_emails/unsubscribe';

const standIn = new StandIn({
	apiKeys: {
		pat_write: ['write_customers'],
		pat_read: ['read_customers'],
		pat_orders: ['read_orders'],
		pat_both: ['write_orders', 'read_customers'],
		pat_unsubscribes: ['write_unsubscribes'],
		pat_none: [],
		pat_other: ['write_customers'],
	},
	sites: { token: 'secret' },
	programs: { pat_other: 3 },
	requestsPerSecond: Infinity,
});

beforeAll(() => standIn.start());
afterEach(() => standIn.reset());
afterAll(() => standIn.stop());

async function call(method: Method, path: string, body?: unknown, key = 'pat_write') {
	const authorization = key === 'token' ? `Basic ${btoa('token:secret')}` : `Bearer ${key}`;
	const sent = { method, path, authorization, ...(body !== undefined && { body }) };
	const answer = await callStandIn(standIn, sent);
	return { status: answer.status, body: answer.body as Record<string, unknown> };
}

const create = (key?: string, topic: Topic = 'customers/update', address = ADDRESS) =>
	call('POST', '/v2/webhooks', { webhook: { topic, address } }, key);

const list = async (key?: string) => (await call('GET', '/v2/webhooks', undefined, key)).body;

const remove = (id: number, key?: string) => call('DELETE', `/v2/webhooks/${id}`, undefined, key);

test('are made, listed and deleted', async () => {
	const webhook = {
		id: 5001,
		topic: 'customers/update',
		address: ADDRESS,
		created_at: expect.stringMatching(/^20.*Z$/),
		updated_at: expect.stringMatching(/^20.*Z$/),
		service_integration_id: null,
	};

	expect(await create()).toEqual({ status: 201, body: { webhook } });
	expect(await list()).toEqual({ webhooks: [webhook] });
	expect(await remove(5001)).toEqual({ status: 204, body: '' });
	expect(await list()).toEqual({ webhooks: [] });
	expect(await remove(5001)).toEqual({ status: 404, body: { error: 'Webhook not found' } });
	expect(await create()).toMatchObject({ body: { webhook: { id: 5002 } } });
	expect(standIn.formerHooks).toEqual([expect.objectContaining({ id: 5001 })]);
	expect(standIn.breaches).toEqual([]);
});

test('belong to a program', async () => {
	await create('pat_write');
	await create('pat_other');

	expect(await list('pat_none')).toMatchObject({ webhooks: [{ id: 5001 }] });
	expect(await list('token')).toMatchObject({ webhooks: [{ id: 5001 }] });
	expect(await list('pat_other')).toMatchObject({ webhooks: [{ id: 5002 }] });
	expect(await remove(5001, 'pat_other')).toMatchObject({ status: 404 });
	expect(standIn.hooks).toHaveLength(2);
});

test.each([
	['makeAnother', 201, 5002],
	['giveIt', 200, 5001],
	['refuse', 422, undefined],
] as const)('made a second time: %s', async (ifHooked, status, id) => {
	await create();
	standIn.ifHooked = ifHooked;
	const { status: answered, body } = await create();

	expect(answered).toBe(status);
	expect((body.webhook as { id: number } | undefined)?.id).toBe(id);
	expect(standIn.hooks).toHaveLength(ifHooked === 'makeAnother' ? 2 : 1);
	expect(await create('pat_write', 'customers/update', `${ADDRESS}/test`)).toMatchObject({
		status: 201,
	});
});

describe('need the scopes of the topic', () => {
	const topics = Object.keys(TOPICS) as Topic[];

	/** @returns the topics that a key may make webhooks of */
	async function allowed(key: string) {
		const answers = await Promise.all(
			topics.map(async (topic) => ({ topic, ...(await create(key, topic)) })),
		);
		const refused = answers.filter(({ status }) => status !== 201);
		expect(refused.filter(({ status }) => status !== 403)).toEqual([]);
		return answers.filter(({ status }) => status === 201).map(({ topic }) => topic);
	}

	test.each([
		['pat_none', []],
		['pat_orders', []],
		['pat_read', topics.filter((each) => each !== UNSUBSCRIBE && !ORDERS.includes(each))],
		['pat_write', topics.filter((each) => each !== UNSUBSCRIBE && !ORDERS.includes(each))],
		['pat_both', topics.filter((each) => each !== UNSUBSCRIBE)],
		['pat_unsubscribes', [UNSUBSCRIBE]],
		['token', topics],
	])('%s', async (key, expected) => {
		expect(await allowed(key)).toEqual(expected);
		expect(standIn.hooks).toHaveLength(expected.length);
	});

	test('also when the answer gets lost', async () => {
		standIn.misbehaveAt('createWebhook', { kind: 'status', status: 503, body: '{}', after: true });
		await create('pat_none');
		await create('pat_read');

		expect(standIn.hooks).toHaveLength(1);
	});
});

test('the contract names the topics', () => {
	const { body } = theContract().find(({ id }) => id === 'createWebhook') ?? {};
	const taken = [...Object.keys(TOPICS), 'rewards/store_fulfilment'].filter((topic) =>
		body?.({ webhook: { topic, address: ADDRESS } }),
	);

	expect(taken).toEqual(Object.keys(TOPICS));
});
