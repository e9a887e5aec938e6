import type { Resource } from '../Resource';

export const reward: Resource = {
	value: 'reward',
	name: 'Reward',
	operations: [],
};
