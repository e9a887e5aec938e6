import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { ItemFailure } from '../errors/ItemFailure';
import { toErrorItem, toNodeError, toReportItem } from '../errors/nodeOutput';
import { toItemFailure } from '../errors/toItemFailure';
import { isTool } from '../shared/isTool';
import { isLooseToolCall, isMixedUp, isOfAnyItem } from '../shared/toolCall';
import { inParallel } from './inParallel';
import type { InputItem, Operation } from './Operation';
import { Run } from './Run';
import { RunTally } from './RunTally';

/** Enough to keep up with 20 requests a second when each is answered after one and a half. */
const ITEMS_AT_ONCE = 32;

/**
 * Does an operation for every input item, several at a time, begun in input order.
 *
 * While the workflow is set to go on, nothing is thrown: n8n would send every item, unprocessed, down
 * the success branch (n8n-core, `workflow-execute.ts`). Otherwise a failing item stops the run: those
 * before it and what is on its way come to their end, and nothing more is sent.
 *
 * @param context the running node
 * @param operation what to do
 * @returns one output item for each input item, in input order and linked to it
 * @throws {NodeApiError | NodeOperationError} for the first failing item, unless the workflow goes on or
 *   an AI agent uses the node
 */
export async function runItems(
	context: IExecuteFunctions,
	operation: Operation,
): Promise<INodeExecutionData[]> {
	const run = new Run(context);
	// As a tool, the node gets a new run index with each try of n8n's Retry On Fail (n8n-core,
	// `get-input-connection-data.ts`), so that nothing is remembered. An item that fails is no reason for
	// another try there, and the agent can read why it did.
	const goOn = context.continueOnFail() || isTool(context);
	const itemCount = context.getInputData().length;
	const output: INodeExecutionData[] = [];
	const tally = new RunTally(itemCount, operation.done);
	await inParallel(itemCount, ITEMS_AT_ONCE, async (itemIndex) => {
		if (run.isStopped) return;
		const signal = run.begin(itemIndex);
		const note = (sentence: string) => tally.note(sentence, itemIndex);
		const result = await runItem(operation, { context, itemIndex, run, signal, note });
		run.finish(itemIndex);
		tally.count(itemIndex, result);
		if (!(result instanceof ItemFailure)) {
			output[itemIndex] = { json: result, pairedItem: { item: itemIndex } };
		} else if (goOn) {
			output[itemIndex] = toFailingItem(context, result, itemIndex);
		} else {
			run.stopAfter(itemIndex);
		}
	});
	run.end();
	const { first } = tally;
	if (first && !goOn) throw toNodeError(context.getNode(), ...first, tally);
	if (tally.allDone) run.memory.forgetAll();
	tally.leaveHints(context);
	return output;
}

async function runItem(operation: Operation, item: InputItem): Promise<IDataObject | ItemFailure> {
	try {
		if (isLooseToolCall(item.context)) assertOwnValues(item);
		return await operation.execute(item);
	} catch (error) {
		return toItemFailure(error);
	}
}

/** Makes sure that a tool call gives what was meant for it. */
function assertOwnValues({ context, itemIndex }: InputItem): void {
	if (isOfAnyItem(context, itemIndex)) {
		throw new ItemFailure({
			code: 'invalid_input',
			message: 'This tool call could get the values of another item',
			description:
				'The AI Agent has several items, and n8n reads fields of this tool that refer to an item, such as $json, from the first one. Nothing was sent to LoyaltyLion. Calling the tool again does not help: use version 3 of the AI Agent, give it one item at a time (Loop Over Items), or let the model fill in the fields.',
		});
	}
	if (isMixedUp(context, itemIndex)) {
		throw new ItemFailure({
			code: 'invalid_input',
			message: 'This tool call got the values of another call',
			description:
				'n8n mixed up calls of this tool that ran at the same time. Nothing was sent to LoyaltyLion for this call. Call the tool again, one call after another.',
		});
	}
}

/** With the items that succeed in one table, in n8n's editor, the columns have to line up. */
function toFailingItem(
	context: IExecuteFunctions,
	failure: ItemFailure,
	itemIndex: number,
): INodeExecutionData {
	const sharesOutput =
		context.continueOnFail() && context.getNode().onError !== 'continueErrorOutput';
	return sharesOutput ? toReportItem(failure, itemIndex) : toErrorItem(failure, itemIndex);
}
