import type {
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
} from 'n8n-workflow';
import { chooseCustomer, merchantIdOf } from '../customers/chooseCustomer';
import { findByEmail } from '../customers/listCustomers';
import { ItemFailure, type FailureFacts } from '../errors/ItemFailure';
import { readCustomer } from '../fields/customer';
import { inputFailure, InvalidInput, isEmpty } from '../fields/InvalidInput';
import { wholeNumber } from '../fields/values';
import {
	readAvailableRewards,
	REWARDS_WORDS,
	type AvailableReward,
} from '../rewards/availableRewards';
import { openOutsideRun } from '../run/openOutsideRun';
import { toEditorError } from '../run/output';
import { isRecord } from '../shared/json';
import { toReadFailure, type Client } from '../transport/Client';

/**
 * Fills the list of rewards in the editor: those that LoyaltyLion offers to the customer whom the node is set to.
 *
 * @param filter what the user typed; rewards are kept whose title contains it, or whose ID begins with it
 * @returns one row for each reward
 * @throws {NodeOperationError} when no customer is chosen, or LoyaltyLion could not be asked: what to do
 */
export async function searchRewards(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	try {
		const client = await openOutsideRun(this);
		const merchantId = await chosenCustomer(this, client);
		const rewards = await readAvailableRewards(client, merchantId, chosenSite(this));
		return { results: rewards.filter((reward) => fits(reward, filter.trim())).map(toRow) };
	} catch (error) {
		throw toEditorError(this.getNode(), toFailure(error));
	}
}

async function chosenCustomer(context: ILoadOptionsFunctions, client: Client): Promise<string> {
	const chosen: unknown = context.getCurrentNodeParameter('customer');
	const value = isRecord(chosen) ? chosen.value : undefined;
	if (typeof value === 'string' && value.startsWith('=')) throw new ItemFailure(NO_ONE_CUSTOMER);
	if (isEmpty(value)) throw new ItemFailure(NO_CUSTOMER);
	const choice = readCustomer(chosen);
	if ('merchantId' in choice) return choice.merchantId;
	const { email } = choice;
	return merchantIdOf(chooseCustomer(await findByEmail(client, email), email), email);
}

function toFailure(error: unknown): ItemFailure {
	return error instanceof InvalidInput ? inputFailure(error) : toReadFailure(error, REWARDS_WORDS);
}

/** What is no number narrows nothing down while the field is being filled in. */
function chosenSite(context: ILoadOptionsFunctions): number | undefined {
	const chosen = context.getCurrentNodeParameter('options.siteId');
	return wholeNumber(chosen, 1, Number.MAX_SAFE_INTEGER);
}

function fits({ id, title }: AvailableReward, filter: string): boolean {
	return title.toLowerCase().includes(filter.toLowerCase()) || String(id).startsWith(filter);
}

function toRow({ id, title, pointCost }: AvailableReward): INodeListSearchItems {
	const cost =
		pointCost === undefined
			? {}
			: { description: `${pointCost} ${pointCost === 1 ? 'point' : 'points'}` };
	return { name: title, value: String(id), ...cost };
}

const NO_CUSTOMER: FailureFacts = {
	code: 'invalid_input',
	message: 'No customer is chosen yet',
	description:
		'LoyaltyLion lists rewards by customer. Choose one in Customer first, or set Reward to By ID.',
};

const NO_ONE_CUSTOMER: FailureFacts = {
	code: 'invalid_input',
	message: 'Customer holds an expression, so it is not one customer whose rewards could be listed',
	description:
		'Set Customer to any one customer, choose the reward, and put the expression back; or set Reward to By ID.',
};
