import type { IDataObject } from 'n8n-workflow';
import type { FailureFacts } from '../errors/ItemFailure';
import type { Answer, Request } from '../transport/request';
import type { Adjustment } from './Adjustment';
import type { Row } from './history';

/** One kind of adjustment: how it is sent, how it is known in a customer's history, and what is said of it. */
export interface Kind<Of extends Adjustment> {
	/** Sets it apart where values of Only Once Per are remembered. */
	readonly name: string;

	/**
	 * Where an execution keeps what became of its items. No two kinds keep it in the same place, as a node may have
	 * been set from one to another before its execution is retried.
	 */
	readonly memory: string;

	readonly words: KindWords<Of>;

	/**
	 * Whether one that has arrived is sure to have a row of its own, as far as LoyaltyLion says: only such rows may
	 * explain a row.
	 */
	readonly isSureToShow: boolean;

	/**
	 * @param adjustment what is to be sent
	 * @returns the request that does it
	 */
	request(adjustment: Of): Pick<Request, 'path' | 'body' | 'maxBytes'>;

	/**
	 * @param answer what came back
	 * @returns what it tells, when it confirms that the adjustment was made; nothing for every other answer
	 */
	readSuccess(answer: Answer): Learned<Of> | undefined;

	/**
	 * Stands for all adjustments that can be taken for each other in a customer's history, which need not tell
	 * their reasons.
	 *
	 * @param adjustment one of them
	 * @returns the same text for each of them, and for no other of this kind
	 */
	alikeKey(adjustment: Of): string;

	/**
	 * @param row of the customer's history, from the time of the adjustment
	 * @param adjustment what was sent
	 * @returns whether it is just the row that the adjustment makes
	 */
	isOwn(row: Row, adjustment: Of): boolean;

	/**
	 * @param row one that is just as another adjustment makes it
	 * @param adjustment one that is like that other
	 * @returns whether this one may have made it all the same
	 */
	mayHaveMade(row: Row, adjustment: Of): boolean;

	/**
	 * @param row of the customer's history, since the adjustment was sent
	 * @param adjustment what was sent
	 * @returns whether it cannot be ruled out that it is the adjustment's, however it is shown
	 */
	mayBeOwn(row: Row, adjustment: Of): boolean;

	/**
	 * @param row any
	 * @returns whether it tells more than an amount: with another API key it may be another store's history
	 */
	isTelling(row: Row): boolean;

	/**
	 * @param row one that is just as an adjustment makes it
	 * @param adjustment one that is like that one
	 * @returns whether it is known to be this one's row
	 */
	isCertainlyOf(row: Row, adjustment: Of): boolean;

	/**
	 * @param row the adjustment's own
	 * @returns what it tells
	 */
	learn(row: Row): Learned<Of>;

	/**
	 * @param adjustment what is done
	 * @returns what must be the same when it is done once for a value
	 */
	what(adjustment: Of): number | string;

	/**
	 * @param adjustment one that is there
	 * @returns LoyaltyLion's own ID of what came of it, where that is to be found again and is known
	 */
	resultId?(adjustment: Of): number | undefined;

	/**
	 * @param adjustment what is done
	 * @param onlyOncePer what it is done for once
	 * @returns whether its row names that
	 */
	isNamed(adjustment: Of, onlyOncePer: string): boolean;

	/**
	 * Judges one row of a customer's history by what an earlier run was about to do. As it is not known when that
	 * was, nor what else was done then, a row counts as its own only when it names the value; and as that of another
	 * only when it cannot be its own.
	 *
	 * @param row any
	 * @param earlier what is looked for
	 * @returns `own`, or `another` when that run has done another thing for the value; `unsure` when it may be
	 */
	judgeEarlier(row: Row, earlier: EarlierAdjustment<Of>): 'own' | 'another' | 'unsure' | 'others';
}

/** What is known of an adjustment as soon as it is there. */
export interface Learned<Of extends Adjustment> {
	/** What is known of it from then on. */
	facts: Partial<Of>;
	/** What came of it, as LoyaltyLion returns it. */
	result?: IDataObject;
}

/** An adjustment that an earlier run was about to make for a value, and of which nothing else is known. */
export interface EarlierAdjustment<Of extends Adjustment> {
	adjustment: Of;
	/** What it is done for once. */
	onlyOncePer: string;
	/** Whether this is what the earlier run was about to do. */
	isSame: boolean;
	/** Whether what the earlier run was about to send names the value. */
	wasNamed: boolean;
}

/** How a kind of adjustment is spoken of. */
export interface KindWords<Of extends Adjustment> {
	/** What is done, e.g. "add points". */
	doing: string;
	/** That it was not, a clause, e.g. "no points were added". */
	notDone: string;
	/** The same, with the customer. */
	notDoneFor: (customer: string) => string;
	/** That it may have been, a sentence. */
	mayBeDone: string;
	/** That it may be there twice, a clause, e.g. "they may even have been added twice". */
	mayEvenBeTwice: string;
	/** How it is referred to after that. */
	pronouns: Pronouns;
	/** That nobody knows whether it was done, a headline. */
	unclear: (adjustment: Of) => string;
	/** What it acts on is not there. */
	notFound: (adjustment: Of) => Pick<FailureFacts, 'code' | 'message' | 'description'>;
	/** LoyaltyLion does not do it. */
	refused: (adjustment: Of) => Pick<FailureFacts, 'message' | 'description'>;
	/** That n8n cannot look up what was done, a headline. */
	notRemembered: (customer: string) => string;
	/** Another thing was done before for the same value of Only Once Per. */
	another: (
		adjustment: Of & { onlyOncePer: string },
	) => Pick<FailureFacts, 'code' | 'message' | 'description'>;
	/** What an earlier run was about to do is another thing, a sentence. */
	anotherByEarlierRun: string;
	/** What would let the node tell the rows of an earlier run, a sentence. */
	unsureOfEarlierRun: string;
	flags: Flags;
	/** That it was done before for the value, as `confirmedBy` says it. */
	doneBefore: string;
}

/** The words that stand for an adjustment in a sentence. */
export interface Pronouns {
	/** What is looked for in the history, e.g. "them". */
	found: string;
	/** What is found there that may be something else, and that it may be, e.g. "points", "that may be these". */
	unsure: [what: string, thatItMayBe: string];
	them: 'them' | 'it';
	they: 'they' | 'it';
	were: 'were' | 'was';
	are: 'are' | 'is';
}

/** The fields by which an item says what may have become of it. */
export interface Flags {
	mayBeDone: string;
	mayBeTwice: string;
	isTwice: string;
}
