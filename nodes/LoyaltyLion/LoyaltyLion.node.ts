import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { toProperties, toSubtitle } from './actions/Resource';
import { findOperation, RESOURCES } from './actions/resources';
import { searchCustomers } from './methods/searchCustomers';
import { searchRewards } from './methods/searchRewards';
import { runItems } from './run/runItems';

export class LoyaltyLion implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'LoyaltyLion',
		name: 'loyaltyLion',
		icon: { light: 'file:loyaltyLion.svg', dark: 'file:loyaltyLion.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: toSubtitle(RESOURCES),
		description:
			'Add or remove loyalty points, claim and refund rewards, track activities, and read and update customers of a store that uses LoyaltyLion',
		defaults: { name: 'LoyaltyLion' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'loyaltyLionApi', required: true }],
		properties: toProperties(RESOURCES),
	};

	methods = { listSearch: { searchCustomers, searchRewards } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [await runItems(this, findOperation(this))];
	}
}
