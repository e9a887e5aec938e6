import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { CustomerLookup } from '../customers/CustomerLookup';
import { ItemFailure } from '../errors/ItemFailure';
import { toErrorItem, toNodeError } from '../errors/nodeOutput';
import type { InputItem, Operation } from './Operation';
import { toItemFailure } from '../errors/toItemFailure';
import { RunMemory } from './RunMemory';
import { RunTally } from './RunTally';

/**
 * Does an operation for every input item, one after another.
 *
 * While the workflow is set to go on, nothing is thrown: n8n would send every item, unprocessed, down
 * the success branch (n8n-core, `workflow-execute.ts`). Otherwise the first failing item stops the run.
 *
 * @param context the running node
 * @param operation what to do
 * @returns one output item for each input item, in input order and linked to it
 * @throws {NodeApiError | NodeOperationError} for the first failing item, unless the workflow goes on
 */
export async function runItems(
	context: IExecuteFunctions,
	operation: Operation,
): Promise<INodeExecutionData[]> {
	const itemCount = context.getInputData().length;
	const goOn = context.continueOnFail();
	const output: INodeExecutionData[] = [];
	const tally = new RunTally(itemCount, operation.done);
	const memory = new RunMemory(context);
	const lookup = new CustomerLookup();
	for (let itemIndex = 0; itemIndex < itemCount; itemIndex++) {
		const result = await runItem(operation, { context, itemIndex, memory, lookup });
		if (!(result instanceof ItemFailure)) {
			tally.countDone();
			output.push(result);
			continue;
		}
		if (!goOn) throw toNodeError(context.getNode(), result, itemIndex, tally.progress());
		tally.countFailure(result);
		output.push(toErrorItem(result, itemIndex));
	}
	if (tally.allDone()) memory.forget();
	tally.leaveHint(context);
	return output;
}

async function runItem(
	operation: Operation,
	item: InputItem,
): Promise<INodeExecutionData | ItemFailure> {
	try {
		return { json: await operation.execute(item), pairedItem: { item: item.itemIndex } };
	} catch (error) {
		return toItemFailure(error);
	}
}
