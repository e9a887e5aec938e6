import type { IDisplayOptions } from 'n8n-workflow';
import { hasInvisible } from '../shared/plainText';
import { isRecord } from '../shared/json';
import type { Field } from './Field';
import { InvalidInput, unusableValue } from './InvalidInput';

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
			name: 'customer',
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

/** Longer than any store's customer ID; a longer address is cut off or refused on the way. */
const MAX_ID_CHARACTERS = 255;

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
	if (typeof value === 'number') return readNumber(value);
	if (typeof value !== 'string') throw refuse(value, MUST_BE);
	const text = value.trim();
	if (text === '' || text === '.' || text === '..') throw refuse(value, MUST_BE);
	if (text.length > MAX_ID_CHARACTERS)
		throw refuse(value, `Merchant ID must have at most ${MAX_ID_CHARACTERS} characters.`);
	if (hasInvisible(text)) {
		throw refuse(
			value,
			'Merchant ID must not hold line breaks or other invisible characters. Copy the ID again.',
		);
	}
	return SHOPIFY_CUSTOMER_GID.exec(text)?.[1] ?? text;
}

const MUST_BE = "Merchant ID must be the customer's ID in your store, e.g. 6145627226296.";

function readNumber(value: number): string {
	if (Number.isSafeInteger(value) && value >= 0) return String(value);
	const tooLarge = Number.isInteger(value) && value > 0;
	throw refuse(
		value,
		tooLarge
			? 'Merchant ID must be sent as text here: a number this long loses its last digits on the way.'
			: MUST_BE,
	);
}

function refuse(value: unknown, mustBe: string) {
	return unusableValue('Merchant ID', value, mustBe);
}

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
