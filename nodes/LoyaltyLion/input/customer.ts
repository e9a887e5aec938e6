import { isRecord } from '../shared/isRecord';
import { readEmail } from './email';
import { InvalidInput } from './InvalidInput';
import { readMerchantId } from './merchantId';

/** How the user says which customer: by one of the two. */
export type CustomerChoice = { email: string } | { merchantId: string };

/**
 * Reads the Customer field, a resource locator.
 *
 * @param value what the field came to: `{ mode, value }`
 * @returns the customer's email or merchant ID
 * @throws {InvalidInput} when the mode is none of the node's, or the value does not fit it
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
