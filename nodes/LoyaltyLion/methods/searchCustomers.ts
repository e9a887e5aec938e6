import type {
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
} from 'n8n-workflow';
import type { Customer } from '../customers/customer';
import { CUSTOMER_WORDS, listCustomers } from '../customers/listCustomers';
import { openOutsideRun } from '../run/openOutsideRun';
import { toEditorError } from '../run/output';
import { toReadFailure } from '../transport/Client';

const PAGE_SIZE = 100;

/**
 * Fills the list of customers in the editor, newest first, page by page as the list scrolls.
 *
 * @param filter what the user typed; LoyaltyLion keeps the customers whose email contains it
 * @param paginationToken the last page's cursor
 * @returns one row for each customer who can get points, and the next page's cursor
 * @throws {NodeOperationError} when LoyaltyLion could not be asked: what is the matter and what to do
 */
export async function searchCustomers(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	try {
		const page = await listCustomers(await openOutsideRun(this), {
			limit: PAGE_SIZE,
			...(filter && { email: filter.trim() }),
			...(paginationToken && { cursor: paginationToken }),
		});
		const results = page.customers.flatMap(toRow);
		return page.next === undefined ? { results } : { results, paginationToken: page.next };
	} catch (error) {
		throw toEditorError(this.getNode(), toReadFailure(error, CUSTOMER_WORDS));
	}
}

function toRow(customer: Customer): INodeListSearchItems[] {
	const { merchantId, blocked, pointsApproved } = customer;
	if (merchantId === undefined) return [];
	const points =
		pointsApproved === undefined
			? {}
			: { description: `${pointsApproved} ${pointsApproved === 1 ? 'point' : 'points'}` };
	return [
		{
			name: `${label(customer, merchantId)}${blocked ? ' – blocked' : ''}`,
			value: merchantId,
			...points,
		},
	];
}

function label({ name, email }: Customer, merchantId: string): string {
	if (name && email) return `${name} (${email})`;
	return name ?? email ?? `Merchant ID ${merchantId}`;
}
