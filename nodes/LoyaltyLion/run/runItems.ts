import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { ItemFailure } from '../errors/ItemFailure';
import type { Breaks } from '../shared/Breaks';
import { isLooseToolCall, isMixedUp, isOfAnyItem, isTool } from '../shared/tools';
import type { InputItem, Operation } from './Operation';
import { toFailingItem, toItems, toNodeError } from './output';
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
 * @returns the output items, in input order and linked to their input; one for each that failed
 * @throws {NodeApiError | NodeOperationError} for the first failing item, unless the workflow goes on or
 *   an AI agent uses the node
 */
export async function runItems(
	context: IExecuteFunctions,
	operation: Operation,
): Promise<INodeExecutionData[]> {
	const { words } = operation;
	const run = new Run(context);
	// As a tool, the node gets a new run index with each try of n8n's Retry On Fail (n8n-core,
	// `get-input-connection-data.ts`), so that nothing is remembered. An item that fails is no reason for
	// another try there, and the agent can read why it did.
	const goOn = context.continueOnFail() || isTool(context);
	const itemCount = context.getInputData().length;
	const output: INodeExecutionData[][] = [];
	const tally = new RunTally(itemCount, words);
	await inParallel(itemCount, run.breaks, async (itemIndex) => {
		if (run.isStopped) return;
		const item: InputItem = {
			context,
			itemIndex,
			run,
			signal: run.begin(itemIndex),
			report: words.blank,
			done: words.done,
			note: (sentence) => tally.note(sentence, itemIndex),
			hint: (message) => tally.hint(message),
		};
		const result = await runItem(operation, item);
		run.finish(itemIndex);
		tally.count(itemIndex, result, item.done);
		if (!(result instanceof ItemFailure)) output[itemIndex] = toItems(result, itemIndex);
		else if (goOn) output[itemIndex] = [toFailingItem(result, item, words)];
		else run.stopAfter(itemIndex);
	});
	await run.settle();
	run.end(tally.allDone);
	const { first } = tally;
	if (first && !goOn) throw toNodeError(context.getNode(), ...first, tally);
	tally.leaveHints(context);
	return output.flat();
}

async function runItem(operation: Operation, item: InputItem) {
	try {
		if (isLooseToolCall(item.context)) assertOwnValues(item);
		return await operation.execute(item);
	} catch (error) {
		return error instanceof ItemFailure ? error : new ItemFailure(operation.words.unexpected);
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

/**
 * The next one is begun as soon as one is done. Work that waits for nothing gives way to the rest of n8n now
 * and then. It must not throw.
 */
async function inParallel(
	count: number,
	breaks: Breaks,
	work: (index: number) => Promise<void>,
): Promise<void> {
	let next = 0;
	const workOn = async () => {
		while (next < count) {
			if (breaks.areDue) await breaks.take();
			else await work(next++);
		}
	};
	await Promise.all(Array.from({ length: Math.min(ITEMS_AT_ONCE, count) }, workOn));
}
