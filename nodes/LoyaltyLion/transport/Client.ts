import {
	AGAIN,
	answerFailure,
	quoted,
	sentences,
	unclearAnswer,
	type ReadAnswer,
	type RequestWords,
} from '../errors/answers';
import { ItemFailure, type FailureFacts } from '../errors/ItemFailure';
import { NOT_REACHED, reasonNoAnswer, reasonNotSent } from '../errors/network';
import { isRecord, parseJson } from '../shared/json';
import { pause } from '../shared/time';
import { accountOf, type Account } from './accounts';
import { readApiWords } from './apiWords';
import { exchange, type Exchange, type Sender } from './exchange';
import { assertNotCanceled, type Patience } from './Patience';
import type { Answer, Request } from './request';

/** The longest page of a list fits in, with all that a shop may keep of each row. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The waits before a read is tried again; so many more tries there are. */
const WAITS_MS = [300, 1000];

/** What an answer to a read holds, and when it was given. */
export interface Reading extends Pick<Answer, 'date' | 'age' | 'askedAt' | 'answeredAt'> {
	body: Record<string, unknown>;
}

/** What is said of a read that does not bring what was asked for. */
export interface ReadWords
	extends Pick<
		RequestWords,
		'forbidden' | 'missingScope' | 'scope' | 'rejected' | 'notFound' | 'refused' | 'again'
	> {
	/** The headline when no useful answer came, e.g. "LoyaltyLion could not be asked for its rewards". */
	unanswered: string;
	/** What the answer should have been, e.g. "list of rewards". */
	wanted: string;
}

/** What is said of a request that changes something. */
export interface ChangeWords extends Omit<RequestWords, 'unknown'> {
	/** The headline when nobody knows whether it was done, e.g. "Unclear whether the reward was disabled". */
	unclear: string;
	/** What that means, and what to do then, a sentence or more. */
	whenUnclear: string;
}

/** When requests are given up before they have been answered. */
export interface Signals {
	/** Aborts when nothing more is to be changed for the item. */
	send: AbortSignal | undefined;
	/** Aborts when nothing more is to be read, for anybody who may share it. */
	read: AbortSignal | undefined;
}

/** Speaks to LoyaltyLion for one item, or for a field that is being filled in. */
export class Client {
	/**
	 * @param sender who sends
	 * @param signals when to stop
	 */
	constructor(
		private readonly sender: Sender,
		readonly signals: Signals,
	) {}

	/** What all share who use the same credential; asked for anew each time, as an idle one is dropped. */
	get account(): Account {
		return accountOf(this.sender.connection);
	}

	/** Whether it identifies itself by LoyaltyLion's older method, which has no key. */
	get hasSiteToken(): boolean {
		return this.sender.connection.method === 'siteToken';
	}

	/** The credential's ID in n8n; '' for one that is not saved. */
	get credentialId(): string {
		return this.sender.connection.credential.id;
	}

	/** The same for reads that nobody shares, and that end when nothing more is to be sent for the item. */
	get unshared(): Client {
		return new Client(this.sender, { ...this.signals, read: this.signals.send });
	}

	/** How long it waits for each answer, in ms. */
	get timeoutMs(): number {
		return this.sender.timeoutMs;
	}

	/** How long the run goes on. */
	get patience(): Patience {
		return this.sender.patience;
	}

	/**
	 * Reads something. As it changes nothing, it is tried again when no clear answer came: after a reset, a
	 * timeout, a 5xx, or a 200 that is broken off or no JSON.
	 *
	 * @param path begins with a slash, percent-encoded, with its query
	 * @param words what is said when it brings nothing
	 * @returns the JSON object of the answer
	 * @throws {ItemFailure} what the last answer means, or `not_sent` once nothing more is to be read
	 */
	async get(path: string, words: ReadWords): Promise<Reading> {
		return resultOf(
			await untilClear(this.signals.read, async () => await this.getOnce(path, words)),
		);
	}

