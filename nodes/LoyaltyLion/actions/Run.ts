import type { IExecuteFunctions } from 'n8n-workflow';
import { CustomerLookup } from '../customers/CustomerLookup';
import { Parameters } from '../input/Parameters';
import { Connector } from '../transport/connect';
import { Patience } from '../transport/Patience';
import { RunMemory } from './RunMemory';

/** What all items of one run of the node share. */
export class Run {
	/** What is known of the same items from an earlier try. */
	readonly memory: RunMemory;

	/** Resolves the node's parameters for each item. */
	readonly parameters: Parameters;

	/** Opens the credential for each item. */
	readonly connector: Connector;

	/** Finds customers for all items. */
	readonly lookup = new CustomerLookup();

	/** How long requests are tried that do not get through. */
	readonly patience = new Patience();

	/** Aborts when the user cancels the execution. */
	readonly canceled: AbortSignal | undefined;

	/** Those of the items that are worked on, in input order. */
	private readonly underWay = new Map<number, AbortController>();

	/** Whether an item has stopped the run, so that none is begun any more. */
	isStopped = false;

	/** @param context the running node */
	constructor(context: IExecuteFunctions) {
		this.memory = new RunMemory(context);
		this.parameters = new Parameters(context);
		this.connector = new Connector(context);
		this.canceled = context.getExecutionCancelSignal();
		this.canceled?.addEventListener('abort', this.abortAll);
	}

	/**
	 * Lets an item begin.
	 *
	 * @param itemIndex the input item, counted from 0
	 * @returns aborts when nothing more is to be sent for it
	 */
	begin(itemIndex: number): AbortSignal {
		if (this.canceled?.aborted) return this.canceled;
		const controller = new AbortController();
		this.underWay.set(itemIndex, controller);
		return controller.signal;
	}

	/** @param itemIndex an item that is done with, counted from 0 */
	finish(itemIndex: number): void {
		this.underWay.delete(itemIndex);
	}

	/** Lets go of the execution, which may have many more runs. */
	end(): void {
		this.canceled?.removeEventListener('abort', this.abortAll);
	}

	/**
	 * Lets nothing more be sent for the items after one that failed. Those before it come to their end.
	 *
	 * @param itemIndex the failing item, counted from 0
	 */
	stopAfter(itemIndex: number): void {
		this.isStopped = true;
		this.abortAfter(itemIndex);
	}

	private readonly abortAll = () => this.abortAfter(-1);

	private abortAfter(itemIndex: number): void {
		for (const [index, controller] of this.underWay) if (index > itemIndex) controller.abort();
	}
}
