import {
	NodeApiError,
	NodeOperationError,
	type IDataObject,
	type INode,
	type INodeExecutionData,
} from 'n8n-workflow';
import type { ItemFailure } from './ItemFailure';

/**
 * The output item of a failing input item, for the mode in which it leaves by an output of its own.
 *
 * The only key of `json` is `error`, an object: the one shape that n8n 1.x and 2.x both route to the
 * error output (n8n-core, `workflow-execute.ts`, `handleNodeErrorOutput`), which also puts the input
 * fields beside it there.
 *
 * @param failure why the item failed
 * @param itemIndex the input item it belongs to, counted from 0 as n8n does
 * @returns the item, linked to its input
 */
export function toErrorItem(failure: ItemFailure, itemIndex: number): INodeExecutionData {
	return { json: { error: errorOf(failure, itemIndex) }, pairedItem: { item: itemIndex } };
}

/**
 * The output item of a failing input item, for the mode in which it leaves by the same output as those that
 * succeed: with their fields beside `error`, so that they share the columns of one table.
 *
 * @param failure why the item failed
 * @param itemIndex the input item it belongs to, counted from 0 as n8n does
 * @returns the item, linked to its input
 */
export function toReportItem(failure: ItemFailure, itemIndex: number): INodeExecutionData {
	const { subject, reason, facts } = failure;
	const error = errorOf(failure, itemIndex);
	const json = { success: false, ...subject, reason, ...facts.more, error };
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
	tally: { progress(itemIndex: number): string; doneBehind(itemIndex: number): string },
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

function errorOf(failure: ItemFailure, itemIndex: number): IDataObject {
	const { code, description, httpCode, details, more } = failure.facts;
	return {
		message: headline(failure, itemIndex),
		description,
		code,
		httpCode: httpCode ?? null,
		pointsMayHaveBeenAdded: failure.pointsMayHaveBeenAdded,
		...more,
		...failure.subject,
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
function headline(failure: ItemFailure, itemIndex: number): string {
	const { facts, message } = failure;
	const said = facts.code === 'not_sent' ? message : message.replaceAll('canceled', 'Canceled');
	return `${said} [item ${itemIndex}]`;
}
