import type { IDataObject } from 'n8n-workflow';
import { adjust } from '../../adjustments/adjust';
import { adjustOnce, type AlreadyAdded } from '../../adjustments/adjustOnce';
import { openEntry } from '../../adjustments/onceEntry';
import type { Adjustment, SecondSend, SentAdjustment } from '../../adjustments/Adjustment';
import type { AdjustmentRecord, Confirmed, IfUnclear } from '../../adjustments/AdjustmentJob';
import type { OnceEntry, OnceLedger } from '../../adjustments/OnceLedger';
import { UNEXPECTED } from '../../adjustments/words';
import { RunMemory, type Remembered } from '../../adjustments/RunMemory';
import {
	secondSendFields,
	unclearFailure,
	type UnclearAdjustment,
} from '../../adjustments/unclear';
import { CUSTOMER_WORDS } from '../../customers/listCustomers';
import { readBack } from '../../customers/readBack';
import { lookupOf } from '../theCustomer';
import { ItemFailure } from '../../errors/ItemFailure';
import { toCustomerField, type CustomerChoice } from '../../fields/customer';
import { toOptions, type Field, type ValuesOf } from '../../fields/Field';
import { ItemFields } from '../../fields/ItemFields';
import { historySizeField, onlyOncePerField } from '../../fields/onlyOncePer';
import { pointsField } from '../../fields/points';
import { reasonField } from '../../fields/reason';
import { DEFAULT_PACE, toRequestFields } from '../../fields/requestOptions';
import { readChoice, readFlag } from '../../fields/values';
import type { InputItem, Operation, OperationWords } from '../../run/Operation';
import type { Run } from '../../run/Run';
import { toReadFailure, type Client } from '../../transport/Client';
import { assertNotCanceled } from '../../transport/Patience';

const customerField = toCustomerField({
	description: 'The customer who gets the points',
	listHint: 'Every item gives its points to this one customer.',
});

const ifUnclearField: Field<IfUnclear> = {
	property: {
		displayName: 'If the Outcome Is Unclear',
		name: 'ifUnclear',
		type: 'options',
		options: [
			{
				name: 'Check History, Then Report',
				value: 'check',
				description:
					"Look for the points in the customer's history for 30 seconds. If they are not there, the item fails as unclear.",
			},
			{
				name: 'Check History, Then Send Again',
				value: 'checkThenSend',
				description:
					'Look for 30 seconds, then send points that are not there once more, a single time for each item. Can, rarely, add them twice, as LoyaltyLion may show them late; the item says so then.',
			},
			{
				name: 'Report',
				value: 'report',
				description: 'The item fails as unclear at once',
			},
		],
		default: 'check',
		description:
			'What to do when the points were sent, but no clear answer came back, so that they may have been added',
	},
	read: (value, label) => readChoice(value, label, ['check', 'checkThenSend', 'report']),
};

const includeCustomerField: Field<boolean> = {
	property: {
		displayName: 'Include Customer',
		name: 'includeCustomer',
		type: 'boolean',
		default: false,
		description:
			'Whether to return the customer too, e.g. to mail the new balance (points_approved). LoyaltyLion may show the new balance a little late.',
	},
	read: readFlag,
};

const optionFields = {
	ifUnclear: ifUnclearField,
	historySize: historySizeField,
	includeCustomer: includeCustomerField,
	...toRequestFields(
		'When none comes to the points themselves, it is unclear whether they were added.',
	),
};

export const WORDS: OperationWords = {
	done: 'got their points',
	reasons: {
		not_permitted: 'the API key lacks the write_customers scope',
		customer_not_found: 'LoyaltyLion has no such customer',
		customer_ambiguous: 'several LoyaltyLion customers have the same email',
		lookup_failed: 'LoyaltyLion could not be asked who the customer is',
		refused: 'LoyaltyLion refused, or the customer is blocked',
		other_points_added: 'other points were added before for the same value of Only Once Per',
		not_remembered: 'n8n could not look up what was added before',
	},
	unclearAdvice:
		'Look at the points history in LoyaltyLion before you send the unclear ones again.',
	unexpected: UNEXPECTED,
	blank: { subject: { merchantId: null, points: null }, beside: { reason: null } },
	errorFields: ({ isUnclear, facts }) => ({ pointsMayHaveBeenAdded: isUnclear, ...facts.more }),
};

