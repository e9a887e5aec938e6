import type { Resource } from '../Resource';
import { getAll } from './getAll.operation';

export const transaction: Resource = {
	value: 'transaction',
	name: 'Transaction',
	operations: [getAll],
};
