import {
	NodeApiError,
	NodeOperationError,
	type IDataObject,
	type INode,
	type INodeExecutionData,
} from 'n8n-workflow';
import type { ItemFailure } from '../errors/ItemFailure';
import type { InputItem, OperationWords } from './Operation';
import type { RunTally } from './RunTally';

/**
 * The output items of an input item that succeeded.
 *
 * @param result what the operation came to: one thing, or several
 * @param itemIndex the input item it belongs to, counted from 0 as n8n does
 * @returns the items, linked to their input
 */
export function toItems(
	result: IDataObject | IDataObject[],
	itemIndex: number,
): INodeExecutionData[] {
	const results = Array.isArray(result) ? result : [result];
	return results.map((json) => ({ json, pairedItem: { item: itemIndex } }));
}

/**
 * The output item of a failing input item, for the modes in which the workflow goes on.
 *
 * Where it leaves by an output of its own, the only key of `json` is `error`, an object: the one shape that
 * n8n 1.x and 2.x both route to the error output (n8n-core, `workflow-execute.ts`,
 * `handleNodeErrorOutput`), which also puts the input fields beside it there. Where it leaves by the same
 * output as those that succeed, it has their fields beside `error`, as they share the columns of a table.
 *
 * @param failure why the item failed
 * @param item the input item
 * @param words its operation's
 * @returns the item, linked to its input
 */
export function toFailingItem(
	failure: ItemFailure,
	item: InputItem,
	words: OperationWords,
): INodeExecutionData {
	const { context, itemIndex, report } = item;
	const error = errorOf(failure, item, words);
	const sharesOutput =
		context.continueOnFail() && context.getNode().onError !== 'continueErrorOutput';
	const { subject, beside } = report;
	const json = sharesOutput
		? { success: false, ...subject, ...beside, ...failure.facts.more, error }
		: { error };
	return { json, pairedItem: { item: itemIndex } };
}

/**
 * The error that stops the workflow at a failing item.
 *
 * @param node the node it happens in
 * @param failure why the item failed
 * @param itemIndex the input item it belongs to, counted from 0 as n8n does
 * @param tally what had become of the other items, if there are any
 * @returns a `NodeApiError` for an answer of LoyaltyLion, else a `NodeOperationError`
 */
export function toNodeError(
	node: INode,
	failure: ItemFailure,
	itemIndex: number,
	tally: RunTally,
): NodeApiError | NodeOperationError {
	const { description, httpCode } = failure.facts;
	const options = {
		description: `${description} ${tally.progress(itemIndex)}`.trim(),
		itemIndex,
	};
	const message = headline(failure, itemIndex);
	const error = httpCode
		? new NodeApiError(node, { message }, { ...options, message, httpCode })
		: new NodeOperationError(node, message, options);
	const doneBehind = tally.doneBehind(itemIndex);
	if (doneBehind) error.context.itemsBehindThatSucceeded = doneBehind;
	return keepingMessage(error, message);
}

/**
 * An error that stops what the user does in the editor, where nothing but the message is shown.
 *
 * @param node the node it happens in
 * @param failure what is the matter
 * @returns the error, to be thrown
 */
export function toEditorError(node: INode, { facts }: ItemFailure): NodeOperationError {
	const message = `${facts.message}. ${facts.description}`;
	return keepingMessage(new NodeOperationError(node, message), message);
}

/** Both constructors replace a message in which they see an error code, e.g. "EPERM" in "typEPERMit". */
function keepingMessage<NodeError extends Error>(error: NodeError, message: string): NodeError {
	error.message = message;
	return error;
}

function errorOf(
	failure: ItemFailure,
	{ itemIndex, report }: InputItem,
	{ errorFields }: OperationWords,
): IDataObject {
	const { code, description, httpCode, details } = failure.facts;
	return {
		message: headline(failure, itemIndex),
		description,
		code,
		httpCode: httpCode ?? null,
		...errorFields(failure),
		...report.subject,
		...(details && { details }),
	};
}

/**
 * The place is written in these letters, as the editor adds the same where a headline does not say it yet.
 *
 * n8n takes an execution for canceled, and offers no Retry, when the headline that stopped it holds the word
 * "canceled" (n8n-core, `workflow-execute.ts`, `processSuccessExecution`): a value of the user's may not do
 * that, such as an email.
 */
function headline({ facts, message }: ItemFailure, itemIndex: number): string {
	const said = facts.code === 'not_sent' ? message : message.replaceAll('canceled', 'Canceled');
	return `${said} [item ${itemIndex}]`;
}
