import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { accountOf } from '../../account/accounts';
import { MAX_REQUESTS_PER_SECOND } from '../../account/Pacer';
import {
	giveAward,
	type AwardRecord,
	type IfUnclear,
	type UnclearAward,
} from '../../awards/giveAward';
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
import { assertNotCanceled } from '../../transport/canceled';
import type { Caller } from '../../transport/exchange';
import { get } from '../../transport/get';
import type { InputItem, Operation } from '../Operation';
import type { ItemAward } from '../RunMemory';

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
							'Look for 30 seconds, then send points that are not there again. Can, rarely, add them twice, as LoyaltyLion may show them late.',
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

interface Options {
	ifUnclear: IfUnclear;
	includeCustomer: boolean;
	requestsPerSecond: number;
	timeoutMs: number;
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
	if (!earlier) return await award(item, readInput(item));
	const { sent, unclear } = earlier;
	return unclear ? await clarify(item, { sent, facts: unclear }) : await repeat(item, sent);
}

function readInput(item: InputItem): AddPointsInput {
	const itemFields = fieldsOf(item);
	const choice = itemFields.read('Customer', 'customer', readCustomer);
	const points = itemFields.read('Points', 'points', readPoints);
	const reason = itemFields.read('Reason', 'reason', readReason);
	const options = readOptions(itemFields);
	if (choice === undefined || points === undefined || reason === undefined || !options) {
		const whom = choice ? `customer ${Object.values(choice).join()}` : 'this item';
		throw about(itemFields.failure(whom), { merchantId: null, ...choice, points: points ?? null });
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
	{ choice, points, ...options }: AddPointsInput,
): Promise<{ sender: Caller; subject: AwardSubject }> {
	try {
		assertNotCanceled(item.signal);
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
		throw about(failure, { merchantId: null, ...choice, points });
	}
}

/** Says again what was done in an earlier try. */
async function repeat(item: InputItem, sent: ItemAward) {
	const subject = subjectOf(sent);
	const done = { success: true, ...subject, reason: sent.reason, confirmedBy: 'earlierTry' };
	const options = readOptions(fieldsOf(item));
	if (!options?.includeCustomer) return done;
	return { ...done, ...(await includedCustomer(callerOf(item, options), subject)) };
}

/** Goes on with what an earlier try has left unclear: with what was sent then, whatever the fields say now. */
async function clarify(item: InputItem, unclear: UnclearAward & { sent: ItemAward }) {
	const { sent } = unclear;
	const subject = subjectOf(sent);
	const options = readOptions(fieldsOf(item));
	if (!options) throw new ItemFailure(unclear.facts, subject);
	const sender = await callerOf(item, options).catch(() => {
		throw new ItemFailure(unclear.facts, subject);
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
	const { confirmedBy, sent } = await giveAward({
		order: { ...subject, who: subject.email ?? subject.merchantId, reason },
		ifUnclear: options.ifUnclear,
		record: recordOf(item, task),
		sender,
		reader: { ...sender, signal: canceled },
	}).catch((error) => {
		throw about(toItemFailure(error), subject);
	});
	memory.remember(item.itemIndex, { sent: { ...sent, ...subject } });
	const done = { success: true, ...subject, reason, confirmedBy };
	if (!options.includeCustomer) return done;
	return { ...done, ...(await includedCustomer(Promise.resolve(sender), subject)) };
}

function recordOf(
	{ itemIndex, run: { memory } }: InputItem,
	{ subject, unclear }: Task,
): AwardRecord {
	return {
		unclear,
		keepUnclear: ({ sent, facts }) =>
			memory.remember(itemIndex, { sent: { ...sent, ...subject }, unclear: facts }),
		forget: () => memory.forget(itemIndex),
		alike: () => memory.alike(subject),
	};
}

async function callerOf(
	{ context, itemIndex, run, signal }: InputItem,
	{ requestsPerSecond, timeoutMs }: Pick<Options, 'requestsPerSecond' | 'timeoutMs'>,
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
function about({ facts }: ItemFailure, subject: ItemSubject): ItemFailure {
	return new ItemFailure(facts, subject);
}
