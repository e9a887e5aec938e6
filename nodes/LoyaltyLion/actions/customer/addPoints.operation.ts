import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { answerFailure, type Award } from '../../errors/answers';
import { ItemFailure } from '../../errors/ItemFailure';
import { networkFailure } from '../../errors/network';
import { toItemFailure } from '../../errors/toItemFailure';
import { readCustomer } from '../../input/customer';
import { ItemFields } from '../../input/ItemFields';
import { readPoints } from '../../input/points';
import { readReason } from '../../input/reason';
import { DEFAULT_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS, readTimeout } from '../../input/timeout';
import { readApiWords } from '../../transport/apiWords';
import { assertNotCanceled } from '../../transport/canceled';
import { connect } from '../../transport/connect';
import { post, type Answer } from '../../transport/post';
import type { InputItem, Operation } from '../Operation';
import type { Remembered } from '../RunMemory';

const showForAddPoints = { show: { resource: ['customer'], operation: ['addPoints'] } };

const fields: INodeProperties[] = [
	{
		displayName: 'Customer',
		name: 'customer',
		type: 'resourceLocator',
		default: { mode: 'merchantId', value: '' },
		required: true,
		description: 'The customer who gets the points',
		modes: [
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
				displayName: 'Timeout',
				name: 'timeout',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: MAX_TIMEOUT_SECONDS },
				default: DEFAULT_TIMEOUT_SECONDS,
				description:
					'How many seconds to wait for LoyaltyLion to answer. After that it is unclear whether the points were added.',
			},
		],
		displayOptions: showForAddPoints,
	},
];

/** Add Points: `POST /v2/customers/{merchant_id}/points` (LoyaltyLion Admin API v2). */
export const addPoints: Operation = { fields, execute, done: 'got their points' };

interface AddPointsInput extends Award {
	reason: string | null;
	timeoutMs: number;
}

async function execute({ context, itemIndex, memory }: InputItem): Promise<IDataObject> {
	const { timeoutMs, ...award } = readInput(context, itemIndex);
	const earlier = memory.recall(itemIndex, award);
	if (earlier) return outcomeOf(earlier, award);
	try {
		await send(context, itemIndex, { ...award, timeoutMs });
	} catch (error) {
		const failure = about(toItemFailure(error), award);
		if (failure.pointsMayHaveBeenAdded) {
			memory.remember(itemIndex, { input: award, unclear: failure.facts });
		}
		throw failure;
	}
	const done = { success: true, ...award };
	memory.remember(itemIndex, { input: award, done });
	return done;
}

/** Neither what was done nor what is unclear is ever sent again. */
function outcomeOf({ done, unclear }: Remembered, award: Award): IDataObject {
	if (unclear) throw about(new ItemFailure(unclear), award);
	return { ...done };
}

function readInput(context: IExecuteFunctions, itemIndex: number): AddPointsInput {
	const item = new ItemFields(context, itemIndex);
	const merchantId = item.read('Customer', 'customer', readCustomer);
	const points = item.read('Points', 'points', readPoints);
	const reason = item.read('Reason', 'reason', readReason);
	const timeoutMs = item.read('Timeout', 'options.timeout', readTimeout);
	if (
		merchantId === undefined ||
		points === undefined ||
		reason === undefined ||
		timeoutMs === undefined
	) {
		const whom = merchantId === undefined ? 'this item' : `customer ${merchantId}`;
		throw about(item.failure(whom), { merchantId: merchantId ?? null, points: points ?? null });
	}
	return { merchantId, points, reason, timeoutMs };
}

async function send(
	context: IExecuteFunctions,
	itemIndex: number,
	{ merchantId, points, reason, timeoutMs }: AddPointsInput,
): Promise<void> {
	assertNotCanceled(context);
	const connection = await connect(context, itemIndex);
	const request = {
		path: `/v2/customers/${encodeURIComponent(merchantId)}/points`,
		body: reason === null ? { points } : { points, reason },
		timeoutMs,
	};
	const answer = await post(context, connection, request).catch((error) => {
		throw networkFailure(error, { merchantId, points }, timeoutMs);
	});
	if (isAdded(answer)) return;
	const words = readApiWords(answer.text, connection.secrets);
	const { statusCode, complete } = answer;
	throw answerFailure(
		{ statusCode, complete, words, method: connection.method },
		{ merchantId, points },
	);
}

/** The documented answer is 201 with an empty JSON string; the wire may carry nothing at all. */
function isAdded({ statusCode, text, complete }: Answer): boolean {
	return statusCode === 201 && complete && ['', '""'].includes(text.trim());
}

/** Notes on a failure whose item it is about. */
function about(failure: ItemFailure, { merchantId, points }: ItemFailure['subject']): ItemFailure {
	failure.subject = { merchantId, points };
	return failure;
}
