import type { Resource } from '../Resource';
import { getAll } from './getAll.operation';
import { track } from './track.operation';
import { updateState } from './updateState.operation';

export const activity: Resource = {
	value: 'activity',
	name: 'Activity',
	operations: [getAll, track, updateState],
};
