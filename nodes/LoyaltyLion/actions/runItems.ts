import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { ItemFailure } from '../errors/ItemFailure';
import { toErrorItem, toNodeError } from '../errors/nodeOutput';
import { toItemFailure } from '../errors/toItemFailure';
import { isTool } from '../shared/isTool';
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
		const result = await runItem(operation, { context, itemIndex, run, signal });
		run.finish(itemIndex);
		tally.count(itemIndex, result);
		output[itemIndex] = toOutputItem(result, itemIndex);
		if (result instanceof ItemFailure && !goOn) run.stopAfter(itemIndex);
	});
	run.end();
	const { first } = tally;
	if (first && !goOn) throw toNodeError(context.getNode(), ...first, tally.progress());
	if (tally.allDone) run.memory.forgetAll();
	tally.leaveHint(context);
	return output;
}

async function runItem(operation: Operation, item: InputItem): Promise<IDataObject | ItemFailure> {
	try {
		return await operation.execute(item);
	} catch (error) {
		return toItemFailure(error);
	}
}

function toOutputItem(result: IDataObject | ItemFailure, itemIndex: number): INodeExecutionData {
	if (result instanceof ItemFailure) return toErrorItem(result, itemIndex);
	return { json: result, pairedItem: { item: itemIndex } };
}