	/**
	 * Changes something that is the same whether it is done once or several times. So it is tried again when no clear
	 * answer came, as a read is.
	 *
	 * @param request what to send
	 * @param words what is said when it is not done
	 * @param readDone tells what came of it from an answer that confirms it; nothing for any other answer
	 * @returns what came of it
	 * @throws {ItemFailure} `outcome_unknown` when a try may have arrived and none was confirmed, or what the only
	 *   answer means; `not_sent` when nothing is to be sent any more
	 */
	async change<Done extends object>(
		request: Request,
		words: ChangeWords,
		readDone: (answer: Answer) => Done | undefined,
	): Promise<Done> {
		const unclear: ItemFailure[] = [];
		const result = await untilClear(this.signals.send, async () => {
			const tried = await this.changeOnce(request, words, readDone).catch(toFailed);
			if ('failure' in tried && tried.failure.isUnclear) unclear.push(tried.failure);
			return tried;
		});
		return resultOf(this.noted(staysUnclear(result, unclear.at(-1))));
	}

	/**
	 * Changes something that must not be done twice; it is sent again only as long as LoyaltyLion has certainly not
	 * taken it.
	 *
	 * @param request what to send
	 * @param words what is said when it is not done
	 * @param readDone tells what came of it from an answer that confirms it; nothing for any other answer
	 * @param onSending is told each time that it goes out now
	 * @returns what came of it; or the failure: `outcome_unknown` when it may have arrived, else what the answer
	 *   means, or `not_sent` when nothing is to be sent any more
	 */
	async changeUnrepeated<Done extends object>(
		request: Request,
		words: ChangeWords,
		readDone: (answer: Answer) => Done | undefined,
		onSending: () => void,
	): Promise<Done | { failure: ItemFailure }> {
		return this.noted(await this.changeOnce(request, words, readDone, onSending).catch(toFailed));
	}

	/**
	 * Sends what changes something; again only as long as LoyaltyLion has certainly not taken it.
	 *
	 * @param request what to send
	 * @param onSending is told each time that it goes out now
	 * @returns how the last try ended
	 * @throws {ItemFailure} `not_sent` when nothing is to be sent any more
	 */
	async send(request: Request, onSending: () => void): Promise<Exchange> {
		return await exchange(this.sender, request, this.signals.send, onSending);
	}

	/**
	 * @param answer an answer of LoyaltyLion
	 * @returns what it says, safe to show
	 */
	read({ statusCode, complete, text }: Answer): ReadAnswer {
		const { secrets, method } = this.sender.connection;
		return { statusCode, complete, words: readApiWords(text, secrets), method };
	}

	/** Keeps the run from sending more and more of which nobody knows what became. */
	private noted<Done extends object>(result: Result<Done>): Result<Done> {
		if (!('failure' in result) || isAnswered(result.failure)) this.patience.clear();
		else if (result.failure.isUnclear) this.patience.unclear();
		return result;
	}

	private async changeOnce<Done extends object>(
		request: Request,
		words: ChangeWords,
		readDone: (answer: Answer) => Done | undefined,
		onSending?: () => void,
	): Promise<Result<Done>> {
		const result = await exchange(this.sender, request, this.signals.send, onSending);
		if ('error' in result) return this.notChanged(result.error, words);
		const { answer } = result;
		return (
			readDone(answer) ?? {
				failure: answerFailure(this.read(answer), changingWords(words)),
				isPassing: isPassing(answer),
			}
		);
	}

	private notChanged(error: unknown, words: ChangeWords): Failed {
		const notSent = reasonNotSent(error);
		if (!notSent) {
			const failure = new ItemFailure(unclearFacts(words, reasonNoAnswer(error, this.timeoutMs)));
			return { failure, isPassing: true };
		}
		const failure = new ItemFailure({
			code: 'not_reached',
			message: NOT_REACHED,
			description: sentences(
				notSent,
				words.nothingDone,
				`Check n8n's internet connection and the Base URL of the LoyaltyLion credential, then ${words.again ?? AGAIN}.`,
			),
		});
		return { failure, isPassing: false };
	}

	private async getOnce(path: string, words: ReadWords): Promise<Result<Reading>> {
		const request = { method: 'GET', path, maxBytes: MAX_BYTES } as const;
		const result = await exchange(this.sender, request, this.signals.read);
		assertNotCanceled(this.signals.read);
		if ('error' in result) return this.notAnswered(result.error, words);
		const { statusCode, text, complete } = result.answer;
		const body = statusCode === 200 && complete ? parseJson(text) : undefined;
		if (isRecord(body)) return { ...result.answer, body };
		return {
			failure: answerFailure(this.read(result.answer), readingWords(words)),
			isPassing: isPassing(result.answer),
		};
	}

