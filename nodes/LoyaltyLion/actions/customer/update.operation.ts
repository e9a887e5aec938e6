import type { IDataObject } from 'n8n-workflow';
import { simplifyCustomer } from '../../customers/simplifyCustomer';
import { NOT_UPDATED, updateCustomer, type CustomerChanges } from '../../customers/updateCustomer';
import { toCustomerField, whomOf, type CustomerChoice } from '../../fields/customer';
import { toDayField } from '../../fields/dates';
import { toCollection, toOptions, type Field } from '../../fields/Field';
import { InvalidInput, isEmpty, unusableValue } from '../../fields/InvalidInput';
import { ItemFields } from '../../fields/ItemFields';
import { simplifyField } from '../../fields/list';
import { toRequestFields } from '../../fields/requestOptions';
import { readFlag } from '../../fields/values';
import type { InputItem, Operation, OperationWords } from '../../run/Operation';
import { Turns } from '../../shared/Turns';
import { prepare } from '../prepare';

const customerField = toCustomerField({
	description: 'The customer to update',
	listHint: 'Every item updates this one customer.',
});

const dayField = toDayField({
	displayName: 'Birthday',
	name: 'birthday',
	description: "The customer's date of birth, for the rewards that LoyaltyLion gives on birthdays",
});

const birthdayField: Field<string | undefined> = {
	...dayField,
	read(value, label, calendar) {
		const day = dayField.read(value, label, calendar);
		if (day === undefined || day <= calendar.today()) return day;
		throw unusableValue(label, value, `${label} must be a day that has been, e.g. 1990-05-17.`);
	},
};

const blockedField: Field<boolean | undefined> = {
	property: {
		displayName: 'Blocked',
		name: 'blocked',
		type: 'boolean',
		default: false,
		description:
			'Whether the customer is blocked from your loyalty program. A blocked shopper can no longer take part in it, and gets no points from this node, until you turn this off again.',
		hint: 'A blocked shopper can no longer take part in your loyalty program',
	},
	needsValue: true,
	read: (value, label) => (isEmpty(value) ? undefined : readFlag(value, label)),
};

const updateFields = { birthday: birthdayField, blocked: blockedField };

const UPDATE_FIELDS = 'updateFields';

const optionFields = toRequestFields();

const WORDS: OperationWords = {
	done: 'were updated',
	notDone: 'failed',
	reasons: {
		not_permitted: 'the API key lacks the write_customers scope',
		customer_not_found: 'LoyaltyLion has no such customer',
		customer_ambiguous: 'several LoyaltyLion customers have the same email',
		lookup_failed: 'LoyaltyLion could not be asked who the customer is',
		refused: 'LoyaltyLion refused, or the customer has no merchant ID',
	},
	isRepeatable: true,
	unclearAdvice: 'It is safe to send the unclear ones again.',
	unexpected: {
		code: 'outcome_unknown',
		message: 'Something unexpected happened in the LoyaltyLion node',
		description:
			'The customer may have been updated. It is safe to send this item again; if it stays so, tell the makers of this node.',
	},
	blank: { subject: { merchantId: null }, beside: {} },
	errorFields: ({ isUnclear }) => ({ customerMayHaveBeenUpdated: isUnclear }),
};

/** Update: `PATCH /v2/customers/{merchant_id}` (LoyaltyLion Admin API v2). */
export const update: Operation = {
	value: 'update',
	name: 'Update',
	action: 'Update customer',
	description: "Set a customer's birthday, or block the customer from the loyalty program",
	fields: [
		customerField.property,
		toCollection(
			{
				displayName: 'Fields to Update',
				name: UPDATE_FIELDS,
				placeholder: 'Add field',
				description: 'What to change of the customer; everything else stays as it is',
			},
			updateFields,
		),
		simplifyField.property,
		toOptions(optionFields),
	],
	words: WORDS,
	execute,
};

async function execute(item: InputItem): Promise<IDataObject> {
	const { changes, simplify, ...input } = readInput(item);
	const { client, customer } = await prepare(item, input, NOT_UPDATED);
	item.report = { subject: { ...customer }, beside: {} };
	// Of two items for the same customer, the last one counts.
	const row = await item.run
		.shared(toTurns)
		.take(
			customer.merchantId,
			item.signal,
			async () => await updateCustomer(client, customer, changes),
		);
	return simplify ? simplifyCustomer(row) : row;
}

function toTurns(): Turns {
	return new Turns();
}

interface UpdateInput {
	choice: CustomerChoice;
	changes: CustomerChanges;
	simplify: boolean;
	requestsPerSecond: number;
	timeoutMs: number;
}

function readInput(item: InputItem): UpdateInput {
	const itemFields = new ItemFields(item.run.parameters, item.itemIndex);
	const choice = itemFields.read(customerField);
	const chosen = itemFields.readCollection(UPDATE_FIELDS, updateFields);
	const simplify = itemFields.read(simplifyField);
	const options = itemFields.readOptions(optionFields);
	if (choice) item.report = { subject: { merchantId: null, ...choice }, beside: {} };
	const changes = chosen && toChanges(chosen);
	const isNothing = changes && Object.keys(changes).length === 0;
	if (isNothing) itemFields.refuse(NOTHING_TO_UPDATE);
	if (!choice || !changes || isNothing || simplify === undefined || !options) {
		throw itemFields.failure(whomOf(choice));
	}
	return { choice, changes, simplify, ...options };
}

const NOTHING_TO_UPDATE = new InvalidInput(
	'Fields to Update is empty',
	'Add Birthday or Blocked to Fields to Update.',
);

function toChanges({
	birthday,
	blocked,
}: {
	birthday: string | undefined;
	blocked: boolean | undefined;
}): CustomerChanges {
	return {
		...(birthday !== undefined && { birthday }),
		...(blocked !== undefined && { blocked }),
	};
}
