import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { ItemFailure, type GeneralCode } from '../errors/ItemFailure';
import type { OperationWords } from './Operation';

/** How many stretches of items are named in a message. */
const MAX_NAMED = 20;

/** Says in words what has become of the items of one run. */
export class RunTally {
	/** The items that succeeded, by what happened to them; empty where that was to happen to failing ones only. */
	private readonly done = new Map<string, Set<number>>();

	private readonly codes = new Map<number, string>();

	private readonly notes = new Map<string, number[]>();

	private readonly hints = new Set<string>();

	/** The first item that did not succeed, and why; one that was merely not sent any more comes last. */
	first: [ItemFailure, number] | undefined;

	/**
	 * @param itemCount how many items the run has
	 * @param words their operation's
	 */
	constructor(
		private readonly itemCount: number,
		private readonly words: OperationWords,
	) {}

	/**
	 * Counts an item.
	 *
	 * @param itemIndex the input item, counted from 0
	 * @param result what it came to
	 * @param done what happened to it if it succeeded, or would have happened, in words that follow a number
	 */
	count(itemIndex: number, result: IDataObject | IDataObject[] | ItemFailure, done: string): void {
		const itemIndexes = this.done.get(done) ?? new Set();
		this.done.set(done, itemIndexes);
		if (!(result instanceof ItemFailure)) {
			itemIndexes.add(itemIndex);
			return;
		}
		this.codes.set(itemIndex, result.facts.code);
		if (!this.first || rank(result, itemIndex) < rank(...this.first)) {
			this.first = [result, itemIndex];
		}
	}

	/**
	 * Keeps what is to be said of an item apart from whether it succeeded.
	 *
	 * @param sentence what to say
	 * @param itemIndex the input item, counted from 0
	 */
	note(sentence: string, itemIndex: number): void {
		const itemIndexes = this.notes.get(sentence);
		if (itemIndexes) itemIndexes.push(itemIndex);
		else this.notes.set(sentence, [itemIndex]);
	}

	/** @param message what is to be said of the run as a whole, a sentence or more */
	hint(message: string): void {
		this.hints.add(message);
	}

	/** Whether every item has succeeded. */
	get allDone(): boolean {
		return this.doneCount === this.itemCount;
	}

	private get doneCount(): number {
		return [...this.done.values()].reduce((sum, { size }) => sum + size, 0);
	}

	/**
	 * @param itemIndex the item that failed and stopped the run, counted from 0
	 * @returns what had become of all items, a few sentences; of other items nothing where there is none
	 */
	progress(itemIndex: number): string {
		const notes = this.noteSentences();
		if (this.itemCount === 1) return notes.join(' ');
		const unclear = this.itemsWith((code) => code === 'outcome_unknown');
		const failed = this.itemsWith((code) => !['outcome_unknown', 'not_sent'].includes(code));
		const notSent = this.itemCount - this.doneCount - unclear.length - failed.length;
		const behind = this.doneBehind(itemIndex);
		return [
			...notes,
			...(behind && !this.words.isRepeatable
				? [
						`Items behind this one that ${this.words.done}: ${behind}. Do not send those again: Retry in the list of executions leaves them out.`,
					]
				: []),
			...this.outcomes().map(({ what, count }) => `Items that ${what}: ${count}.`),
			...(failed.length > 1 ? [`Failed: ${listed(failed)}.`] : []),
			...(unclear.length > 0 ? [`Unclear: ${listed(unclear)}.`] : []),
			`Not sent any more: ${notSent}.`,
		].join(' ');
	}

	/**
	 * @param itemIndex the item that failed and stopped the run, counted from 0
	 * @returns those behind it to which what the operation does happened all the same, e.g. "3 to 19, 21"; '' when
	 *   there are none
	 */
	doneBehind(itemIndex: number): string {
		const done = [...(this.done.get(this.words.done) ?? [])];
		return ranges(done.filter((index) => index > itemIndex));
	}

	/**
	 * Leaves hints on the node when items failed, or when there is more to say of some, on hosts that show
	 * such hints.
	 *
	 * @param context the running node
	 */
	leaveHints(context: IExecuteFunctions): void {
		if (typeof context.addExecutionHints !== 'function') return;
		const summary = this.allDone ? [] : [this.summary()];
		const messages = [...summary, ...this.noteSentences(), ...this.hints];
		for (const message of messages) {
			context.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
		}
	}

