import type { Resource } from '../Resource';
import { refund } from './refund.operation';

export const reward: Resource = {
	value: 'reward',
	name: 'Reward',
	operations: [refund],
};
