import { ItemFailure } from '../errors/ItemFailure';
import type { Answer } from './request';

/** What kept a request from being taken: LoyaltyLion's limit, or that there is no way to LoyaltyLion. */
export type Obstacle =
	| { kind: 'refused'; answer: Answer }
	| { kind: 'notSent'; answer?: undefined };

/**
 * How often one request is tried, and for how many ms a run tries in which nothing gets through at all. At
 * LoyaltyLion's limit bad luck is no reason to give up: among many workers, one request can be refused often.
 */
export const LIMITS: Record<Obstacle['kind'], { tries: number; ms: number }> = {
	refused: { tries: Infinity, ms: 120_000 },
	notSent: { tries: 4, ms: 10_000 },
};

/** After so many unclear outcomes in a row, nothing more is sent that changes something. */
export const MAX_UNCLEAR_IN_A_ROW = 10;

/**
 * How long one run of the node goes on trying. A request that fails to get through is tried again; when
 * none has got through for a while, the rest of a long list is not kept waiting one after another. And
 * when no clear answer comes to one after another, what has not been sent yet is kept from becoming
 * unclear too.
 */
export class Patience {
	private readonly since = new Map<Obstacle['kind'], number>();

	private lastRefusal: Answer | undefined;

	private unclearInARow = 0;

	private isRunOut = false;

	/** Takes note that a request was taken. */
	gotThrough(): void {
		this.since.clear();
	}

	/** @returns whether nothing more is to be sent that changes something */
	get hasRunOut(): boolean {
		return this.isRunOut;
	}

	/**
	 * Makes sure that nothing more is sent that changes something once LoyaltyLion has left the outcome of one
	 * request after another unclear.
	 *
	 * @throws {ItemFailure} `not_sent` when it has
	 */
	assertLasts(): void {
		if (!this.hasRunOut) return;
		throw new ItemFailure({
			code: 'not_sent',
			message: `Not sent: LoyaltyLion gave no clear answer ${MAX_UNCLEAR_IN_A_ROW} times in a row`,
			description:
				'LoyaltyLion, or the way to it, seems to be out of order, and this item could have become unclear too. Nothing was sent for it. Send it again once LoyaltyLion works.',
		});
	}

	/** Takes note that a clear answer came to what was to change something. */
	clear(): void {
		this.unclearInARow = 0;
	}

	/** Takes note that nobody knows whether something was changed. */
	unclear(): void {
		this.unclearInARow++;
		if (this.unclearInARow >= MAX_UNCLEAR_IN_A_ROW) this.isRunOut = true;
	}

	/**
	 * Takes note that a request was not taken.
	 *
	 * @param obstacle why
	 * @param tries how often it was tried by now
	 * @returns whether to try it again
	 */
	lastsFor({ kind, answer }: Obstacle, tries: number): boolean {
		this.since.set(kind, this.since.get(kind) ?? performance.now());
		this.lastRefusal = answer;
		return tries < LIMITS[kind].tries && !this.isOver(kind);
	}

	/** @returns LoyaltyLion's answer to all requests, once it has refused them for too long */
	get foregoneAnswer(): Answer | undefined {
		return this.isOver('refused') ? this.lastRefusal : undefined;
	}

	private isOver(kind: Obstacle['kind']): boolean {
		const since = this.since.get(kind);
		return since !== undefined && performance.now() - since > LIMITS[kind].ms;
	}
}

/**
 * Makes sure that nothing more is sent once the user has canceled the execution, or the run has stopped.
 *
 * @param signal aborts when that happens
 * @throws {ItemFailure} `not_sent` when it has
 */
export function assertNotCanceled(signal: AbortSignal | undefined): void {
	if (signal?.aborted) throw CANCELED;
}

/** The same for every item: a list of many that is canceled has to come to its end at once. */
export const CANCELED = new ItemFailure({
	code: 'not_sent',
	message: 'Not sent: the execution was canceled',
	description: 'Nothing was sent to LoyaltyLion for this item. Run it again to send it.',
});
