import type { IExecuteFunctions } from 'n8n-workflow';
import { Parameters } from '../fields/Parameters';
import { Breaks } from '../shared/Breaks';
import { Client } from '../transport/Client';
import { Connector } from '../transport/connect';
import { Patience } from '../transport/Patience';

/** What all items of one run of the node share. */
export class Run {
	/** Resolves the node's parameters for each item. */
	readonly parameters: Parameters;

	/** How long requests are tried that do not get through. */
	readonly patience = new Patience();

	/** When its work gives way to the rest of n8n. */
	readonly breaks = new Breaks();

	/** Opens the credential for each item. */
	private readonly connector: Connector;

	/** Aborts when the user cancels the execution. */
	private readonly canceled: AbortSignal | undefined;

	/** Those of the items that are worked on, in input order. */
	private readonly underWay = new Map<number, AbortController>();

	private readonly things = new Map<unknown, unknown>();

	private readonly lastThings: (() => void)[] = [];

	private readonly endings: (() => Promise<void>)[] = [];

	/** Whether an item has stopped the run, so that none is begun any more. */
	isStopped = false;

	/** @param context the running node */
	constructor(readonly context: IExecuteFunctions) {
		this.parameters = new Parameters(context);
		this.connector = new Connector(context);
		this.canceled = context.getExecutionCancelSignal();
		this.canceled?.addEventListener('abort', this.abortAll);
	}

	/**
	 * Gives the items of an operation something to share that others need not have.
	 *
	 * @param make makes it when it is first asked for; the same function stands for the same thing
	 * @returns the thing
	 */
	shared<Thing>(make: (run: Run) => Thing): Thing {
		if (!this.things.has(make)) this.things.set(make, make(this));
		return this.things.get(make) as Thing;
	}

	/** @param action what to do once every item has succeeded, and n8n will not try them again */
	whenAllDone(action: () => void): void {
		this.lastThings.push(action);
	}

	/** @param action what has to come to its end before the run does, whatever became of its items; must not throw */
	beforeEnd(action: () => Promise<void>): void {
		this.endings.push(action);
	}

	/** @returns once all of that has come to its end */
	async settle(): Promise<void> {
		for (const action of this.endings) await action();
	}

	/**
	 * Speaks to LoyaltyLion for an item.
	 *
	 * @param item the input item
	 * @param pace how many requests any second may hold, and how long to wait for each answer, in ms
	 * @returns what does so, with the credential as the item sees it
	 * @throws {ItemFailure} when the credential cannot be used; nothing has been sent then
	 */
	async client(
		{ itemIndex, signal }: { itemIndex: number; signal: AbortSignal },
		pace: { requestsPerSecond: number; timeoutMs: number },
	): Promise<Client> {
		const { context, patience } = this;
		const connection = await this.connector.connect(itemIndex);
		return new Client(
			{ context, connection, patience, place: itemIndex, ...pace },
			// Others may share what is read for this item when it is stopped.
			{ send: signal, read: this.canceled },
		);
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

	/**
	 * Lets go of the execution, which may have many more runs.
	 *
	 * @param allDone whether every item has succeeded
	 */
	end(allDone: boolean): void {
		this.canceled?.removeEventListener('abort', this.abortAll);
		if (allDone) for (const action of this.lastThings) action();
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
