import type { IExecuteFunctions } from 'n8n-workflow';
import { ItemFailure } from '../errors/ItemFailure';
import type { Operation } from '../run/Operation';
import { activity } from './activity/activity.resource';
import { customer } from './customer/customer.resource';
import { addPoints } from './customer/addPoints.operation';
import type { Resource } from './Resource';
import { reward } from './reward/reward.resource';
import { transaction } from './transaction/transaction.resource';

/** What the node can do: the one list from which its fields and its behaviour are made. */
export const RESOURCES: Resource[] = [customer, transaction, reward, activity];

/**
 * Finds the operation that the node is set to; all items share it.
 *
 * @param context the running node
 * @returns the operation. A workflow written by hand or by a newer version of this node may name one
 *   that is not there: it gets one that fails each item, as throwing would lose the items
 */
export function findOperation(context: IExecuteFunctions): Operation {
	return named(context) ?? MISSING;
}

function named(context: IExecuteFunctions): Operation | undefined {
	try {
		const [resource, operation] = ['resource', 'operation'].map((name) =>
			context.getNodeParameter(name, 0),
		);
		const operations = RESOURCES.find(({ value }) => value === resource)?.operations;
		return operations?.find(({ value }) => value === operation);
	} catch {
		return undefined;
	}
}

const MISSING: Operation = {
	value: 'missing',
	name: 'Missing',
	action: 'Do what the node cannot do',
	description: 'An operation that the node does not have',
	fields: [],
	words: { ...addPoints.words, done: 'succeeded' },
	async execute() {
		throw new ItemFailure({
			code: 'invalid_input',
			message: 'The LoyaltyLion node is set to an operation that it does not have',
			description:
				'Open the node and choose a Resource and an Operation. Nothing was sent to LoyaltyLion for this item.',
		});
	},
};
