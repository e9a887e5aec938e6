import type { IDataObject } from 'n8n-workflow';
import { noSuchCustomer } from '../../customers/findByMerchantId';
import { transactionsPath } from '../../customers/newestTransaction';
import { toCustomerField, type CustomerChoice } from '../../fields/customer';
import { toCreatedFields } from '../../fields/dates';
import { toCollection, toOptions, type Field, type ValuesOf } from '../../fields/Field';
import { ItemFields } from '../../fields/ItemFields';
import { LIST_PROPERTIES, readLimit } from '../../fields/list';
import { toRequestFields } from '../../fields/requestOptions';
import { readChoice, readChoices } from '../../fields/values';
import type { InputItem, Operation } from '../../run/Operation';
import type { Client, ReadWords } from '../../transport/Client';
import { assertNotCanceled } from '../../transport/Patience';
import { readList, type List } from '../../transport/paging';
import { READ_CUSTOMER_REASONS, toReadingWords, toReadWords } from '../readingWords';
import { readingLookupOf, theMerchantId } from '../theCustomer';

const scopeField: Field<'all' | 'one'> = {
	property: {
		displayName: 'Transactions Of',
		name: 'scope',
		type: 'options',
		options: [
			{ name: 'All Customers', value: 'all', description: 'Every change of points in the program' },
			{ name: 'One Customer', value: 'one', description: "One customer's points history" },
		],
		default: 'all',
		description: 'Whose transactions to read',
	},
	// Else an expression that comes to nothing would be taken for all.
	needsValue: true,
	read: (value, label) => readChoice(value, label, ['all', 'one']),
};

const customerField = toCustomerField({
	description: 'The customer whose transactions to read',
	listHint: 'Every item reads the transactions of this one customer.',
	displayOptions: { show: { scope: ['one'] } },
});

/** What changed the points: LoyaltyLion's `resource` (Admin API, List Transactions). */
type TransactionType = 'activity' | 'adjustment' | 'claimed_reward' | 'expiry';

const typeField: Field<TransactionType[] | undefined> = {
	property: {
		displayName: 'Type',
		name: 'type',
		type: 'multiOptions',
		options: [
			{ name: 'Activity', value: 'activity', description: 'Points by a rule, e.g. for an order' },
			{
				name: 'Adjustment',
				value: 'adjustment',
				description: 'Points added or removed by hand or by a workflow',
			},
			{
				name: 'Claimed Reward',
				value: 'claimed_reward',
				description: 'Points spent on a reward, or given back for one',
			},
			{ name: 'Expiry', value: 'expiry', description: 'Points that ran out' },
		],
		default: [],
		description:
			'Only transactions of these types. LoyaltyLion cannot be asked for it, so the node reads transactions until it has found enough.',
	},
	needsValue: true,
	read: (value, label) =>
		readChoices(value, label, ['activity', 'adjustment', 'claimed_reward', 'expiry']),
};

const filterFields = {
	...toCreatedFields('transactions from this time on', 'transactions from before this time'),
	types: typeField,
};

const optionFields = toRequestFields();

/**
 * Get many transactions: `GET /v2/transactions`, and of one customer
 * `GET /v2/customers/{merchant_id}/transactions` (LoyaltyLion Admin API).
 */
export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many transactions',
	description:
		'Read the points history of one customer or of all, newest first, one item for each change of points. Changes nothing.',
	fields: [
		scopeField.property,
		customerField.property,
		...LIST_PROPERTIES,
		toCollection(
			{ displayName: 'Filters', name: 'filters', placeholder: 'Add filter' },
			filterFields,
		),
		toOptions(optionFields),
	],
	words: toReadingWords({ merchantId: null }, READ_CUSTOMER_REASONS),
	async execute(item) {
		assertNotCanceled(item.signal);
		const { choice, most, filters, options } = readInput(item);
		const client = await item.run.client(item, options);
		const { list, words } = await findList(item, client, choice);
		const { createdAfter, createdBefore, types } = filters;
		const query = { created_at_min: createdAfter, created_at_max: createdBefore };
		const toOutput = (row: IDataObject) =>
			!types || types.some((type) => type === row.resource) ? row : undefined;
		return await readList(client.unshared, list, { most, query, toOutput }, words);
	},
};

const WORDS = toReadWords('transactions');

interface Input {
	/** All customers where there is none. */
	choice: CustomerChoice | undefined;
	most: number;
	filters: ValuesOf<typeof filterFields>;
	options: ValuesOf<typeof optionFields>;
}

function readInput(item: InputItem): Input {
	const itemFields = new ItemFields(item.run.parameters, item.itemIndex);
	const scope = itemFields.read(scopeField);
	const choice = scope === 'one' ? itemFields.read(customerField) : undefined;
	const most = readLimit(itemFields);
	const filters = itemFields.readCollection('filters', filterFields);
	const options = itemFields.readOptions(optionFields);
	item.report = { subject: { merchantId: null, ...choice }, beside: {} };
	const isWhose = scope === 'all' || choice !== undefined;
	if (!isWhose || most === undefined || !filters || !options) throw itemFields.failure('this item');
	return { choice, most, filters, options };
}

async function findList(
	item: InputItem,
	client: Client,
	choice: CustomerChoice | undefined,
): Promise<{ list: List; words: ReadWords }> {
	if (!choice) return { list: { path: '/v2/transactions', key: 'transactions' }, words: WORDS };
	const merchantId = await theMerchantId(item.run, client, choice, readingLookupOf(item.run));
	return {
		list: { path: transactionsPath(merchantId), key: 'transactions' },
		words: { ...WORDS, notFound: () => noSuchCustomer(merchantId) },
	};
}
