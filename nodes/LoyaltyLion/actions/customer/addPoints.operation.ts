import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { accountOf } from '../../account/accounts';
import { MAX_REQUESTS_PER_SECOND } from '../../account/Pacer';
import type { SecondSend } from '../../account/SentAward';
import type { AwardRecord, Confirmed, IfUnclear } from '../../awards/AwardJob';
import { giveAward } from '../../awards/giveAward';
import { secondSendFields, unclearFailure, type UnclearAward } from '../../awards/UnclearAward';
import { readBack, type CustomerOutput } from '../../customers/readBack';
import { ItemFailure, type ItemSubject } from '../../errors/ItemFailure';
import { noPointsAdded, toLookupFailure } from '../../errors/lookups';
import { toItemFailure } from '../../errors/toItemFailure';
import { readChoice } from '../../input/choice';
import { readCustomer, type CustomerChoice } from '../../input/customer';
import { readFlag } from '../../input/flag';
import { ItemFields } from '../../input/ItemFields';
import { readPoints } from '../../input/points';
import { readReason } from '../../input/reason';
import { DEFAULT_REQUESTS_PER_SECOND, readRequestsPerSecond } from '../../input/requestsPerSecond';
import { DEFAULT_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS, readTimeout } from '../../input/timeout';
import { assertNotCanceled, assertPatience } from '../../transport/canceled';
import type { Caller } from '../../transport/exchange';
import { get } from '../../transport/get';
import type { InputItem, Operation } from '../Operation';
import type { ItemAward, Remembered } from '../RunMemory';

const showForAddPoints = { show: { resource: ['customer'], operation: ['addPoints'] } };

const fields: INodeProperties[] = [
	{
		displayName: 'Customer',
		name: 'customer',
		type: 'resourceLocator',
		default: { mode: 'email', value: '' },
		required: true,
		description: 'The customer who gets the points',
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Select a customer...',
				typeOptions: { searchListMethod: 'searchCustomers', searchable: true },
				hint: 'Every item gives its points to this one customer. Search by email.',
			},
			{
				displayName: 'By Email',
				name: 'email',
				type: 'string',
				placeholder: 'e.g. ann@example.com',
				hint: 'The email that the customer has in your store',
			},
			{
				displayName: 'By Merchant ID',
				name: 'merchantId',
				type: 'string',
				placeholder: 'e.g. 6145627226296',
				hint: "The merchant ID is the customer's ID in your store. On Shopify, it is the number at the end of the customer page's address.",
			},
		],
		displayOptions: showForAddPoints,
	},
	{
		displayName: 'Points',
		name: 'points',
		type: 'number',
		default: 0,
		required: true,
		placeholder: 'e.g. 50',
		description:
			'How many points to add, a whole number from 1 to 1,000,000. The customer can spend them at once.',
		displayOptions: showForAddPoints,
	},
	{
		displayName: 'Reason',
		name: 'reason',
		type: 'string',
		default: '',
		placeholder: 'e.g. Thanks for your feedback',
		description:
			"Why the points are added. The shopper sees this text, and it stands on the customer's page in LoyaltyLion.",
		hint: 'The shopper sees this text',
		displayOptions: showForAddPoints,
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			{
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
			{
				displayName: 'Include Customer',
				name: 'includeCustomer',
				type: 'boolean',
				default: false,
				description:
					'Whether to return the customer too, e.g. to mail the new balance (points_approved). LoyaltyLion may show the new balance a little late.',
			},
			{
				displayName: 'Requests per Second',
				name: 'requestsPerSecond',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: MAX_REQUESTS_PER_SECOND },
				default: DEFAULT_REQUESTS_PER_SECOND,
				description:
					"How many requests may go out in a second, counted over all workflows with this credential. LoyaltyLion's limit is 20: raise it only if LoyaltyLion raised yours. 0 means no limit.",
			},
			{
				displayName: 'Timeout',
				name: 'timeout',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: MAX_TIMEOUT_SECONDS },
				default: DEFAULT_TIMEOUT_SECONDS,
				description:
					'How many seconds to wait for each answer of LoyaltyLion. When none comes to the points themselves, it is unclear whether they were added.',
			},
		],
		displayOptions: showForAddPoints,
	},
];

/** Add Points: `POST /v2/customers/{merchant_id}/points` (LoyaltyLion Admin API v2). */
export const addPoints: Operation = { fields, execute, done: 'got their points' };

interface Pace {
	requestsPerSecond: number;
	timeoutMs: number;
}

interface Options extends Pace {
	ifUnclear: IfUnclear;
	includeCustomer: boolean;
}

