import type {
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
} from 'n8n-workflow';
import type { Customer } from '../customers/customer';
import { listCustomers } from '../customers/listCustomers';
import { toLookupFailure } from '../errors/lookups';
import { toEditorError } from '../errors/nodeOutput';
import { DEFAULT_REQUESTS_PER_SECOND } from '../input/requestsPerSecond';
import { Connector } from '../transport/connect';
import { get } from '../transport/get';
import { Patience } from '../transport/Patience';

const PAGE_SIZE = 100;
const TIMEOUT_MS = 30_000;

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
		const caller = {
			context: this,
			connection: await new Connector(this).connect(0),
			patience: new Patience(),
			place: 0,
			requestsPerSecond: DEFAULT_REQUESTS_PER_SECOND,
			timeoutMs: TIMEOUT_MS,
			signal: undefined,
		};
		const ask = async (path: string) => (await get(caller, path)).body;
		const page = await listCustomers(ask, {
			limit: PAGE_SIZE,
			...(filter && { email: filter.trim() }),
			...(paginationToken && { cursor: paginationToken }),
		});
		const results = page.customers.flatMap(toRow);
		return page.next === undefined ? { results } : { results, paginationToken: page.next };
	} catch (error) {
		throw toEditorError(this.getNode(), toLookupFailure(error));
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
