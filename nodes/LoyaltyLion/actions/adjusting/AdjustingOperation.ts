import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { adjust } from '../../adjustments/adjust';
import { adjustOnce, type DoneBefore } from '../../adjustments/adjustOnce';
import type { Adjustment } from '../../adjustments/Adjustment';
import type { AdjustmentRecord, Confirmed, IfUnclear } from '../../adjustments/AdjustmentJob';
import type { Kind } from '../../adjustments/Kind';
import { openEntry } from '../../adjustments/onceEntry';
import type { OnceEntry, OnceLedger } from '../../adjustments/OnceLedger';
import { RunMemory, type Remembered } from '../../adjustments/RunMemory';
import {
	secondSendFields,
	unclearFailure,
	type UnclearAdjustment,
} from '../../adjustments/unclear';
import { capital, unexpected } from '../../adjustments/words';
import { CUSTOMER_WORDS } from '../../customers/listCustomers';
import { ItemFailure } from '../../errors/ItemFailure';
import type { CustomerChoice } from '../../fields/customer';
import { toOptions, type Fields, type ValuesOf } from '../../fields/Field';
import { ItemFields } from '../../fields/ItemFields';
import { DEFAULT_PACE } from '../../fields/requestOptions';
import type { InputItem, ItemReport, Operation, OperationWords } from '../../run/Operation';
import type { Run } from '../../run/Run';
import { toReadFailure, type Client } from '../../transport/Client';
import { assertNotCanceled } from '../../transport/Patience';
import { newLookup } from '../theCustomer';
import type { Adjusting, Made } from './Adjusting';
import { SharedChecks } from './SharedChecks';

/** An operation that makes one kind of adjustment: once for each item, whatever is tried again. */
export class AdjustingOperation<
	Of extends Adjustment & ValuesOf<Own>,
	Own extends Fields,
	More extends Fields,
