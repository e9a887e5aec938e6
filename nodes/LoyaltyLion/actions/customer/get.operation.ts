import { deepCopy } from 'n8n-workflow';
import type { Customer } from '../../customers/customer';
import { findByMerchantId } from '../../customers/findByMerchantId';
import { simplifyCustomer } from '../../customers/simplifyCustomer';
import { toCustomerField, type CustomerChoice } from '../../fields/customer';
import { toOptions, type ValuesOf } from '../../fields/Field';
import { ItemFields } from '../../fields/ItemFields';
import { simplifyField } from '../../fields/list';
import { toRequestFields } from '../../fields/requestOptions';
import type { InputItem, Operation } from '../../run/Operation';
import type { Client } from '../../transport/Client';
import { assertNotCanceled } from '../../transport/Patience';
import { READ_CUSTOMER_REASONS, READ_CUSTOMER_WORDS, toReadingWords } from '../readingWords';
import { readingLookupOf } from '../theCustomer';

const customerField = toCustomerField({
	description: 'The customer to read',
	listHint: 'Every item reads this one customer.',
});

const optionFields = toRequestFields();

/**
 * Get a customer: `GET /v2/customers` (LoyaltyLion Admin API), which LoyaltyLion filters by email only; by merchant
 * ID the newest transaction leads there.
 */
export const get: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get customer',
	description:
		'Read one customer by email or merchant ID: points to spend, tier, birthday, and whether member, guest or blocked. Changes nothing.',
	fields: [customerField.property, simplifyField.property, toOptions(optionFields)],
	words: toReadingWords(
		{ merchantId: null },
		{
			...READ_CUSTOMER_REASONS,
			customer_not_readable: 'LoyaltyLion shows the customer by email only',
		},
	),
	async execute(item) {
		assertNotCanceled(item.signal);
		const { choice, simplify, options } = readInput(item);
		const client = await item.run.client(item, options);
		const { raw } = await find(item, client, choice);
		// Items with the same email share what was read.
		return simplify ? simplifyCustomer(raw) : deepCopy(raw);
	},
};

interface Input {
	choice: CustomerChoice;
	simplify: boolean;
	options: ValuesOf<typeof optionFields>;
}

function readInput(item: InputItem): Input {
	const itemFields = new ItemFields(item.run.parameters, item.itemIndex);
	const choice = itemFields.read(customerField);
	const simplify = itemFields.read(simplifyField);
	const options = itemFields.readOptions(optionFields);
	item.report = { subject: { merchantId: null, ...choice }, beside: {} };
	if (!choice || simplify === undefined || !options) throw itemFields.failure('this item');
	return { choice, simplify, options };
}

async function find(item: InputItem, client: Client, choice: CustomerChoice): Promise<Customer> {
	return 'email' in choice
		? await readingLookupOf(item.run).find(client, choice.email)
		: await findByMerchantId(client.unshared, choice.merchantId, READ_CUSTOMER_WORDS);
}