interface AddPointsInput extends Options {
	choice: CustomerChoice;
	points: number;
	reason: string | null;
}

/** Whose points they are, all of it known. */
type AwardSubject = Pick<ItemSubject, 'email'> & { merchantId: string; points: number };

async function execute(item: InputItem): Promise<IDataObject> {
	const earlier = item.run.memory.recall(item.itemIndex);
	if (earlier?.unclear) return await clarify(item, { ...earlier, facts: earlier.unclear });
	if (earlier) return await repeat(item, earlier);
	// Before its fields are read: of many items that takes longer than anybody waits for a cancel.
	assertNotCanceled(item.signal);
	return await award(item, readInput(item));
}

function readInput(item: InputItem): AddPointsInput {
	const itemFields = fieldsOf(item);
	const choice = itemFields.read('Customer', 'customer', readCustomer);
	const points = itemFields.read('Points', 'points', readPoints);
	const reason = itemFields.read('Reason', 'reason', readReason);
	const options = readOptions(itemFields);
	if (choice === undefined || points === undefined || reason === undefined || !options) {
		const whom = choice ? `customer ${Object.values(choice).join()}` : 'this item';
		const subject = { merchantId: null, ...choice, points: points ?? null };
		throw about(itemFields.failure(whom), subject, reason ?? null);
	}
	return { choice, points, reason, ...options };
}

function fieldsOf({ run, itemIndex }: InputItem): ItemFields {
	return new ItemFields(run.parameters, itemIndex);
}

function readOptions(itemFields: ItemFields): Options | undefined {
	const ifUnclear = itemFields.read(
		'If the Outcome Is Unclear',
		'options.ifUnclear',
		readIfUnclear,
	);
	const includeCustomer = itemFields.read('Include Customer', 'options.includeCustomer', (value) =>
		readFlag('Include Customer', value),
	);
	const requestsPerSecond = itemFields.read(
		'Requests per Second',
		'options.requestsPerSecond',
		readRequestsPerSecond,
	);
	const timeoutMs = itemFields.read('Timeout', 'options.timeout', readTimeout);
	const isReadable =
		ifUnclear !== undefined &&
		includeCustomer !== undefined &&
		requestsPerSecond !== undefined &&
		timeoutMs !== undefined;
	return isReadable ? { ifUnclear, includeCustomer, requestsPerSecond, timeoutMs } : undefined;
}

function readIfUnclear(value: unknown): IfUnclear {
	return readChoice('If the Outcome Is Unclear', value, ['check', 'checkThenSend', 'report']);
}

async function award(item: InputItem, input: AddPointsInput): Promise<IDataObject> {
	const { sender, subject } = await prepare(item, input);
	return await give(item, { sender, subject, reason: input.reason }, input);
}

/** All that comes before the points are sent; whatever goes wrong here, none were added. */
async function prepare(
	item: InputItem,
	{ choice, points, reason, ...options }: AddPointsInput,
): Promise<{ sender: Caller; subject: AwardSubject }> {
	try {
		assertNotCanceled(item.signal);
		assertPatience(item.run.patience);
		const sender = await callerOf(item, options);
		if ('merchantId' in choice) return { sender, subject: { ...choice, points } };
		const account = accountOf(sender.connection);
		// Others may wait for the same customer when this item is stopped.
		const reader = { ...sender, signal: item.run.canceled };
		const ask = async (path: string) => (await get(reader, path)).body;
		const merchantId = await item.run.lookup.merchantIdOf(ask, account, choice.email);
		return { sender, subject: { merchantId, ...choice, points } };
	} catch (error) {
		const failure = noPointsAdded(toLookupFailure(error));
		throw about(failure, { merchantId: null, ...choice, points }, reason);
	}
}

/** Says again what was done in an earlier try. */
async function repeat(item: InputItem, { sent, secondSend }: Remembered) {
	const subject = subjectOf(sent);
	const done = outcomeOf(item, { confirmedBy: 'earlierTry', sent, secondSend }, subject);
	const account = await accountMarkOf(item).catch(() => sent.account);
	if (account !== sent.account) item.note(OTHER_KEY);
	const options = readOptions(fieldsOf(item));
	if (!options?.includeCustomer) return done;
	return { ...done, ...(await includedCustomer(callerOf(item, options), subject)) };
}

async function accountMarkOf({ run, itemIndex }: InputItem): Promise<string> {
	return accountOf(await run.connector.connect(itemIndex)).mark;
}

