import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readBack, type CustomerOutput } from '../../customers/readBack';
import { answerFailure, type Award } from '../../errors/answers';
import { ItemFailure, type ItemSubject } from '../../errors/ItemFailure';
import { noPointsAdded, toLookupFailure } from '../../errors/lookups';
import { networkFailure } from '../../errors/network';
import { toItemFailure } from '../../errors/toItemFailure';
import { readCustomer, type CustomerChoice } from '../../input/customer';
import { readFlag } from '../../input/flag';
import { ItemFields } from '../../input/ItemFields';
import { readPoints } from '../../input/points';
import { readReason } from '../../input/reason';
import { DEFAULT_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS, readTimeout } from '../../input/timeout';
import { readApiWords } from '../../transport/apiWords';
import { assertNotCanceled } from '../../transport/canceled';
import { connect, type ItemConnection } from '../../transport/connect';
import { get } from '../../transport/get';
import { send, type Answer } from '../../transport/request';
import type { InputItem, Operation } from '../Operation';
import type { Remembered } from '../RunMemory';

/** Far more than any answer to Add Points. */
const MAX_ANSWER_BYTES = 64 * 1024;

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
				displayName: 'Include Customer',
				name: 'includeCustomer',
				type: 'boolean',
				default: false,
				description:
					'Whether to return the customer too, e.g. to mail the new balance (points_approved). LoyaltyLion may show the new balance a little late.',
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

interface AddPointsInput {
	choice: CustomerChoice;
	points: number;
	reason: string | null;
	includeCustomer: boolean;
	timeoutMs: number;
}

/** Whose item it is, all of it known. */
type AwardSubject = Omit<Award, 'who'> & Pick<ItemSubject, 'email'>;

async function execute(item: InputItem): Promise<IDataObject> {
	const input = readInput(item);
	const done = await awardOnce(item, input);
	if (!input.includeCustomer) return done;
	return { ...done, ...(await includedCustomer(item, input, String(done.merchantId))) };
}

function readInput({ context, itemIndex }: InputItem): AddPointsInput {
	const item = new ItemFields(context, itemIndex);
	const choice = item.read('Customer', 'customer', readCustomer);
	const points = item.read('Points', 'points', readPoints);
	const reason = item.read('Reason', 'reason', readReason);
	const includeCustomer = item.read('Include Customer', 'options.includeCustomer', (value) =>
		readFlag('Include Customer', value),
	);
	const timeoutMs = item.read('Timeout', 'options.timeout', readTimeout);
	if (
		choice === undefined ||
		points === undefined ||
		reason === undefined ||
		includeCustomer === undefined ||
		timeoutMs === undefined
	) {
		const whom = choice ? `customer ${Object.values(choice).join()}` : 'this item';
		throw about(item.failure(whom), subjectOf(choice, points));
	}
	return { choice, points, reason, includeCustomer, timeoutMs };
}

async function awardOnce(item: InputItem, input: AddPointsInput): Promise<IDataObject> {
	const earlier = item.memory.recall(item.itemIndex);
	if (earlier) return outcomeOf(earlier);

	const { connection, subject } = await prepare(item, input);
	try {
		await add(item.context, connection, {
			...input,
			...subject,
			who: subject.email ?? subject.merchantId,
		});
	} catch (error) {
		const failure = about(toItemFailure(error), subject);
		if (failure.pointsMayHaveBeenAdded) {
			item.memory.remember(item.itemIndex, { unclear: { facts: failure.facts, subject } });
		}
		throw failure;
	}
	const done = { success: true, ...subject, reason: input.reason };
	item.memory.remember(item.itemIndex, { done });
	return { ...done };
}

/** Neither what was done in an earlier try nor what is unclear since is ever sent again. */
function outcomeOf(earlier: Remembered): IDataObject {
	if ('done' in earlier) return { ...earlier.done };
	throw new ItemFailure(earlier.unclear.facts, earlier.unclear.subject);
}

/** All that comes before the points are sent; whatever goes wrong here, none were added. */
async function prepare(
	{ context, itemIndex, lookup }: InputItem,
	{ choice, points, timeoutMs }: AddPointsInput,
): Promise<{ connection: ItemConnection; subject: AwardSubject }> {
	try {
		assertNotCanceled(context);
		const connection = await connect(context, itemIndex);
		if ('merchantId' in choice) return { connection, subject: { ...choice, points } };
		const account = `${connection.origin} ${connection.authorization}`;
		const ask = (path: string) => get(context, connection, path, timeoutMs);
		const merchantId = await lookup.merchantIdOf(ask, account, choice.email);
		return { connection, subject: { merchantId, ...choice, points } };
	} catch (error) {
		throw about(noPointsAdded(toLookupFailure(error)), subjectOf(choice, points));
	}
}

async function add(
	context: IExecuteFunctions,
	connection: ItemConnection,
	{ reason, timeoutMs, ...award }: Award & Pick<AddPointsInput, 'reason' | 'timeoutMs'>,
): Promise<void> {
	const { merchantId, points } = award;
	const request = {
		method: 'POST',
		path: `/v2/customers/${encodeURIComponent(merchantId)}/points`,
		body: reason === null ? { points } : { points, reason },
		timeoutMs,
		maxBytes: MAX_ANSWER_BYTES,
	} as const;
	assertNotCanceled(context);
	const answer = await send(context, connection, request).catch((error) => {
		throw networkFailure(error, award, timeoutMs);
	});
	if (isAdded(answer)) return;
	const words = readApiWords(answer.text, connection.secrets);
	const { statusCode, complete } = answer;
	throw answerFailure({ statusCode, complete, words, method: connection.method }, award);
}

/** The documented answer is 201 with an empty JSON string; the wire may carry nothing at all. */
function isAdded({ statusCode, text, complete }: Answer): boolean {
	return statusCode === 201 && complete && ['', '""'].includes(text.trim());
}

/** Whatever goes wrong in here is said in the output: the points are added, and stay so. */
async function includedCustomer(
	{ context, itemIndex }: InputItem,
	{ choice, timeoutMs }: AddPointsInput,
	merchantId: string,
): Promise<CustomerOutput> {
	const connection = connect(context, itemIndex);
	const ask = async (path: string) => await get(context, await connection, path, timeoutMs);
	return await readBack(ask, merchantId, 'email' in choice ? choice.email : undefined);
}

function subjectOf(choice: CustomerChoice | undefined, points: number | undefined): ItemSubject {
	return { merchantId: null, ...choice, points: points ?? null };
}

/** The same failure, of one item: a lookup's failure can be that of many. */
function about({ facts }: ItemFailure, subject: ItemSubject): ItemFailure {
	return new ItemFailure(facts, subject);
}
