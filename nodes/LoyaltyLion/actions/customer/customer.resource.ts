import type { Resource } from '../Resource';
import { addPoints } from './addPoints.operation';
import { get } from './get.operation';
import { getAll } from './getAll.operation';
import { removePoints } from './removePoints.operation';
import { update } from './update.operation';

export const customer: Resource = {
	value: 'customer',
	name: 'Customer',
	operations: [addPoints, get, getAll, removePoints, update],
};
