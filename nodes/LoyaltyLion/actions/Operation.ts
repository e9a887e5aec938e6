import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

/** One operation of a resource: what the user fills in, and what is done with it. */
export interface Operation {
	/** The operation's fields, shown only while it is chosen. */
	fields: INodeProperties[];

	/**
	 * Does the operation for one input item.
	 *
	 * @param context the running node
	 * @param itemIndex the input item, counted from 0
	 * @returns the `json` of the output item
	 * @throws {ItemFailure} when the item did not succeed
	 */
	execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject>;

	/** Says what has become of items, in words that follow a number, e.g. "got their points". */
	done: string;
}