> implements Operation
{
	readonly value: string;

	readonly name: string;

	readonly action: string;

	readonly description: string;

	readonly fields: INodeProperties[];

	readonly words: OperationWords;

	private readonly kind: Kind<Of>;

	/** What to do in cases that are rare. */
	private readonly caseFields: Pick<
		Adjusting<Of, Own, More>['fields'],
		'checkOnly' | 'ifUnclear' | 'historySize'
	>;

	/** @param given what it has of its own */
	constructor(private readonly given: Adjusting<Of, Own, More>) {
		const { kind, value, name, action, description, fields } = given;
		const { customer, own, onlyOncePer, more, request } = fields;
		const { checkOnly, ifUnclear, historySize } = fields;
		this.value = value;
		this.name = name;
		this.action = action;
		this.description = description;
		this.kind = kind;
		this.caseFields = { checkOnly, ifUnclear, historySize };
		this.fields = [
			...[customer, ...Object.values(own), onlyOncePer].map(({ property }) => property),
			toOptions({ ...this.caseFields, ...more, ...request }),
		];
		this.words = toWords(given);
	}

	/** The same function for all items of a run. */
	private readonly toMemory = (run: Run): RunMemory<Of> => {
		const memory = new RunMemory(run.context, this.kind);
		run.whenAllDone(() => memory.forgetAll());
		return memory;
	};

	/** The same function for all items of a run; what an earlier try has done needs no customer any more. */
	private readonly toLookup = (run: Run) =>
		newLookup(
			run,
			CUSTOMER_WORDS,
			(itemIndex) => run.shared(this.toMemory).recall(itemIndex) !== undefined,
		);

	/**
	 * Makes the adjustment of one input item.
	 *
	 * @param item the input item
	 * @returns the `json` of the output item
	 * @throws {ItemFailure} when the item did not succeed
	 */
	async execute(item: InputItem): Promise<IDataObject> {
		const earlier = this.memoryOf(item).recall(item.itemIndex);
		if (earlier) this.reportAbout(item, earlier.sent);
		if (earlier?.unclear) return await this.clarify(item, { ...earlier, facts: earlier.unclear });
		if (earlier) return await this.repeat(item, earlier);
		// Before its fields are read: of many items that takes longer than anybody waits for a cancel.
		assertNotCanceled(item.signal);
		const input = this.readInput(item);
		const task = await this.prepare(item, input);
		return input.checkOnly
			? await this.check(item, task, input)
			: await this.give(item, task, input);
	}

	private readInput(item: InputItem): Input<Own, More> {
		const itemFields = new ItemFields(item.run.parameters, item.itemIndex);
		const choice = itemFields.read(this.given.fields.customer);
		const own = itemFields.readEach(this.given.fields.own);
		const onlyOncePer = itemFields.read(this.given.fields.onlyOncePer);
		const options = this.optionsOf(itemFields);
		if (options?.checkOnly) item.done = 'passed the check';
		const { subject, beside } = this.given.about(own.values);
		item.report = {
			subject: { merchantId: null, ...choice, ...subject, ...(onlyOncePer && { onlyOncePer }) },
			beside,
		};
		if (choice === undefined || !own.areAll || onlyOncePer === undefined || !options) {
			const whom = choice ? `customer ${Object.values(choice).join()}` : 'this item';
			throw itemFields.failure(whom);
		}
		return { choice, own: own.values, onlyOncePer, ...options };
	}

	private readOptions({ run, itemIndex }: InputItem): Options<More> | undefined {
		return this.optionsOf(new ItemFields(run.parameters, itemIndex));
	}

	private optionsOf(itemFields: ItemFields): Options<More> | undefined {
		const inCase = itemFields.readOptions(this.caseFields);
		const { fields } = this.given;
		const more = itemFields.readOptions(fields.more);
		const pace = itemFields.readOptions(fields.request);
		return inCase && more && pace && { ...inCase, more, pace };
	}

	/** All that comes before anything is sent; whatever goes wrong here, nothing was done. */
	private async prepare(item: InputItem, input: Input<Own, More>): Promise<Task<Of>> {
		const { choice, own, onlyOncePer, more, pace } = input;
		try {
			assertNotCanceled(item.signal);
			item.run.patience.assertLasts();
			const client = await item.run.client(item, pace);
			const merchantId =
				'merchantId' in choice
					? choice.merchantId
					: await item.run
							.shared(this.toLookup)
							.merchantIdOf(client, choice.email, this.given.words.notPayable);
			const adjustment = {
				...this.given.toAdjustment({ merchantId, ...choice }, own, more),
				...(onlyOncePer !== null && { onlyOncePer }),
			};
			this.reportAbout(item, adjustment);
			return { client, adjustment };
		} catch (error) {
			throw this.notDone(toReadFailure(error, CUSTOMER_WORDS));
		}
	}

	/** All that can be found out without a change, neither in LoyaltyLion nor in what n8n remembers. */
	private async check(
		item: InputItem,
		{ client, adjustment }: Task<Of>,
		{ historySize, more }: Options<More>,
	): Promise<IDataObject> {
		const { check } = this.given;
		const whyNot = await this.openIfOnce(item, { client, adjustment }, historySize)
			.then(async () => await check.whyNot(adjustment, client, item.run.shared(toChecks)))
			.catch((error) => {
				throw this.notDone(toReadFailure(error, CUSTOMER_WORDS));
			});
		if (whyNot) throw whyNot;
		item.note(`Check Only is on, so ${this.kind.words.notDone}.`);
		const { subject, beside } = this.reportOf(adjustment);
		const reading = Promise.resolve(client.unshared);
		return {
			success: true,
			checkedOnly: true,
			...subject,
			...beside,
			...(await check.complete({ adjustment }, reading, more)),
		};
	}

	private notDone({ facts }: ItemFailure): ItemFailure {
		const description = `${facts.description} ${capital(this.kind.words.notDone)}.`;
		return new ItemFailure({ ...facts, description });
	}

	/** Says again what was done in an earlier try. */
	private async repeat(
		item: InputItem,
		{ sent, secondSend }: Remembered<Of>,
	): Promise<IDataObject> {
		const outcome = { confirmedBy: 'earlierTry', sent, secondSend } as const;
		const done = this.outputOf(item, { adjustment: sent, outcome });
		const options = this.readOptions(item);
		const client = item.run.client(item, options?.pace ?? DEFAULT_PACE);
		const account = await client.then((opened) => opened.account.mark).catch(() => sent.account);
		if (account !== sent.account) item.note(this.given.words.notes.otherKey);
		if (!options) return done;
		const reading = client.then(({ unshared }) => unshared);
		return {
			...done,
			...(await this.given.complete({ adjustment: sent, outcome }, reading, options.more)),
		};
	}

	/**
	 * Goes on with what an earlier try has left unclear: with what was sent then, whatever the fields say now. A check
	 * leaves it so.
	 */
	private async clarify(item: InputItem, unclear: UnclearAdjustment<Of>): Promise<IDataObject> {
		const options = this.readOptions(item);
		if (!options || options.checkOnly)
			throw this.notingTwice(item, unclearFailure(this.kind.words, unclear));
		const client = await item.run.client(item, options.pace).catch(() => {
			throw this.notingTwice(item, unclearFailure(this.kind.words, unclear));
		});
		return await this.give(item, { client, adjustment: unclear.sent, unclear }, options);
	}

	private async give(
		item: InputItem,
		task: Task<Of>,
		options: Options<More>,
	): Promise<IDataObject> {
		const { client, adjustment } = task;
		const outcome = await this.adjustAsAsked(item, task, options).catch((error) => {
			throw this.notingTwice(item, error);
		});
		if (outcome.confirmedBy === 'doneBefore') {
			this.memoryOf(item).forget(item.itemIndex);
		} else {
			const { sent, secondSend } = outcome;
			this.memoryOf(item).remember(item.itemIndex, { sent, ...(secondSend && { secondSend }) });
		}
		const made = { adjustment, outcome };
		const done = this.outputOf(item, made);
		const reading = Promise.resolve(client.unshared);
		return { ...done, ...(await this.given.complete(made, reading, options.more)) };
	}

	private async adjustAsAsked(
		item: InputItem,
		task: Task<Of>,
		{ ifUnclear, historySize }: Options<More>,
	): Promise<Confirmed<Of> | DoneBefore> {
		const { client, adjustment } = task;
		const job = {
			kind: this.kind,
			client,
			adjustment,
			ifUnclear,
			record: this.recordOf(item, task),
			makesRow: async () => await this.given.makesRow(adjustment, client),
		};
		const opened = await this.openIfOnce(item, task, historySize).catch((error) => {
			const failure = toReadFailure(error, CUSTOMER_WORDS);
			throw task.unclear
				? unclearFailure(this.kind.words, task.unclear, failure.facts.message)
				: this.notDone(failure);
		});
		if (!opened) return await adjust(job);
		item.run.shared(toLedgers).set(opened.ledger, async () => {
			await hintAtSize(item, opened, historySize, this.given.words.forgotten);
		});
		return await adjustOnce({ ...job, ...opened });
	}

	/** Finds where it is remembered what is done once; asks n8n's store for nothing yet. */
	private async openIfOnce(
		{ context }: InputItem,
		{ client, adjustment }: Task<Of>,
		historySize: number,
	) {
		const { onlyOncePer } = adjustment;
		if (onlyOncePer === undefined) return undefined;
		const once = { ...adjustment, onlyOncePer };
		const opened = await openEntry(this.kind, context, client, once, historySize);
		return { ...opened, adjustment: once };
	}

	/** Whoever looks at the node is told of what may be there twice. */
	private notingTwice(item: InputItem, error: unknown): unknown {
		const twice =
			error instanceof ItemFailure && error.facts.more?.[this.kind.words.flags.mayBeTwice];
		if (twice) item.note(this.given.words.notes.mayBeTwice);
		return error;
	}

	/** What an item says that is done; whoever looks at the node is told of those that may be there twice. */
	private outputOf(item: InputItem, { adjustment, outcome }: Made<Of>): IDataObject {
		const { subject, beside } = this.reportOf(adjustment);
		const done = { success: true, ...subject, ...beside };
		if (outcome.confirmedBy === 'doneBefore')
			return { ...done, confirmedBy: this.kind.words.doneBefore };
		const { confirmedBy, secondSend } = outcome;
		if (secondSend === 'mayHaveArrived') item.note(this.given.words.notes.mayBeTwice);
		if (secondSend === 'bothArrived') item.note(this.given.words.notes.isTwice);
		return { ...done, confirmedBy, ...secondSendFields(this.kind.words.flags, outcome) };
	}

	private recordOf(item: InputItem, { adjustment, unclear }: Task<Of>): AdjustmentRecord<Of> {
		const memory = this.memoryOf(item);
		const { itemIndex } = item;
		return {
			unclear,
			keepUnclear: ({ sent, facts, clock, secondSend }) =>
				memory.remember(itemIndex, {
					sent,
					unclear: facts,
					...(clock && { clock }),
					...(secondSend && { secondSend }),
				}),
			forget: () => memory.forget(itemIndex),
			alike: () => memory.alike(adjustment),
			claimSecondSend: async () => true,
			giveBackSecondSend: async () => {},
		};
	}

	private reportAbout(item: InputItem, adjustment: Of): void {
		item.report = this.reportOf(adjustment);
	}

	private reportOf(adjustment: Of): ItemReport {
		const { merchantId, email, onlyOncePer } = adjustment;
		const { subject, beside } = this.given.about(adjustment);
		return {
			subject: {
				merchantId,
				...(email !== undefined && { email }),
				...subject,
				...(onlyOncePer !== undefined && { onlyOncePer }),
			},
			beside,
		};
	}

	private memoryOf({ run }: InputItem): RunMemory<Of> {
		return run.shared(this.toMemory);
	}
}

