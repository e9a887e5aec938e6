import { randomUUID } from 'node:crypto';
import type { ICredentialDataDecryptedObject, IDataObject, INodeParameters } from 'n8n-workflow';
import { N8n } from '../../dev/engine/N8n.cts';
import { Trigger, type TriggerSetting } from '../../dev/engine/Trigger.cts';
import { WebhookServer } from '../../dev/engine/WebhookServer.cts';
import type { Customer } from '../../dev/stand-in/Shop.cts';
import { StandIn } from '../../dev/stand-in/StandIn.cts';
import { type Topic, TOPICS } from '../../dev/stand-in/topics.cts';

export const ORIGIN = 'https://n8n.example';
export const EARNED: Topic = 'program_events/customer.points_earned';
export const ENROLLED: Topic = 'program_events/customer.enrolled';
export const UPDATED: Topic = 'customers/update';

/** What the API keys begin with. */
export const KEY = 'pat_trigger_5b1d0c7f9e8a4d32';
export const SITE = { token: 'site-token-7301', secret: 'site-secret-4410-of-the-shop' };
export const OTHER_SITE = { token: 'site-token-9902', secret: 'site-secret-8825-of-another' };

const ALL_SCOPES = [...new Set(Object.values(TOPICS).flat())];

const CUSTOMERS: Record<string, Customer> = {
	1001: { email: 'zoë@example.com', name: 'Zoë 🦁', points: 60 },
};

/** What a test changes of a usual trigger. */
interface Given extends Partial<Omit<TriggerSetting, 'parameters' | 'credential'>> {
	events?: Topic[];
	options?: IDataObject;
	/** Fields of the credential, or why it cannot be opened. */
	credential?: ICredentialDataDecryptedObject | Error;
}

/** A stand-in of LoyaltyLion, and an n8n with triggers that it finds under its address, for the tests of one file. */
export function triggers() {
	const standIn = new StandIn({
		sites: { [SITE.token]: SITE.secret, [OTHER_SITE.token]: OTHER_SITE.secret },
		customers: CUSTOMERS,
		rewards: [{ id: 7, title: '5 off', pointCost: 50 }],
		requestsPerSecond: Infinity,
	});
	const server = new WebhookServer();
	let n8n: N8n;

	beforeAll(async () => {
		n8n = await N8n.load();
		await standIn.start();
		await server.start();
		standIn.deliveries.routes[ORIGIN] = server.url;
	});
	afterEach(() => {
		const { breaches } = standIn;
		standIn.reset();
		server.reset();
		if (breaches.length > 0) throw new Error(breaches.join());
	});
	afterAll(async () => {
		await standIn.stop();
		server.stop();
	});

	return {
		standIn,
		server,
		/** A trigger that is not published yet, in a workflow of its own. */
		trigger: ({ events = [EARNED], options = {}, credential = {}, ...others }: Given = {}) => {
			// One of which nobody keeps the pace yet.
			const apiKey = `${KEY}_${randomUUID()}`;
			standIn.accounts.apiKeys[apiKey] = ALL_SCOPES;
			const usual = { apiKey, siteSecret: SITE.secret, baseUrl: standIn.url };
			const trigger = new Trigger(n8n, {
				parameters: { events, options } as INodeParameters,
				credential: credential instanceof Error ? credential : { ...usual, ...credential },
				webhookId: randomUUID(),
				workflowId: randomUUID(),
				origin: ORIGIN,
				...others,
			});
			server.triggers.push(trigger);
			return trigger;
		},
	};
}