	private noteSentences(): string[] {
		return [...this.notes].map(
			([sentence, itemIndexes]) =>
				`For ${items(itemIndexes.length)} (${listed(itemIndexes)}): ${sentence}`,
		);
	}

	private summary(): string {
		const unclear = this.countOf('outcome_unknown');
		const failed = this.codes.size - unclear;
		const outcome = [
			...this.outcomes().map(({ what, count }, index) =>
				index === 0 ? `${count} of ${items(this.itemCount)} ${what}` : `${count} ${what}`,
			),
			...(failed > 0 ? [`${failed} ${this.words.notDone ?? 'did not'}`] : []),
			...(unclear > 0 ? [`for ${unclear} it is unclear`] : []),
		].join(', ');
		const advice = unclear > 0 ? ` ${this.words.unclearAdvice}` : '';
		return `${outcome}. ${this.commonestReason()}${advice}`;
	}

	/** What happened to items, what the operation does first; where none succeeded, what was to happen. */
	private outcomes(): { what: string; count: number }[] {
		const all = [...this.done].map(([what, { size: count }]) => ({ what, count }));
		const some = all.filter(({ count }) => count > 0);
		const isUsual = ({ what }: { what: string }) => Number(what === this.words.done);
		return (some.length > 0 ? some : all).sort((a, b) => isUsual(b) - isUsual(a));
	}

	private commonestReason(): string {
		const codes = [...new Set(this.codes.values())];
		const counts = codes.map((code) => ({ code, count: this.countOf(code) }));
		const [commonest] = counts.sort((a, b) => b.count - a.count);
		if (!commonest) return '';
		return `Most common reason: ${this.reasonOf(commonest.code)} (${items(commonest.count)}).`;
	}

	private reasonOf(code: string): string {
		return { ...REASONS, ...this.words.reasons }[code] ?? code;
	}

	private countOf(code: string): number {
		return [...this.codes.values()].filter((each) => each === code).length;
	}

	private itemsWith(has: (code: string) => boolean): number[] {
		return [...this.codes].filter(([, code]) => has(code)).map(([itemIndex]) => itemIndex);
	}
}

function rank({ facts }: ItemFailure, itemIndex: number): number {
	return facts.code === 'not_sent' ? Infinity : itemIndex;
}

const REASONS: Record<GeneralCode, string> & Record<string, string | undefined> = {
	invalid_input: 'a field, or the Base URL, holds a value that cannot be used',
	rejected_by_api: 'LoyaltyLion did not accept the values',
	not_authenticated: 'the credential is missing, incomplete or not accepted',
	not_permitted: 'the API key lacks a scope',
	lookup_failed: 'LoyaltyLion could not be asked',
	refused: 'LoyaltyLion refused',
	rate_limited: 'LoyaltyLion took no more requests for a while',
	not_reached: 'LoyaltyLion could not be reached',
	not_sent: 'nothing more was sent, after a cancel or too many unclear answers',
	outcome_unknown: 'no clear answer from LoyaltyLion',
};

function items(count: number): string {
	return count === 1 ? '1 item' : `${count} items`;
}

function listed(itemIndexes: number[]): string {
	return `${itemIndexes.length === 1 ? 'item' : 'items'} ${ranges(itemIndexes)}`;
}

/** Items that follow each other are named by the first and the last, e.g. "0, 3 to 19". */
function ranges(itemIndexes: number[]): string {
	const stretches: { from: number; to: number }[] = [];
	for (const index of [...itemIndexes].sort((a, b) => a - b)) {
		const last = stretches.at(-1);
		if (last?.to === index - 1) last.to = index;
		else stretches.push({ from: index, to: index });
	}
	const named = stretches
		.slice(0, MAX_NAMED)
		.map(({ from, to }) => (from === to ? `${from}` : `${from} to ${to}`));
	const more = stretches.slice(MAX_NAMED).reduce((sum, { from, to }) => sum + to - from + 1, 0);
	return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