/** Add Points: `POST /v2/customers/{merchant_id}/points` (LoyaltyLion Admin API v2). */
export const addPoints: Operation = {
	value: 'addPoints',
	name: 'Add Points',
	action: 'Add points to customer',
	description: 'Give a customer loyalty points to spend, with a reason that the shopper sees',
	fields: [
		customerField.property,
		pointsField.property,
		reasonField.property,
		onlyOncePerField.property,
		toOptions(optionFields),
	],
	words: WORDS,
	execute,
};

type Options = ValuesOf<typeof optionFields>;

interface AddPointsInput extends Options {
	choice: CustomerChoice;
	points: number;
	reason: string | null;
	onlyOncePer: string | null;
}

async function execute(item: InputItem): Promise<IDataObject> {
	const earlier = memoryOf(item).recall(item.itemIndex);
	if (earlier) reportAbout(item, earlier.sent);
	if (earlier?.unclear) return await clarify(item, { ...earlier, facts: earlier.unclear });
	if (earlier) return await repeat(item, earlier);
	// Before its fields are read: of many items that takes longer than anybody waits for a cancel.
	assertNotCanceled(item.signal);
	const input = readInput(item);
	const { client, adjustment } = await prepare(item, input);
	return await give(item, { client, adjustment }, input);
}

function readInput(item: InputItem): AddPointsInput {
	const itemFields = new ItemFields(item.run.parameters, item.itemIndex);
	const choice = itemFields.read(customerField);
	const points = itemFields.read(pointsField);
	const reason = itemFields.read(reasonField);
	const onlyOncePer = itemFields.read(onlyOncePerField);
	const options = itemFields.readOptions(optionFields);
	item.report = {
		subject: {
			merchantId: null,
			...choice,
			points: points ?? null,
			...(onlyOncePer && { onlyOncePer }),
		},
		beside: { reason: reason ?? null },
	};
	const isRead = reason !== undefined && onlyOncePer !== undefined;
	if (choice === undefined || points === undefined || !isRead || !options) {
		const whom = choice ? `customer ${Object.values(choice).join()}` : 'this item';
		throw itemFields.failure(whom);
	}
	return { choice, points, reason, onlyOncePer, ...options };
}

/** All that comes before the points are sent; whatever goes wrong here, none were added. */
async function prepare(
	item: InputItem,
	{ choice, points, reason, onlyOncePer, ...options }: AddPointsInput,
): Promise<Pick<Task, 'client' | 'adjustment'>> {
	try {
		assertNotCanceled(item.signal);
		item.run.patience.assertLasts();
		const client = await item.run.client(item, options);
		const merchantId =
			'merchantId' in choice
				? choice.merchantId
				: await lookupOf(item.run).merchantIdOf(client, choice.email);
		const adjustment = {
			merchantId,
			...choice,
			points,
			reason,
			...(onlyOncePer !== null && { onlyOncePer }),
		};
		reportAbout(item, adjustment);
		return { client, adjustment };
	} catch (error) {
		throw noneAdded(toReadFailure(error, CUSTOMER_WORDS));
	}
}

function noneAdded({ facts }: ItemFailure): ItemFailure {
	return new ItemFailure({ ...facts, description: `${facts.description} No points were added.` });
}

/** Says again what was done in an earlier try. */
async function repeat(item: InputItem, { sent, secondSend }: Remembered): Promise<IDataObject> {
	const done = outcomeOf(item, sent, { confirmedBy: 'earlierTry', sent, secondSend });
	const options = readOptions(item);
	const client = item.run.client(item, options ?? DEFAULT_PACE);
	const account = await client.then((opened) => opened.account.mark).catch(() => sent.account);
	if (account !== sent.account) item.note(OTHER_KEY);
	if (!options?.includeCustomer) return done;
	return {
		...done,
		...(await readBack(
			client.then(({ unshared }) => unshared),
			sent,
		)),
	};
}

/** Goes on with what an earlier try has left unclear: with what was sent then, whatever the fields say now. */
async function clarify(item: InputItem, unclear: UnclearAdjustment): Promise<IDataObject> {
	const options = readOptions(item);
	if (!options) throw notingTwice(item, unclearFailure(unclear));
	const client = await item.run.client(item, options).catch(() => {
		throw notingTwice(item, unclearFailure(unclear));
	});
	return await give(item, { client, adjustment: unclear.sent, unclear }, options);
}

function readOptions({ run, itemIndex }: InputItem): Options | undefined {
	return new ItemFields(run.parameters, itemIndex).readOptions(optionFields);
}

/** What is to be sent for an item. */
interface Task {
	client: Client;
	adjustment: Adjustment;
	/** What an earlier try has left unclear. */
	unclear?: UnclearAdjustment;
}

