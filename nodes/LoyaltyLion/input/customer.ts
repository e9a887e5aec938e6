import { unusableValue } from './InvalidInput';
import { readMerchantId } from './merchantId';

/**
 * Reads the Customer field, a resource locator.
 *
 * @param value what the field came to: `{ mode, value }`
 * @returns the customer's merchant ID
 * @throws {InvalidInput} when the mode is none of the node's, or the value does not fit it
 */
export function readCustomer(value: unknown): string {
	if (isLocator(value) && value.mode === 'merchantId') return readMerchantId(value.value);
	throw unusableValue('Customer', value, 'Choose By Merchant ID in Customer, and fill in the ID.');
}

function isLocator(value: unknown): value is { mode: unknown; value: unknown } {
	return typeof value === 'object' && value !== null && 'mode' in value && 'value' in value;
}
