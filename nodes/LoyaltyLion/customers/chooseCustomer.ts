import { ItemFailure } from '../errors/ItemFailure';
import type { Customer } from './customer';

const MAX_SHOWN = 10;

/**
 * Chooses who of the customers with one email is meant. A shopper who bought before having an account often
 * has a guest row beside the member row: then it is the member. Nothing else is guessed.
 *
 * @param found the customers who have the email
 * @param email the email
 * @returns the one
 * @throws {ItemFailure} `customer_not_found` or `customer_ambiguous`
 */
export function chooseCustomer(found: Customer[], email: string): Customer {
	const [first, ...others] = found;
	if (!first) throw nobody(email);
	const one = others.length === 0 ? first : onlyMember(found);
	if (!one) throw ambiguous(found, email);
	return one;
}

/**
 * @param found the customers who have an email
 * @returns the only member among them, unless one of them is blocked or it is not clear what another one is
 */
export function onlyMember(found: Customer[]): Customer | undefined {
	const [member, ...others] = found.filter(({ enrolled }) => enrolled);
	const rest = found.filter((customer) => customer !== member);
	const areGuests = rest.every(({ guest, blocked }) => guest && !blocked);
	return member && !member.blocked && others.length === 0 && areGuests ? member : undefined;
}

/**
 * Makes sure that a customer who was found by email can be acted on by merchant ID, LoyaltyLion's only key.
 *
 * @param customer the customer
 * @param email the email
 * @returns the merchant ID
 * @throws {ItemFailure} `refused` for one who has none
 */
export function merchantIdOf(customer: Customer, email: string): string {
	if (customer.merchantId !== undefined) return customer.merchantId;
	throw refused(
		email,
		'has no merchant ID in LoyaltyLion',
		'LoyaltyLion knows customers by merchant ID only. Check that the customer has an account in your store.',
	);
}

/** What is said of a customer who has no merchant ID. */
export interface NotPayable {
	/** What cannot be done without, e.g. "that points could be added to". */
	unnamed: string;
	/** What LoyaltyLion does by it, e.g. "LoyaltyLion adds points by merchant ID only." */
	byMerchantId: string;
}

/**
 * Makes sure that something can be done for a customer who was found by email.
 *
 * @param one the customer
 * @param email the email
 * @param words what is said otherwise
 * @returns the merchant ID
 * @throws {ItemFailure} `refused` for one who is blocked or has no merchant ID
 */
export function payableIdOf(
	one: Customer,
	email: string,
	{ unnamed, byMerchantId }: NotPayable,
): string {
	if (one.blocked)
		throw refused(
			email,
			'is blocked in LoyaltyLion',
			'Unblock the customer there, if that is right.',
		);
	if (one.merchantId === undefined) {
		throw refused(
			email,
			`has no merchant ID in LoyaltyLion ${unnamed}`,
			`${byMerchantId} Check that the customer has an account in your store.`,
		);
	}
	return one.merchantId;
}

function nobody(email: string): ItemFailure {
	return new ItemFailure({
		code: 'customer_not_found',
		message: `No LoyaltyLion customer has the email ${email}`,
		description:
			'Check how the email is written. Shoppers without an account in your store, or with another email there, are not found.',
	});
}

function ambiguous(found: Customer[], email: string): ItemFailure {
	const shown = found.slice(0, MAX_SHOWN).map(describe);
	const more = found.length > MAX_SHOWN ? [`and ${found.length - MAX_SHOWN} more`] : [];
	const rows = [...shown, ...more].join(', ');
	return new ItemFailure({
		code: 'customer_ambiguous',
		message: `Several LoyaltyLion customers have the email ${email}`,
		description: `They are: ${rows}. Choose one, and set Customer to By Merchant ID for this item.`,
	});
}

function describe({ merchantId, enrolled, guest, blocked }: Customer): string {
	const traits = [enrolled && 'member', guest && 'guest', blocked && 'blocked'].filter(Boolean);
	const id = merchantId === undefined ? 'one without a merchant ID' : `merchant ID ${merchantId}`;
	return traits.length > 0 ? `${id} (${traits.join(', ')})` : id;
}

function refused(email: string, what: string, advice: string): ItemFailure {
	return new ItemFailure({
		code: 'refused',
		message: `The customer with the email ${email} ${what}`,
		description: `${advice}`,
	});
}
