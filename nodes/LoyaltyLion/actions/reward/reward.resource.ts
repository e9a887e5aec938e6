import type { Resource } from '../Resource';
import { claim } from './claim.operation';

export const reward: Resource = {
	value: 'reward',
	name: 'Reward',
	operations: [claim],
};
