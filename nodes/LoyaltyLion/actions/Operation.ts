import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { CustomerLookup } from '../customers/CustomerLookup';
import type { RunMemory } from './RunMemory';

/** One operation of a resource: what the user fills in, and what is done with it. */
export interface Operation {
	/** The operation's fields, shown only while it is chosen. */
	fields: INodeProperties[];

	/**
	 * Does the operation for one input item.
	 *
	 * @param item the input item
	 * @returns the `json` of the output item
	 * @throws {ItemFailure} when the item did not succeed
	 */
	execute(item: InputItem): Promise<IDataObject>;

	/** What happens to an item that succeeds, in words that follow a number, e.g. "got their points". */
	done: string;
}

/** One input item of a running node. */
export interface InputItem {
	context: IExecuteFunctions;
	/** Counted from 0. */
	itemIndex: number;
	/** What is known of the same items from an earlier try. */
	memory: RunMemory;
	/** Finds customers for all items of the run. */
	lookup: CustomerLookup;
}
