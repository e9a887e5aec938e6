import {
	NodeConnectionTypes,
	type IHookFunctions,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';
import { receive } from './trigger/receive';
import { TRIGGER_PROPERTIES } from './trigger/settings';
import { isSubscribed, subscribe, unsubscribe } from './trigger/subscription';

/** Where there is a sample of each event. */
const SAMPLES =
	'with <a href="https://github.com/n8n-nodes-loyaltylion/n8n-nodes-loyaltylion/blob/main/docs/trigger.md#samples-to-try-a-workflow-with" target="_blank">a sample of it</a>';

export class LoyaltyLionTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'LoyaltyLion Trigger',
		name: 'loyaltyLionTrigger',
		icon: { light: 'file:loyaltyLion.svg', dark: 'file:loyaltyLion.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle:
			'={{ $parameter["events"].length }} {{ $parameter["events"].length === 1 ? "event" : "events" }}',
		description:
			'Start a workflow when something happens in a loyalty program of LoyaltyLion, such as points earned or a tier reached',
		defaults: { name: 'LoyaltyLion Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'loyaltyLionApi', required: true }],
		webhooks: [
			{ name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'webhook' },
		],
		triggerPanel: {
			header: '',
			executionsHelp: {
				inactive: `<b>While you build the workflow</b>, n8n waits for an event for 2 minutes. Most take longer: set mock data instead, ${SAMPLES}.<br /><br /><b>Once it works</b>, publish it. Each event then starts it, and is shown in the list of executions.`,
				active: `<b>While you build the workflow</b>, n8n waits for an event for 2 minutes. Most take longer: set mock data instead, ${SAMPLES}.<br /><br /><b>It is published</b>, so each event starts it, and is shown in the list of executions.`,
			},
			activationHint: 'Publish the workflow to have LoyaltyLion send it events.',
		},
		properties: TRIGGER_PROPERTIES,
	};

	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return await isSubscribed(this);
			},
			async create(this: IHookFunctions): Promise<boolean> {
				await subscribe(this);
				return true;
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				await unsubscribe(this);
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await receive(this);
	}
}
