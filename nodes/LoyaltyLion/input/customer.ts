import { isRecord } from '../shared/isRecord';
import { InvalidInput } from './InvalidInput';
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
	throw new InvalidInput(
		'Customer is set in a way that this node does not know',
		'Customer must be set to By Merchant ID, with the ID filled in.',
	);
}

function isLocator(value: unknown): value is { mode: unknown; value: unknown } {
	return isRecord(value) && 'mode' in value && 'value' in value;
}
