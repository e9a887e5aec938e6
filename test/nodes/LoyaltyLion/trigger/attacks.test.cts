import { EventEmitter } from 'node:events';
import type { ICredentialDataDecryptedObject, IDataObject, IWebhookFunctions } from 'n8n-workflow';
import type { Client } from '../../../../nodes/LoyaltyLion/transport/Client.ts';
import { signatureOf } from '../../../../dev/stand-in/Deliveries.cts';
import { keepHooks, removeHooks } from '../../../../nodes/LoyaltyLion/trigger/hooks.ts';
import { receive } from '../../../../nodes/LoyaltyLion/trigger/receive.ts';

/** What somebody may send who wants to harm, or LoyaltyLion in ways that it does not rule out. */

const SECRET = 'site-secret-4410';
const UPDATED = 'customers/update';
const EARNED = 'program_events/customer.points_earned';

let workflows = 0;
let workflowId = '';
beforeEach(() => {
	workflowId = `attacked-${++workflows}`;
});

/** An answer that leaves at once. */
class Response extends EventEmitter {
	statusCode = 200;

	writableEnded = false;

	destroyed = false;

	status(code: number) {
		this.statusCode = code;
		return this;
	}

	json() {
		this.writableEnded = true;
		setImmediate(() => this.emit('close'));
	}
}

/**
 * Delivers an event to the trigger of the test.
 *
 * @returns what it is answered with, and the item that starts the workflow
 */
async function deliver(
	event: object,
	{
		secret = SECRET,
		credential = {},
		options = {},
	}: { secret?: string; credential?: ICredentialDataDecryptedObject; options?: IDataObject } = {},
) {
	const rawBody = Buffer.from(JSON.stringify(event));
	const response = new Response();
	const parameters: IDataObject = { events: [UPDATED, EARNED], options };
	const { workflowData, noWebhookResponse } = await receive({
		getNode: () => ({ id: 'trigger', name: 'LoyaltyLion Trigger' }),
		getWorkflow: () => ({ id: workflowId }),
		getMode: () => 'webhook',
		getNodeParameter: (name: string) => parameters[name],
		getCredentials: async () => ({ apiKey: 'pat_attack', siteSecret: SECRET, ...credential }),
		getRequestObject: () => ({ rawBody }),
		getHeaderData: () => ({ 'x-loyaltylion-hmac-sha256': signatureOf(rawBody, secret) }),
		getResponseObject: () => response,
		logger: { warn: () => {} },
	} as unknown as IWebhookFunctions);
	if (!noWebhookResponse) response.json();
	return { status: response.statusCode, started: workflowData?.flat().map(({ json }) => json) };
}

test('two events of one happening are two, also when they share their ID', async () => {
	const id = '0b7c2f1e';

	expect(await deliver({ id, topic: EARNED })).toMatchObject({ started: [{ topic: EARNED }] });
	expect(await deliver({ id, topic: UPDATED })).toMatchObject({ started: [{ topic: UPDATED }] });
	expect(await deliver({ id, topic: EARNED })).toEqual({ status: 200, started: undefined });
});

test.each(['x', ' 1234567 ', 'fe,d41402abc4b2a76b9719d911017c592'])(
	'nothing is signed with so little as a piece of %j',
	async (siteSecret) => {
		const [secret = ''] = siteSecret.trim().split(',');
		const event = { id: '1', topic: EARNED };

		expect(await deliver(event, { secret, credential: { siteSecret } })).toEqual({
			status: 401,
			started: undefined,
		});
	},
);

describe('webhooks', () => {
	const OURS = 'https://n8n.example/webhook/5b1d/webhook';

	/** A LoyaltyLion that has webhooks, and says of every new one that it is the first of these. */
	function programWith(webhooks: { id: number; topic: string; address: string }[]) {
		const changes: string[] = [];
		const client = {
			get: async () => ({ body: { webhooks } }),
			change: async (
				{ method, path }: { method: string; path: string },
				_words: unknown,
				readDone: (answer: object) => unknown,
			) => {
				changes.push(`${method} ${path}`);
				if (method === 'DELETE') return readDone({ statusCode: 204, text: '' });
				return readDone({ statusCode: 200, text: JSON.stringify({ webhook: webhooks[0] }) });
			},
		};
		return { client: client as unknown as Client, changes };
	}

	test.each([
		[OURS, true],
		['https://N8N.example/webhook/5b1d/webhook', true],
		['https://n8n.example:443/webhook/5b1d/webhook', true],
		[`${OURS}/`, false],
		[`${OURS}2`, false],
		['https://n8n.example/webhook/5B1D/webhook', false],
		['https://n8n.example/webhook-test/5b1d/webhook', false],
		['https://other.example/webhook/5b1d/webhook', false],
		['https://n8n.example:8443/webhook/5b1d/webhook', false],
		[`${OURS}?to=them`, false],
		['', false],
	])('to %j: whether they are ours: %j', async (address, areOurs) => {
		const { client, changes } = programWith([{ id: 7, topic: EARNED, address }]);

		await removeHooks(client, OURS);

		expect(changes).toEqual(areOurs ? ['DELETE /v2/webhooks/7'] : []);
	});

	test('one that sends somewhere else is not removed, whatever LoyaltyLion answers', async () => {
		const address = 'https://other.example/hook';
		const { client, changes } = programWith([{ id: 7, topic: EARNED, address }]);

		await keepHooks(client, OURS, [UPDATED]);

		expect(changes).toEqual(['POST /v2/webhooks']);
	});
});
