import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { customerFields } from './actions/customer/customer.resource';
import { findOperation } from './actions/findOperation';
import { runItems } from './actions/runItems';
import { searchCustomers } from './methods/searchCustomers';

export class LoyaltyLion implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'LoyaltyLion',
		name: 'loyaltyLion',
		icon: { light: 'file:loyaltyLion.svg', dark: 'file:loyaltyLion.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ { addPoints: "Add Points" }[$parameter.operation] }}',
		description: 'Give loyalty points to the customers of a store that uses LoyaltyLion',
		defaults: { name: 'LoyaltyLion' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'loyaltyLionApi', required: true }],
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				options: [{ name: 'Customer', value: 'customer' }],
				default: 'customer',
			},
			...customerFields,
		],
	};

	methods = { listSearch: { searchCustomers } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [await runItems(this, findOperation(this))];
	}
}
