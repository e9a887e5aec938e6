import { isRecord } from '../shared/json';
import type { Field } from './Field';
import { InvalidInput, unusableValue } from './InvalidInput';
import { wholeNumber } from './values';

/** Which reward, by LoyaltyLion's own ID: a resource locator, `{ mode, value }`. */
export const rewardField: Field<number> = {
	property: {
		displayName: 'Reward',
		name: 'reward',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		required: true,
		description: 'The reward to claim',
		typeOptions: { loadOptionsDependsOn: ['customer.value', 'options.siteId'] },
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Select a reward...',
				typeOptions: { searchListMethod: 'searchRewards', searchable: true },
				hint: 'The rewards that LoyaltyLion offers to the customer above, whether or not there are points enough',
			},
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. 1234',
				hint: "LoyaltyLion's ID of the reward, a number",
			},
		],
	},
	read(value) {
		const { mode, value: choice } = isRecord(value) ? value : {};
		if (mode !== 'list' && mode !== 'id') {
			throw new InvalidInput(
				'Reward is set in a way that this node does not know',
				'Reward must be set to From List or By ID.',
			);
		}
		const id = wholeNumber(choice, 1, Number.MAX_SAFE_INTEGER);
		if (id !== undefined) return id;
		throw unusableValue(
			'Reward ID',
			choice,
			"Reward ID must be LoyaltyLion's number of the reward, in digits only, e.g. 1234.",
		);
	},
};
