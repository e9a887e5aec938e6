import { traverseNodeParameters, type FromAIArgument, type IExecuteFunctions } from 'n8n-workflow';
import { isRecord } from './json';

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

/**
 * Tells whether an agent itself runs the node as a tool, without n8n's engine. Such calls can share a run
 * index: tools that are fetched together count from the same one (n8n-core, `get-input-connection-data.ts`).
 * Where the engine runs a tool for an agent, each call has an index of its own.
 *
 * @param context the running node
 * @returns whether it does
 */
export function isLooseToolCall(context: IExecuteFunctions): boolean {
	return isTool(context) && 'getNextRunIndex' in context;
}

/**
 * Tells whether the fields of such a call hold what the agent meant for another one. With a shared run index
 * `$fromAI` gives each call what the first was called with, while the input item holds what this one was
 * called with (n8n-workflow, `workflow-data-proxy.ts`).
 *
 * @param context the running node
 * @param itemIndex the input item, counted from 0
 * @returns whether a value that the agent gives differs between the two, or cannot be compared
 */
export function isMixedUp(context: IExecuteFunctions, itemIndex: number): boolean {
	try {
		const asked: FromAIArgument[] = [];
		traverseNodeParameters(context.getNode().parameters, asked);
		const item = context.getInputData()[itemIndex]?.json;
		return asked.some(({ key }) => {
			const given: unknown = context.evaluateExpression(`{{ $fromAI('${key}') }}`, itemIndex);
			return JSON.stringify(given ?? null) !== JSON.stringify(argumentOf(item, key) ?? null);
		});
	} catch {
		return true;
	}
}

/**
 * Tells whether the fields of such a call may hold what belongs to another item of the agent. n8n does not
 * tell the tool which of them it is called for, and reads the first (n8n-core, `get-input-connection-data.ts`).
 *
 * @param context the running node
 * @param itemIndex the input item of the tool, counted from 0
 * @returns whether a field reads the agent's item, and the agent has several, or n8n cannot tell
 */
export function isOfAnyItem(context: IExecuteFunctions, itemIndex: number): boolean {
	// What the tool is said to be matters to nothing that is sent.
	const fields = JSON.stringify({ ...context.getNode().parameters, toolDescription: '' });
	const expressions = fields.match(EXPRESSION) ?? [];
	if (!expressions.some((expression) => READS_ITEM.test(expression))) return false;
	try {
		return Number(context.evaluateExpression('{{ $input.all().length }}', itemIndex)) > 1;
	} catch {
		return true;
	}
}

/** In JSON, a text that n8n takes for an expression. */
const EXPRESSION = /"=(?:[^"\\]|\\.)*"/g;

const READS_ITEM =
	/\$(?:json|binary|data|node|itemIndex|position)\b|(?:\)|\$input)(?:\s|\\[nrt])*\.item\b/;

/** Some agents wrap the arguments. */
function argumentOf(item: unknown, key: string): unknown {
	const { query, [key]: argument } = isRecord(item) ? item : {};
	return (isRecord(query) ? query[key] : undefined) ?? argument;
}
