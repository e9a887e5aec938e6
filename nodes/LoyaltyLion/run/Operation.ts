import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { FailureFacts, ItemFailure } from '../errors/ItemFailure';
import type { Run } from './Run';

/** One operation of a resource: what the user chooses and fills in, what is done with it, and its words. */
export interface Operation {
	/** What a workflow holds that has chosen it. */
	value: string;
	/** Its name in the list of operations, without that of the resource. */
	name: string;
	/** The same where the node is searched for, e.g. "Get a reward". */
	action: string;
	/** What it does, one sentence. */
	description: string;
	/** Its own fields; where they are shown is seen to by its resource. */
	fields: INodeProperties[];
	words: OperationWords;

	/**
	 * Does the operation for one input item.
	 *
	 * @param item the input item
	 * @returns the `json` of the output item, or of several
	 * @throws {ItemFailure} when the item did not succeed
	 */
	execute(item: InputItem): Promise<IDataObject | IDataObject[]>;
}

/** What is said of an operation's items. */
export interface OperationWords {
	/** What happens to an item that succeeds, in words that follow a number, e.g. "were read". */
	done: string;
	/** What happens to one that does not, where "did not" does not say it, e.g. "failed". */
	notDone?: string;
	/** Why items fail, by code, in words that follow "Most common reason: "; the general ones need none. */
	reasons: Record<string, string>;
	/** Whether any item can be done again without harm, as nothing is changed, or once and twice are the same. */
	isRepeatable?: true;
	/** What to do about items whose outcome is unclear, a sentence. */
	unclearAdvice: string;
	/** A fault of this node's own: what may have been done by then is not known. */
	unexpected: FailureFacts;
	/** What an item says of itself before its fields are read. */
	blank: ItemReport;

	/**
	 * @param failure why an item failed
	 * @returns what its error says beside the code and the words
	 */
	errorFields: (failure: ItemFailure) => IDataObject;
}

/** What an item says of itself whatever becomes of it, by field. */
export interface ItemReport {
	/** What it is about. */
	subject: IDataObject;
	/** What else the items of its table have in a column. */
	beside: IDataObject;
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
	/** What it says of itself, as far as that is known by now. */
	report: ItemReport;
	/** What happens to it when it succeeds: what its operation says of all, until it says otherwise itself. */
	done: string;
	/** Says something about the item in a hint on the node, in a sentence that follows "For 2 items: ". */
	note(sentence: string): void;
	/** Says something about the run in a hint on the node, a sentence or more, once however often it is said. */
	hint(message: string): void;
}
