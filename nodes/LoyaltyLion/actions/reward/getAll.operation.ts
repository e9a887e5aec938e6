import type { IDataObject } from 'n8n-workflow';
import { merchantIdOf } from '../../customers/chooseCustomer';
import { noSuchCustomer } from '../../customers/findByMerchantId';
import { newestCustomer } from '../../customers/newestTransaction';
import { ItemFailure } from '../../errors/ItemFailure';
import { toCustomerField, type CustomerChoice } from '../../fields/customer';
import { toOptions, type Field, type ValuesOf } from '../../fields/Field';
import { ItemFields } from '../../fields/ItemFields';
import { LIST_PROPERTIES, readLimit, simplifyField } from '../../fields/list';
import { toRequestFields } from '../../fields/requestOptions';
import { siteIdField } from '../../fields/siteId';
import { readFlag } from '../../fields/values';
import { readRewardRows } from '../../rewards/availableRewards';
import type { InputItem, Operation } from '../../run/Operation';
import { toReadFailure, type Client } from '../../transport/Client';
import { assertNotCanceled } from '../../transport/Patience';
import {
	READ_CUSTOMER_REASONS,
	READ_CUSTOMER_WORDS,
	toReadingWords,
	toReadWords,
} from '../readingWords';
import { readingLookupOf } from '../theCustomer';

const customerField = toCustomerField({
	description: 'The customer whose rewards to read',
	listHint: 'Every item reads the rewards of this one customer.',
});

const onlyAffordableField: Field<boolean> = {
	property: {
		displayName: 'Only Affordable',
		name: 'onlyAffordable',
		type: 'boolean',
		default: false,
		description: 'Whether to return only rewards that the customer has enough points for',
	},
	// Else an expression that comes to nothing would be taken for no.
	needsValue: true,
	read: readFlag,
};

const optionFields = { ...toRequestFields(), siteId: siteIdField };

/** Get many rewards: `GET /v2/customers/{merchant_id}/available_rewards` (LoyaltyLion Admin API). */
export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many rewards',
	description:
		'Read the rewards that LoyaltyLion offers to a customer, one item each, with what it costs and whether the customer has enough points. Claims nothing.',
	fields: [
		customerField.property,
		onlyAffordableField.property,
		...LIST_PROPERTIES,
		simplifyField.property,
		toOptions(optionFields),
	],
	words: toReadingWords({ merchantId: null }, READ_CUSTOMER_REASONS),
	async execute(item) {
		assertNotCanceled(item.signal);
		const input = readInput(item);
		const client = await item.run.client(item, input.options);
		const { merchantId, balance } = await find(item, client, input.choice);
		item.report = { subject: { ...input.choice, merchantId }, beside: {} };
		const words = { ...REWARD_WORDS, notFound: () => noSuchCustomer(merchantId) };
		const { siteId } = input.options;
		const rows = await readRewardRows(client.unshared, merchantId, siteId, words);
		if (rows.length === 0) return [];
		const points = balance ?? (await readBalance(item, client.unshared, merchantId, input));
		return toOutput(rows, points, input);
	},
};

const REWARD_WORDS = toReadWords('rewards');

interface Input {
	choice: CustomerChoice;
	onlyAffordable: boolean;
	most: number;
	simplify: boolean;
	options: ValuesOf<typeof optionFields>;
}

function readInput(item: InputItem): Input {
	const itemFields = new ItemFields(item.run.parameters, item.itemIndex);
	const choice = itemFields.read(customerField);
	const onlyAffordable = itemFields.read(onlyAffordableField);
	const most = readLimit(itemFields);
	const simplify = itemFields.read(simplifyField);
	const options = itemFields.readOptions(optionFields);
	item.report = { subject: { merchantId: null, ...choice }, beside: {} };
	const areFlags = onlyAffordable !== undefined && simplify !== undefined;
	if (!choice || !areFlags || most === undefined || !options) throw itemFields.failure('this item');
	return { choice, onlyAffordable, most, simplify, options };
}

/** Who is found by email comes with the balance. */
async function find(
	item: InputItem,
	client: Client,
	choice: CustomerChoice,
): Promise<{ merchantId: string; balance: number | undefined }> {
	if ('merchantId' in choice) return { ...choice, balance: undefined };
	const customer = await readingLookupOf(item.run).find(client, choice.email);
	return {
		merchantId: merchantIdOf(customer, choice.email),
		balance: customer.pointsApproved,
	};
}

/** Rewards are worth something without the balance too, unless they are to be chosen by it. */
async function readBalance(
	item: InputItem,
	client: Client,
	merchantId: string,
	{ onlyAffordable }: Input,
): Promise<number | undefined> {
	let why = 'LoyaltyLion shows no transaction of the customer that tells it.';
	try {
		const customer = await newestCustomer(client, merchantId, READ_CUSTOMER_WORDS);
		if (customer?.pointsApproved !== undefined) return customer.pointsApproved;
	} catch (error) {
		const failure = toReadFailure(error, READ_CUSTOMER_WORDS);
		if (failure.facts.code === 'not_sent') throw failure;
		why = `${failure.facts.message}. ${failure.facts.description}`;
	}
	if (onlyAffordable) throw noBalance(why);
	item.note(`the balance could not be read, so "affordable" is null. ${why}`);
	return undefined;
}

function noBalance(why: string): ItemFailure {
	return new ItemFailure({
		code: 'lookup_failed',
		message: "The customer's balance could not be read, so Only Affordable cannot be told",
		description: `${why} Set Customer to By Email, which tells the balance, or switch Only Affordable off.`,
	});
}

function toOutput(
	rows: IDataObject[],
	points: number | undefined,
	{ onlyAffordable, most, simplify }: Input,
): IDataObject[] {
	return rows
		.map((row) => ({ row, affordable: isAffordable(row, points) }))
		.filter(({ affordable }) => affordable || !onlyAffordable)
		.slice(0, most)
		.map(({ row, affordable }) => ({ ...(simplify ? simplified(row) : row), affordable }));
}

function isAffordable({ point_cost: cost }: IDataObject, points: number | undefined) {
	return typeof cost === 'number' && points !== undefined ? cost <= points : null;
}

/** What most workflows use, under LoyaltyLion's names; what LoyaltyLion does not say is `null`. */
function simplified(row: IDataObject): IDataObject {
	return Object.fromEntries(SIMPLE_KEYS.map((key) => [key, row[key] ?? null]));
}

const SIMPLE_KEYS = [
	'id',
	'title',
	'description',
	'point_cost',
	'kind',
	'method',
	'discount_type',
	'discount_amount',
	'minimum_spend',
];
