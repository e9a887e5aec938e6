import {
	answerFailure,
	quoted,
	sentences,
	type ReadAnswer,
	type RequestWords,
} from '../errors/answers';
import { ItemFailure } from '../errors/ItemFailure';
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
		'forbidden' | 'missingScope' | 'scope' | 'rejected' | 'notFound' | 'refused'
	> {
	/** The headline when no useful answer came, e.g. "LoyaltyLion could not be asked for its rewards". */
	unanswered: string;
	/** What the answer should have been, e.g. "list of rewards". */
	wanted: string;
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
		for (const wait of WAITS_MS) {
			const result = await this.getOnce(path, words);
			if (!('failure' in result) || !result.isPassing) return readingOf(result);
			await pause(wait, this.signals.read);
		}
		return readingOf(await this.getOnce(path, words));
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

	private async getOnce(path: string, words: ReadWords): Promise<Result> {
		const request = { method: 'GET', path, maxBytes: MAX_BYTES } as const;
		const result = await exchange(this.sender, request, this.signals.read);
		assertNotCanceled(this.signals.read);
		if ('error' in result) return this.notAnswered(result.error, words);
		const { statusCode, text, complete } = result.answer;
		const body = statusCode === 200 && complete ? parseJson(text) : undefined;
		if (isRecord(body)) return { ...result.answer, body };
		return {
			failure: answerFailure(this.read(result.answer), readingWords(words)),
			isPassing: statusCode === 200 || statusCode >= 500,
		};
	}

	private notAnswered(error: unknown, { unanswered }: ReadWords): Result {
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

type Result =
	| Reading
	| { failure: ItemFailure; /** Whether it may go well the next time. */ isPassing: boolean };

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

function readingOf(result: Result): Reading {
	if ('failure' in result) throw result.failure;
	return result;
}