function toWords<Of extends Adjustment, Own extends Fields, More extends Fields>({
	kind,
	words,
	about,
}: Adjusting<Of, Own, More>): OperationWords {
	const { subject, beside } = about({});
	const { flags } = kind.words;
	return {
		done: words.done,
		reasons: { ...REASONS, ...words.reasons },
		unclearAdvice:
			'Look at the points history in LoyaltyLion before you send the unclear ones again.',
		unexpected: unexpected(kind.words),
		blank: { subject: { merchantId: null, ...subject }, beside },
		errorFields: ({ isUnclear, facts }) => ({ [flags.mayBeDone]: isUnclear, ...facts.more }),
	};
}

interface Options<More extends Fields> {
	checkOnly: boolean;
	ifUnclear: IfUnclear;
	historySize: number;
	more: ValuesOf<More>;
	/** How many requests any second may hold, and how long to wait for each answer, in ms. */
	pace: { requestsPerSecond: number; timeoutMs: number };
}

interface Input<Own extends Fields, More extends Fields> extends Options<More> {
	choice: CustomerChoice;
	own: ValuesOf<Own>;
	onlyOncePer: string | null;
}

/** What is to be sent for an item. */
interface Task<Of extends Adjustment> {
	client: Client;
	adjustment: Of;
	/** What an earlier try has left unclear. */
	unclear?: UnclearAdjustment<Of>;
}

