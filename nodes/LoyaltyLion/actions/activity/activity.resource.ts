import type { Resource } from '../Resource';
import { getAll } from './getAll.operation';

export const activity: Resource = {
	value: 'activity',
	name: 'Activity',
	operations: [getAll],
};