/** Goes on with what an earlier try has left unclear: with what was sent then, whatever the fields say now. */
async function clarify(item: InputItem, unclear: UnclearAward & { sent: ItemAward }) {
	const { sent } = unclear;
	const subject = subjectOf(sent);
	const leaveUnclear = () => failing(item, unclearFailure(unclear), subject, sent.reason);
	const options = readOptions(fieldsOf(item));
	if (!options) throw leaveUnclear();
	const sender = await callerOf(item, options).catch(() => {
		throw leaveUnclear();
	});
	return await give(item, { sender, subject, reason: sent.reason, unclear }, options);
}

function subjectOf({ merchantId, points, email }: ItemAward): AwardSubject {
	return { merchantId, points, ...(email !== undefined && { email }) };
}

/** What is to be sent for an item. */
interface Task {
	sender: Caller;
	subject: AwardSubject;
	reason: string | null;
	/** What an earlier try has left unclear. */
	unclear?: UnclearAward;
}

async function give(item: InputItem, task: Task, options: Options): Promise<IDataObject> {
	const { sender, subject, reason } = task;
	const { memory, canceled } = item.run;
	const confirmed = await giveAward({
		order: { ...subject, who: subject.email ?? subject.merchantId, reason },
		ifUnclear: options.ifUnclear,
		record: recordOf(item, task),
		sender,
		reader: { ...sender, signal: canceled },
	}).catch((error) => {
		throw failing(item, toItemFailure(error), subject, reason);
	});
	const { sent, secondSend } = confirmed;
	memory.remember(item.itemIndex, {
		sent: { ...sent, ...subject },
		...(secondSend && { secondSend }),
	});
	const done = outcomeOf(item, confirmed, subject);
	if (!options.includeCustomer) return done;
	return { ...done, ...(await includedCustomer(Promise.resolve(sender), subject)) };
}

/** The failure of an item that was sent; whoever looks at the node is told of points that may be there twice. */
function failing(
	item: InputItem,
	failure: ItemFailure,
	subject: AwardSubject,
	reason: string | null,
): ItemFailure {
	if (failure.facts.more?.pointsMayHaveBeenAddedTwice) item.note(MAY_BE_TWICE);
	return about(failure, subject, reason);
}

/** What an item says that has its points; whoever looks at the node is told of those that may have them twice. */
function outcomeOf(
	item: InputItem,
	{ confirmedBy, sent, secondSend }: Outcome,
	subject: AwardSubject,
): IDataObject {
	if (secondSend === 'mayHaveArrived') item.note(MAY_BE_TWICE);
	if (secondSend === 'bothArrived') item.note(ARE_TWICE);
	const { reason } = sent;
	return { success: true, ...subject, reason, confirmedBy, ...secondSendFields(secondSend) };
}

interface Outcome {
	confirmedBy: Confirmed['confirmedBy'] | 'earlierTry';
	sent: Pick<ItemAward, 'reason'>;
	secondSend?: SecondSend | undefined;
}

const MAY_BE_TWICE =
	"the points were sent a second time, as the customer's history did not show them, and may have been added twice. Look at the points history in LoyaltyLion, and take back what is too much.";

const ARE_TWICE =
	"the points were added twice: the customer's history shows both. Take one back in LoyaltyLion.";

const OTHER_KEY =
	'the points were added in an earlier try, with another API key or Base URL than the LoyaltyLion credential has now. They were not sent again. If that is another store, they are not there.';

function recordOf(
	{ itemIndex, run: { memory } }: InputItem,
	{ subject, unclear }: Task,
): AwardRecord {
	return {
		unclear,
		keepUnclear: ({ sent, facts, clock, secondSend }) =>
			memory.remember(itemIndex, {
				sent: { ...sent, ...subject },
				unclear: facts,
				...(clock && { clock }),
				...(secondSend && { secondSend }),
			}),
		forget: () => memory.forget(itemIndex),
		alike: () => memory.alike(subject),
	};
}

async function callerOf(
	{ context, itemIndex, run, signal }: InputItem,
	{ requestsPerSecond, timeoutMs }: Pace,
): Promise<Caller> {
	return {
		context,
		connection: await run.connector.connect(itemIndex),
		patience: run.patience,
		place: itemIndex,
		requestsPerSecond,
		timeoutMs,
		signal,
	};
}

/** Whatever goes wrong in here is said in the output: the points are added, and stay so. */
async function includedCustomer(
	caller: Promise<Caller>,
	{ merchantId, email }: AwardSubject,
): Promise<CustomerOutput> {
	const ask = async (path: string) => (await get(await caller, path)).body;
	return await readBack(ask, merchantId, email);
}

/** The same failure, of one item: a lookup's failure can be that of many. */
function about({ facts }: ItemFailure, subject: ItemSubject, reason: string | null): ItemFailure {
	return new ItemFailure(facts, subject, reason);
}