	private notAnswered(error: unknown, { unanswered }: ReadWords): Failed {
		const notSent = reasonNotSent(error);
		const why = notSent ?? reasonNoAnswer(error, this.timeoutMs);
		const failure = new ItemFailure({
			code: notSent ? 'not_reached' : 'lookup_failed',
			message: notSent ? NOT_REACHED : unanswered,
			description: `${why} Try again a little later.`,
		});
		return { failure, isPassing: !notSent };
	}
}

/**
 * What is known of a request that was sent, until its answer comes.
 *
 * @param words what is said of it
 * @returns that nobody knows what became of it
 */
export function interrupted(words: ChangeWords): FailureFacts {
	return unclearFacts(words, 'The execution ended while the request was on its way.');
}

/**
 * An answer that is not what was asked for, though LoyaltyLion took it for one.
 *
 * @param words what was asked for
 * @returns the failure, to be thrown
 */
export function unreadable({ unanswered, wanted }: ReadWords): ItemFailure {
	return new ItemFailure({
		code: 'lookup_failed',
		message: unanswered,
		description: `The answer was not a whole ${wanted}. Try again a little later.`,
	});
}

/**
 * Makes a failure of whatever was thrown while something was read.
 *
 * @param error what was thrown
 * @param words what was asked for
 * @returns the failure itself, or `lookup_failed` for a fault of this node's own
 */
export function toReadFailure(error: unknown, words: ReadWords): ItemFailure {
	return error instanceof ItemFailure ? error : unreadable(words);
}

/** What a request came to. */
type Result<Done extends object> = Done | Failed;

interface Failed {
	failure: ItemFailure;
	/** Whether it may go well the next time. */
	isPassing: boolean;
}

/** Tries what may be done several times, as long as no clear answer comes and it may go well the next time. */
async function untilClear<Done extends object>(
	signal: AbortSignal | undefined,
	tryOnce: () => Promise<Result<Done>>,
): Promise<Result<Done>> {
	for (const wait of WAITS_MS) {
		const result = await tryOnce();
		if (!('failure' in result) || !result.isPassing) return result;
		await pause(wait, signal);
	}
	return await tryOnce();
}

/** An answer that is out of order, or was to be a success and is none. */
function isPassing({ statusCode }: Answer): boolean {
	return statusCode === 200 || statusCode >= 500;
}

function resultOf<Done extends object>(result: Result<Done>): Done {
	if ('failure' in result) throw result.failure;
	return result;
}

/** What comes from no answer ends the tries. */
function toFailed(error: unknown): Failed {
	if (error instanceof ItemFailure) return { failure: error, isPassing: false };
	throw error;
}

/** A later try that was refused, or not sent, says nothing of an earlier one that may have arrived. */
function staysUnclear<Done extends object>(
	result: Result<Done>,
	before: ItemFailure | undefined,
): Result<Done> {
	if (!before || !('failure' in result) || result.failure.isUnclear) return result;
	const { facts } = before;
	const description = `${facts.description} Trying it again ended so: ${result.failure.facts.message}.`;
	return { failure: new ItemFailure({ ...facts, description }), isPassing: false };
}

/** Whether LoyaltyLion has looked at the request, so that it works. */
function isAnswered({ facts, isUnclear }: ItemFailure): boolean {
	return !isUnclear && !['rate_limited', 'not_reached', 'not_sent'].includes(facts.code);
}

function changingWords(words: ChangeWords): RequestWords {
	return {
		...words,
		unknown: (answer) => unclearFacts(words, sentences(unclearAnswer(answer), quoted(answer))),
	};
}

function unclearFacts({ unclear, whenUnclear }: ChangeWords, why: string): FailureFacts {
	return { code: 'outcome_unknown', message: unclear, description: `${why} ${whenUnclear}` };
}

function readingWords({ unanswered, wanted, ...words }: ReadWords): RequestWords {
	return {
		...words,
		nothingDone: '',
		unknown: (answer) => ({
			code: 'lookup_failed',
			message: unanswered,
			description: sentences(
				quoted(answer),
				`The answer was not a ${wanted} (HTTP ${answer.statusCode}). Try again a little later.`,
			),
		}),
	};
}
