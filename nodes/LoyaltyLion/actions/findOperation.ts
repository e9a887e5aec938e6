import type { IExecuteFunctions } from 'n8n-workflow';
import { ItemFailure } from '../errors/ItemFailure';
import { customerOperations } from './customer/customer.resource';
import type { Operation } from './Operation';

const RESOURCES = new Map([['customer', customerOperations]]);

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
		const resource = context.getNodeParameter('resource', 0);
		return RESOURCES.get(resource)?.get(context.getNodeParameter('operation', 0));
	} catch {
		return undefined;
	}
}

const MISSING: Operation = {
	fields: [],
	done: 'succeeded',
	async execute() {
		throw new ItemFailure({
			code: 'invalid_input',
			message: 'The LoyaltyLion node is set to an operation that it does not have',
			description:
				'Open the node and choose a Resource and an Operation. Nothing was sent to LoyaltyLion for this item.',
		});
	},
};
