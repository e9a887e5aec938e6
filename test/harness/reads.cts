import type { IDataObject as Json } from 'n8n-workflow';
import type { OperationId } from '../../dev/stand-in/operations.cts';
import type { StandIn } from '../../dev/stand-in/StandIn.cts';

/** An operation that only reads, set up so that it finds something in the shop below. */
export interface Read {
	what: string;
	parameters: Json & { resource: string; operation: string };
	/** What LoyaltyLion is asked first, and the key that the rows of its answer stand under. */
	asks: Exclude<OperationId, 'addPoints'>;
	key: 'customers' | 'transactions' | 'rewards' | 'activities';
	/** The path that is asked for, without the query. */
	path: string;
	/** What the item says of itself. */
	subject: Json;
	/** What is said when LoyaltyLion says that there is no such thing. */
	ifNotFound: 'customer_not_found' | 'lookup_failed';
}

/** Ann is a member with points, and all others are there to be told from her. */
export const SHOPPERS = {
	1001: { email: 'ann@example.com', name: 'Ann Lee', points: 50, birthday: '1990-11-24' },
	1002: { email: 'joann@example.com', name: 'Jo', enrolled: false, guest: true },
	1003: { email: 'bob@example.com', blocked: true },
};

/** Lets something have happened in the shop, beside who is there. */
export function fill(standIn: StandIn) {
	standIn.rewards = [
		{ id: 71, title: '5 off', pointCost: 50 },
		{ id: 72, title: '10 off', pointCost: 500 },
	];
	standIn.rules = { quiz: { points: 10 } };
	standIn.addByHand({ merchantId: '1001', points: 5, reason: 'Quiz' });
	standIn.actByHand({
		name: 'quiz',
		merchantId: 'answer-1',
		customerId: '1001',
		points: 10,
		state: 'approved',
	});
}

export const byEmail = (value: string) => ({ __rl: true, mode: 'email', value });

export const byMerchantId = (value: string) => ({ __rl: true, mode: 'merchantId', value });

const PATH_OF_ANN = '/v2/customers/1001';
const ANN = { merchantId: '1001' };
const ANN_BY_EMAIL = { merchantId: null, email: 'ann@example.com' };

/** Every such operation, in each way to say who is meant. */
export const READS: Read[] = [
	{
		what: 'Customer > Get, by email',
		parameters: {
			resource: 'customer',
			operation: 'get',
			customer: byEmail('ann@example.com'),
		},
		asks: 'listCustomers',
		key: 'customers',
		path: '/v2/customers',
		subject: ANN_BY_EMAIL,
		ifNotFound: 'lookup_failed',
	},
	{
		what: 'Customer > Get, by merchant ID',
		parameters: { resource: 'customer', operation: 'get', customer: byMerchantId('1001') },
		asks: 'listTransactions',
		key: 'transactions',
		path: `${PATH_OF_ANN}/transactions`,
		subject: ANN,
		ifNotFound: 'customer_not_found',
	},
	{
		what: 'Customer > Get Many',
		parameters: { resource: 'customer', operation: 'getAll' },
		asks: 'listCustomers',
		key: 'customers',
		path: '/v2/customers',
		subject: {},
		ifNotFound: 'lookup_failed',
	},
	{
		what: 'Transaction > Get Many, of all',
		parameters: { resource: 'transaction', operation: 'getAll' },
		asks: 'listAllTransactions',
		key: 'transactions',
		path: '/v2/transactions',
		subject: { merchantId: null },
		ifNotFound: 'lookup_failed',
	},
	{
		what: 'Transaction > Get Many, of one',
		parameters: {
			resource: 'transaction',
			operation: 'getAll',
			scope: 'one',
			customer: byMerchantId('1001'),
		},
		asks: 'listTransactions',
		key: 'transactions',
		path: `${PATH_OF_ANN}/transactions`,
		subject: ANN,
		ifNotFound: 'customer_not_found',
	},
	{
		what: 'Transaction > Get Many, of one by email',
		parameters: {
			resource: 'transaction',
			operation: 'getAll',
			scope: 'one',
			customer: byEmail('ann@example.com'),
		},
		asks: 'listCustomers',
		key: 'customers',
		path: '/v2/customers',
		subject: ANN_BY_EMAIL,
		ifNotFound: 'lookup_failed',
	},
	{
		what: 'Reward > Get Many',
		parameters: { resource: 'reward', operation: 'getAll', customer: byMerchantId('1001') },
		asks: 'listAvailableRewards',
		key: 'rewards',
		path: `${PATH_OF_ANN}/available_rewards`,
		subject: ANN,
		ifNotFound: 'customer_not_found',
	},
	{
		what: 'Activity > Get Many',
		parameters: { resource: 'activity', operation: 'getAll' },
		asks: 'listActivities',
		key: 'activities',
		path: '/v2/activities',
		subject: {},
		ifNotFound: 'lookup_failed',
	},
];

/** Those that go through a list of any length. */
export const LISTS = READS.filter(
	({ parameters: { resource, operation, customer } }) =>
		operation === 'getAll' && resource !== 'reward' && (customer as Json)?.mode !== 'email',
);

/** As fast as can be; each item says how long it waits for an answer, in seconds. */
export const FAST = { requestsPerSecond: 0, timeout: '={{ $json.timeout ?? 30 }}' };
