import {
	NodeApiError,
	NodeOperationError,
	type IDataObject,
	type INode,
	type INodeExecutionData,
} from 'n8n-workflow';
import type { ItemFailure } from './ItemFailure';

/**
 * The output item of a failing input item, for the modes in which the workflow goes on.
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
	const { code, description, httpCode, details } = failure.facts;
	const error: IDataObject = {
		message: headline(failure, itemIndex),
		description,
		code,
		httpCode: httpCode ?? null,
		pointsMayHaveBeenAdded: failure.pointsMayHaveBeenAdded,
		...failure.subject,
		...(details && { details }),
	};
	return { json: { error }, pairedItem: { item: itemIndex } };
}

/**
 * The error that stops the workflow at a failing item.
 *
 * @param node the node it happens in
 * @param failure why the item failed
 * @param itemIndex the input item it belongs to, counted from 0 as n8n does
 * @param progress what had become of the other items, if there are any
 * @returns a `NodeApiError` for an answer of LoyaltyLion, else a `NodeOperationError`
 */
export function toNodeError(
	node: INode,
	failure: ItemFailure,
	itemIndex: number,
	progress: string,
): NodeApiError | NodeOperationError {
	const { description, httpCode } = failure.facts;
	const options = { description: `${description} ${progress}`.trim(), itemIndex };
	const message = headline(failure, itemIndex);
	const error = httpCode
		? new NodeApiError(node, { message }, { ...options, message, httpCode })
		: new NodeOperationError(node, message, options);
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

/** In these letters, as the editor adds the same where a headline does not say it yet. */
function headline(failure: ItemFailure, itemIndex: number): string {
	return `${failure.message} [item ${itemIndex}]`;
}
