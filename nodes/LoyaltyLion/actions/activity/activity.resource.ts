import type { Resource } from '../Resource';
import { track } from './track.operation';
import { updateState } from './updateState.operation';

export const activity: Resource = {
	value: 'activity',
	name: 'Activity',
	operations: [track, updateState],
};
