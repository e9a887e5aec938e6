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
