import { EventEmitter } from 'node:events';
import type { ICredentialDataDecryptedObject, IDataObject, IWebhookFunctions } from 'n8n-workflow';
import { signatureOf } from '../../../../dev/stand-in/Deliveries.cts';
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
