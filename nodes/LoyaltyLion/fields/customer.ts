import type { IDisplayOptions } from 'n8n-workflow';
import { hasInvisible } from '../shared/plainText';
import { isRecord } from '../shared/json';
import type { Field } from './Field';
import { readId } from './ids';
import { InvalidInput, unusableValue } from './InvalidInput';
import type { Parameters } from './Parameters';

const CUSTOMER = 'customer';

/** How the user says which customer: by one of the two. */
export type CustomerChoice = { email: string } | { merchantId: string };

/**
 * Makes the field that says which customer an item is about: a resource locator, `{ mode, value }`.
 *
 * @param face what it says of the customer, and of choosing one for all items from a list; what is shown when
 * @returns the field
 */
export function toCustomerField({
	description,
	listHint,
	displayOptions,
}: {
	description: string;
	listHint: string;
	displayOptions?: IDisplayOptions;
}): Field<CustomerChoice> {
	return {
		property: {
			displayName: 'Customer',
			name: CUSTOMER,
			type: 'resourceLocator',
			default: { mode: 'email', value: '' },
			required: true,
			description,
			...(displayOptions && { displayOptions }),
			modes: [
				{
					displayName: 'From List',
					name: 'list',
					type: 'list',
					placeholder: 'Select a customer...',
					typeOptions: { searchListMethod: 'searchCustomers', searchable: true },
					hint: `${listHint} Search by email.`,
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
		},
		read: readCustomer,
	};
}

/**
 * Reads which customer is meant.
 *
 * @param value what the field came to
 * @returns the customer
 * @throws {InvalidInput} when it is none
 */
export function readCustomer(value: unknown): CustomerChoice {
	const { mode, value: choice } = isRecord(value) ? value : {};
	if (mode === 'email') return { email: readEmail(choice) };
	if (mode === 'merchantId' || mode === 'list') return { merchantId: readMerchantId(choice) };
	throw new InvalidInput(
		'Customer is set in a way that this node does not know',
		'Customer must be set to From List, By Email or By Merchant ID.',
	);
}

/**
 * Reads the email that an item names its customer by, before its turn has come.
 *
 * @param parameters the node's
 * @param itemIndex the input item, counted from 0
 * @returns the email; nothing for an item that has none, or whose customer cannot be read, which is said in its turn
 */
export function emailAhead(parameters: Parameters, itemIndex: number): string | undefined {
	try {
		const choice = readCustomer(parameters.resolveAhead(CUSTOMER, itemIndex));
		return 'email' in choice ? choice.email : undefined;
	} catch {
		return undefined;
	}
}

/**
 * Names an item by its customer, in words that follow "for".
 *
 * @param choice which customer, if that could be read
 * @returns e.g. "customer ann@example.com", or "this item"
 */
export function whomOf(choice: CustomerChoice | undefined): string {
	return choice ? `customer ${'email' in choice ? choice.email : choice.merchantId}` : 'this item';
}

const SHOPIFY_CUSTOMER_GID = /^gid:\/\/shopify\/Customer\/(\d+)$/;

/**
 * Reads the merchant ID: the customer's ID in the store, which is LoyaltyLion's only key to a customer
 * (Admin API, Add Points).
 *
 * @param value what the field came to; a number is taken as its digits
 * @returns the ID as text, leading zeros kept, a Shopify GID cut to its number
 * @throws {InvalidInput} when it cannot be the ID of a customer, or would not reach
 *   LoyaltyLion unchanged
 */
export function readMerchantId(value: unknown): string {
	const id = readId(value, 'Merchant ID', MUST_BE);
	return SHOPIFY_CUSTOMER_GID.exec(id)?.[1] ?? id;
}

const MUST_BE = "Merchant ID must be the customer's ID in your store, e.g. 6145627226296.";

/** The longest address that mail can be sent to. */
const MAX_EMAIL_CHARACTERS = 254;

/** Anything in double quotes; without them no blank, and no sign that lists or wraps addresses. */
const LOCAL_PART = /^("[^"]+"|[^\s"(),:;<>@[\\\]]+)$/u;

/** Letters, digits and hyphens of any script, with a dot in between. */
const DOMAIN = /^[\p{L}\p{M}\p{N}-]+(\.[\p{L}\p{M}\p{N}-]+)+$/u;

/**
 * Whether there is such a mailbox is not asked; whether it is one address is, as two in one field, or one
 * with a name around it, would be nobody's.
 */
function readEmail(value: unknown): string {
	const email = typeof value === 'string' ? value.trim() : '';
	const at = email.lastIndexOf('@');
	const isAddress =
		LOCAL_PART.test(email.slice(0, Math.max(0, at))) && DOMAIN.test(email.slice(at + 1));
	if (isAddress && !hasInvisible(email) && email.length <= MAX_EMAIL_CHARACTERS) return email;
	throw unusableValue('Email', value, 'Email must be one email address, e.g. ann@example.com.');
}
