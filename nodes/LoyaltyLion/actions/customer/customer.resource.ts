import type { Resource } from '../Resource';
import { addPoints } from './addPoints.operation';
import { removePoints } from './removePoints.operation';

export const customer: Resource = {
	value: 'customer',
	name: 'Customer',
	operations: [addPoints, removePoints],
};