async function give(item: InputItem, task: Task, options: Options): Promise<IDataObject> {
	const { client, adjustment } = task;
	const outcome = await adjustAsAsked(item, task, options).catch((error) => {
		throw notingTwice(item, error);
	});
	if (outcome.confirmedBy === 'alreadyAdded') {
		memoryOf(item).forget(item.itemIndex);
	} else {
		const { sent, secondSend } = outcome;
		memoryOf(item).remember(item.itemIndex, { sent, ...(secondSend && { secondSend }) });
	}
	const done = outcomeOf(item, adjustment, outcome);
	if (!options.includeCustomer) return done;
	return { ...done, ...(await readBack(Promise.resolve(client.unshared), adjustment)) };
}

async function adjustAsAsked(
	item: InputItem,
	task: Task,
	{ ifUnclear, historySize }: Options,
): Promise<Confirmed | AlreadyAdded> {
	const { client, adjustment } = task;
	const { onlyOncePer } = adjustment;
	const job = { client, adjustment, ifUnclear, record: recordOf(item, task) };
	if (onlyOncePer === undefined) return await adjust(job);
	const once = { ...job, adjustment: { ...adjustment, onlyOncePer } };
	const opened = await openEntry(item.context, client, once.adjustment, historySize).catch(
		(error) => {
			const failure = toReadFailure(error, CUSTOMER_WORDS);
			throw task.unclear ? unclearFailure(task.unclear, failure.facts.message) : noneAdded(failure);
		},
	);
	item.run.shared(toLedgers).set(opened.ledger, async () => {
		await hintAtSize(item, opened, historySize);
	});
	return await adjustOnce({ ...once, ...opened });
}

/** What is left to do with a ledger at the end of the run: what was added must not stay open. */
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
): Promise<void> {
	const count = await ledger.count(entry.access).catch(() => 0);
	if (count < historySize * NEARLY_FULL) return;
	item.hint(
		`Only Once Per remembers about ${count} values, and History Size is ${historySize}. Beyond that, the oldest are forgotten, and their points would be added again. Raise History Size in Options.`,
	);
}

const NEARLY_FULL = 0.9;

/** Whoever looks at the node is told of points that may be there twice. */
function notingTwice(item: InputItem, error: unknown): unknown {
	const twice = error instanceof ItemFailure && error.facts.more?.pointsMayHaveBeenAddedTwice;
	if (twice) item.note(MAY_BE_TWICE);
	return error;
}

/** What an item says that has its points; whoever looks at the node is told of those that may have them twice. */
function outcomeOf(
	item: InputItem,
	adjustment: Adjustment,
	outcome: Outcome | AlreadyAdded,
): IDataObject {
	const { confirmedBy } = outcome;
	const { reason } = adjustment;
	const done = { success: true, ...subjectOf(adjustment), reason, confirmedBy };
	if (outcome.confirmedBy === 'alreadyAdded') return done;
	const { secondSend } = outcome;
	if (secondSend === 'mayHaveArrived') item.note(MAY_BE_TWICE);
	if (secondSend === 'bothArrived') item.note(ARE_TWICE);
	return { ...done, ...secondSendFields(outcome) };
}

interface Outcome {
	confirmedBy: Confirmed['confirmedBy'];
	sent: SentAdjustment;
	secondSend?: SecondSend | undefined;
}

const MAY_BE_TWICE =
	"the points were sent a second time, as the customer's history did not show them, and may have been added twice. Look at the points history in LoyaltyLion, and take back what is too much.";

const ARE_TWICE =
	"the points were added twice: the customer's history shows both. Take one back in LoyaltyLion.";

const OTHER_KEY =
	'the points were added in an earlier try, with another API key or Base URL than the LoyaltyLion credential has now. They were not sent again. If that is another store, they are not there.';

function recordOf(item: InputItem, { adjustment, unclear }: Task): AdjustmentRecord {
	const memory = memoryOf(item);
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

function reportAbout(item: InputItem, adjustment: Adjustment): void {
	item.report = { subject: subjectOf(adjustment), beside: { reason: adjustment.reason } };
}

function subjectOf({ merchantId, email, points, onlyOncePer }: Adjustment): IDataObject {
	return {
		merchantId,
		...(email !== undefined && { email }),
		points,
		...(onlyOncePer !== undefined && { onlyOncePer }),
	};
}

function memoryOf({ run }: InputItem): RunMemory {
	return run.shared(toMemory);
}

function toMemory(run: Run): RunMemory {
	const memory = new RunMemory(run.context);
	run.whenAllDone(() => memory.forgetAll());
	return memory;
}