const REASONS: OperationWords['reasons'] = {
	not_permitted: 'the API key lacks the write_customers scope',
	customer_not_found: 'LoyaltyLion has no such customer',
	customer_ambiguous: 'several LoyaltyLion customers have the same email',
	lookup_failed: 'LoyaltyLion could not be asked who the customer is',
	refused: 'LoyaltyLion refused, or the customer is blocked',
};

function toChecks(): SharedChecks {
	return new SharedChecks();
}

/** What is left to do with a ledger at the end of the run: what is done must not stay open. */
function toLedgers(run: Run): Map<OnceLedger, () => Promise<void>> {
	const ledgers = new Map<OnceLedger, () => Promise<void>>();
	run.beforeEnd(async () => {
		for (const [ledger, hint] of ledgers) {
			await ledger.flush();
			await hint();
		}
	});
	return ledgers;
}

async function hintAtSize(
	item: InputItem,
	{ ledger, entry }: { ledger: OnceLedger; entry: OnceEntry },
	historySize: number,
	forgotten: string,
): Promise<void> {
	const count = await ledger.count(entry).catch(() => 0);
	if (count < historySize * NEARLY_FULL) return;
	item.hint(
		`Only Once Per remembers about ${count} values, and History Size is ${historySize}. ${forgotten} Raise History Size in Options.`,
	);
}

const NEARLY_FULL = 0.9;
