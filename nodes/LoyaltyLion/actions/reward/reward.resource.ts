import type { Resource } from '../Resource';
import { getAll } from './getAll.operation';
import { refund } from './refund.operation';

export const reward: Resource = {
	value: 'reward',
	name: 'Reward',
	operations: [getAll, refund],
};
