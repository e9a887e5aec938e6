import type { Resource } from '../Resource';
import { claim } from './claim.operation';
import { getAll } from './getAll.operation';
import { refund } from './refund.operation';

export const reward: Resource = {
	value: 'reward',
	name: 'Reward',
	operations: [claim, getAll, refund],
};
