import { hasInvisible } from '../shared/plainText';
import { unusableValue } from './InvalidInput';

/** Longer than any store's customer ID; a longer address is cut off or refused on the way. */
const MAX_CHARACTERS = 255;

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
	if (text.length > MAX_CHARACTERS)
		throw refuse(value, `Merchant ID must have at most ${MAX_CHARACTERS} characters.`);
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
