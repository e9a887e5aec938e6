import type { IDataObject } from 'n8n-workflow';
import { detailSentences, needing, sentences } from '../errors/answers';
import { isRecord, parseJson } from '../shared/json';
import type { ChangeWords, Client } from '../transport/Client';
import type { Answer } from '../transport/request';
import { customerNotFound, nameOf, type KnownCustomer } from './notFound';

/** What can be changed of a customer; what is not given stays as it is. */
export interface CustomerChanges {
	/** YYYY-MM-DD */
	birthday?: string;
	blocked?: boolean;
}

/** That nothing was changed, a sentence. */
export const NOT_UPDATED = 'The customer was not updated.';

/** A customer as LoyaltyLion returns it takes far less. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Changes a customer: `PATCH /v2/customers/{merchant_id}` (LoyaltyLion Admin API, Update Customer).
 *
 * @param client who sends
 * @param customer whom
 * @param changes what
 * @returns the customer, as LoyaltyLion returns it
 * @throws {ItemFailure} when it was not done, or when that is not known
 */
export async function updateCustomer(
	client: Client,
	customer: KnownCustomer,
	changes: CustomerChanges,
): Promise<IDataObject> {
	const request = {
		method: 'PATCH',
		path: `/v2/customers/${encodeURIComponent(customer.merchantId)}`,
		body: { customer: { ...changes } },
		maxBytes: MAX_ANSWER_BYTES,
	} as const;
	return await client.change(request, toWords(customer), readCustomer);
}

function readCustomer({ statusCode, complete, text }: Answer): IDataObject | undefined {
	const body = statusCode === 200 && complete ? parseJson(text) : undefined;
	if (!isRecord(body) || !isRecord(body.customer) || Array.isArray(body.customer)) return undefined;
	return body.customer as IDataObject;
}

function toWords(customer: KnownCustomer): ChangeWords {
	const who = nameOf(customer);
	return {
		...needing('write_customers'),
		nothingDone: NOT_UPDATED,
		forbidden: 'update customers',
		rejected: (answer) => ({
			message: `LoyaltyLion did not accept the changes for customer ${who}`,
			description: sentences(
				detailSentences(answer),
				NOT_UPDATED,
				'Correct these values, then send the item again.',
			),
		}),
		notFound: () => customerNotFound(customer, NOT_UPDATED),
		refused: () => ({
			message: `LoyaltyLion refused to update customer ${who}`,
			description: `${NOT_UPDATED} Look at the customer in LoyaltyLion.`,
		}),
		unclear: `Unclear whether customer ${who} was updated`,
		whenUnclear:
			'The customer may have been updated. It is safe to send this item again: updating twice comes to the same.',
	};
}
