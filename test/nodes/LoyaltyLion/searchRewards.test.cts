import type { INodeParameters, NodeParameterValueType } from 'n8n-workflow';
import { shop } from '../../harness/shop.cts';

const { standIn, n8n, credential } = shop({
	1: { email: 'ann@example.com' },
	2: { email: 'bob@example.com' },
});

beforeEach(() => {
	standIn.rewards = [
		{ id: 7, title: '5 off', pointCost: 100 },
		{ id: 70, title: 'Tote bag', pointCost: 1 },
		{ id: 8, title: 'Only for Bob', pointCost: 50, only: ['2'] },
		{ id: 9, title: 'At the other site', pointCost: 10, siteId: 5 },
	];
});

const customer = (value: NodeParameterValueType, mode = 'merchantId') => ({
	customer: { __rl: true, mode, value } as INodeParameters,
});

const search = async (parameters: INodeParameters, filter?: string) =>
	await n8n().searchList('searchRewards', credential(), filter, undefined, parameters);

const namesOf = ({ results }: { results: { name: string }[] }) => results.map(({ name }) => name);

test('lists what LoyaltyLion offers to the customer, with what it costs', async () => {
	expect(await search(customer('1'))).toEqual({
		results: [
			{ name: '5 off', value: '7', description: '100 points' },
			{ name: 'Tote bag', value: '70', description: '1 point' },
			{ name: 'At the other site', value: '9', description: '10 points' },
		],
	});
	expect(standIn.breaches).toEqual([]);
});

test.each([
	['a merchant ID', customer('2')],
	['one from the list', customer('2', 'list')],
	['an email', customer('BOB@example.com', 'email')],
])('knows the customer by %s', async (_how, parameters) => {
	expect(namesOf(await search(parameters))).toContain('Only for Bob');
});

test('keeps to a site', async () => {
	standIn.siteIds = [4, 5];
	const found = await search({ ...customer('1'), options: { siteId: '5' } });

	expect(namesOf(found)).toContain('At the other site');
	expect(standIn.requests.at(-1)?.path).toMatch(/available_rewards\?site_id=5$/);
});

test.each([
	['TOTE', ['Tote bag']],
	[' off ', ['5 off']],
	['7', ['5 off', 'Tote bag']],
	['', ['5 off', 'Tote bag', 'At the other site']],
	['(', []],
])('finds %j', async (filter, names) => {
	expect(namesOf(await search(customer('1'), filter))).toEqual(names);
});

test('shows what LoyaltyLion does not name', async () => {
	const body = JSON.stringify({ rewards: [{ id: 5 }, { title: 'No ID' }, null, 'x'] });
	standIn.misbehaveAt('listAvailableRewards', { kind: 'status', status: 200, body });

	expect(await search(customer('1'))).toEqual({ results: [{ name: 'Reward 5', value: '5' }] });
});

test.each([
	[
		'no customer',
		{},
		/^No customer is chosen yet\. .*Choose one in Customer first, or set Reward to By ID/,
	],
	['an empty one', customer(''), /^No customer is chosen yet/],
	[
		'an expression',
		customer('={{ $json.id }}'),
		/^Customer holds an expression, .*Set Customer to any one customer, choose the reward, and put the expression back; or set Reward to By ID/,
	],
	['no email', customer('ann', 'email'), /^Email can't be "ann"/],
	[
		'an email that nobody has',
		customer('eve@example.com', 'email'),
		/^No LoyaltyLion customer has/,
	],
	['a customer who is not there', customer('999'), /^LoyaltyLion has no such customer/],
])('says what to do about %s', async (_what, parameters, says) => {
	await expect(search(parameters as INodeParameters)).rejects.toMatchObject({
		name: 'NodeOperationError',
		message: expect.stringMatching(says),
	});
});

test.each([
	[
		{ kind: 'status', status: 403, body: '{"error":{"message":"No"}}' },
		/may not read a customer's rewards/,
	],
	[{ kind: 'status', status: 500 }, /could not be asked for the customer's rewards/],
	[{ kind: 'status', status: 200, body: '{"rewards":null}' }, /could not be asked/],
] as const)('says so when LoyaltyLion answers %j', async (fault, says) => {
	standIn.misbehaveAt('listAvailableRewards', fault);

	await expect(search(customer('1'))).rejects.toThrow(says);
});
