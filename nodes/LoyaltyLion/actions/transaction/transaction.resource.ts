import type { Resource } from '../Resource';

export const transaction: Resource = {
	value: 'transaction',
	name: 'Transaction',
	operations: [],
};
