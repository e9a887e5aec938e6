import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { ItemFailure } from '../errors/ItemFailure';
import { toErrorItem, toNodeError } from '../errors/nodeOutput';
import type { Operation } from './Operation';
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
	for (let itemIndex = 0; itemIndex < itemCount; itemIndex++) {
		const result = await runItem(context, operation, itemIndex);
		if (!(result instanceof ItemFailure)) {
			tally.countDone();
			output.push(result);
			continue;
		}
		if (!goOn) throw toNodeError(context.getNode(), result, itemIndex, tally.progress());
		tally.countFailure(result);
		output.push(toErrorItem(result, itemIndex));
	}
	tally.leaveHint(context);
	return output;
}

async function runItem(
	context: IExecuteFunctions,
	operation: Operation,
	itemIndex: number,
): Promise<INodeExecutionData | ItemFailure> {
	if (context.getExecutionCancelSignal()?.aborted) return notSent();
	try {
		return {
			json: await operation.execute(context, itemIndex),
			pairedItem: { item: itemIndex },
		};
	} catch (error) {
		return error instanceof ItemFailure ? error : unforeseen();
	}
}

function notSent(): ItemFailure {
	return new ItemFailure({
		code: 'not_sent',
		message: 'Not sent: the execution was canceled',
		description: 'Nothing was sent to LoyaltyLion for this item. Run it again to send it.',
	});
}

/** A fault of this node's own; whether a request had gone out is not known then. */
function unforeseen(): ItemFailure {
	return new ItemFailure({
		code: 'outcome_unknown',
		message: 'The LoyaltyLion node stopped working on this item',
		description:
			"This must not happen, and the item may or may not have taken effect. Look at the customer's points history in LoyaltyLion before you send this item again, and report it to the makers of this node.",
	});
}
