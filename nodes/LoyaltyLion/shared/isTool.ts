import type { IExecuteFunctions } from 'n8n-workflow';

/**
 * Tells whether an AI agent uses the node as a tool.
 *
 * @param context the running node
 * @returns whether it does
 */
export function isTool(context: IExecuteFunctions): boolean {
	const isExecutedAsTool =
		typeof context.isToolExecution === 'function' && context.isToolExecution();
	return isExecutedAsTool || context.getNode().type.endsWith('Tool');
}
