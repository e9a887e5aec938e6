import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../Operation';
import { addPoints } from './addPoints.operation';

/** The operations on a customer, by the value that the Operation field holds. */
export const customerOperations = new Map<string, Operation>([['addPoints', addPoints]]);

/** The fields of the resource Customer: which operation, and that operation's own fields. */
export const customerFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Add Points',
				value: 'addPoints',
				action: 'Add points to customer',
				description: 'Give a customer loyalty points to spend, with a reason that the shopper sees',
			},
		],
		default: 'addPoints',
		displayOptions: { show: { resource: ['customer'] } },
	},
	...addPoints.fields,
];
