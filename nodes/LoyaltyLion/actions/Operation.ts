import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { Run } from './Run';

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
	/** The run it belongs to. */
	run: Run;
	/** Aborts when nothing more is to be sent for it. */
	signal: AbortSignal;
	/** Says something about the item in a hint on the node, in a sentence that follows "For 2 items: ". */
	note(sentence: string): void;
}
