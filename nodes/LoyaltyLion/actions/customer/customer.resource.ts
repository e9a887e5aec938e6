import type { Resource } from '../Resource';
import { addPoints } from './addPoints.operation';
import { update } from './update.operation';

export const customer: Resource = {
	value: 'customer',
	name: 'Customer',
	operations: [addPoints, update],
};
