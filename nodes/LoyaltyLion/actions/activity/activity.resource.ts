import type { Resource } from '../Resource';

export const activity: Resource = {
	value: 'activity',
	name: 'Activity',
	operations: [],
};
