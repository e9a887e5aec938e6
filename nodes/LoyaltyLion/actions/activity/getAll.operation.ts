import type { IDataObject } from 'n8n-workflow';
import { toCreatedFields } from '../../fields/dates';
import { toCollection, toOptions, type Field, type ValuesOf } from '../../fields/Field';
import { ItemFields } from '../../fields/ItemFields';
import { LIST_PROPERTIES, readLimit } from '../../fields/list';
import { toRequestFields } from '../../fields/requestOptions';
import { readChoices, readText } from '../../fields/values';
import type { InputItem, Operation } from '../../run/Operation';
import { isRecord } from '../../shared/json';
import { assertNotCanceled } from '../../transport/Patience';
import { readList, type List } from '../../transport/paging';
import { toReadingWords, toReadWords } from '../readingWords';

const ruleNameField: Field<string | undefined> = {
	property: {
		displayName: 'Rule Name',
		name: 'ruleName',
		type: 'string',
		default: '',
		placeholder: 'e.g. newsletter_signup',
		description:
			'Only activities of the rule with this name: that of a custom rule, or a built-in one with its dollar sign, such as $signup. LoyaltyLion cannot be asked for it, so the node reads activities until it has found enough.',
	},
	needsValue: true,
	read: (value, label) => readText(value, label, '$signup'),
};

/** What became of an activity's points (Admin API, List Activities). */
type ActivityState = 'approved' | 'declined' | 'pending' | 'void';

const stateField: Field<ActivityState[] | undefined> = {
	property: {
		displayName: 'State',
		name: 'state',
		type: 'multiOptions',
		options: [
			{ name: 'Approved', value: 'approved', description: 'The customer has the points' },
			{ name: 'Declined', value: 'declined', description: 'The customer does not get the points' },
			{ name: 'Pending', value: 'pending', description: 'The points wait for approval' },
			{ name: 'Void', value: 'void', description: 'The points were taken back' },
		],
		default: [],
		description:
			'Only activities in these states. LoyaltyLion cannot be asked for it, so the node reads activities until it has found enough.',
	},
	needsValue: true,
	read: (value, label) => readChoices(value, label, ['approved', 'declined', 'pending', 'void']),
};

const filterFields = {
	...toCreatedFields('activities from this time on', 'activities from before this time'),
	ruleName: ruleNameField,
	states: stateField,
};

const optionFields = toRequestFields();

/** Get many activities: `GET /v2/activities` (LoyaltyLion Admin API). */
export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many activities',
	description:
		'Read what customers did that LoyaltyLion has a rule for, newest first, one item for each activity with its state and points. Changes nothing.',
	fields: [
		...LIST_PROPERTIES,
		toCollection(
			{ displayName: 'Filters', name: 'filters', placeholder: 'Add filter' },
			filterFields,
		),
		toOptions(optionFields),
	],
	words: toReadingWords({}, { not_permitted: 'the API key lacks the read_customers scope' }),
	async execute(item) {
		assertNotCanceled(item.signal);
		const { most, filters, options } = readInput(item);
		const client = (await item.run.client(item, options)).unshared;
		const query = { created_at_min: filters.createdAfter, created_at_max: filters.createdBefore };
		const toOutput = (row: IDataObject) => (isWanted(row, filters) ? row : undefined);
		return await readList(client, ACTIVITIES, { most, query, toOutput }, WORDS);
	},
};

const ACTIVITIES: List = { path: '/v2/activities', key: 'activities' };

const WORDS = toReadWords('activities');

type Filters = ValuesOf<typeof filterFields>;

interface Input {
	most: number;
	filters: Filters;
	options: ValuesOf<typeof optionFields>;
}

function readInput(item: InputItem): Input {
	const itemFields = new ItemFields(item.run.parameters, item.itemIndex);
	const most = readLimit(itemFields);
	const filters = itemFields.readCollection('filters', filterFields);
	const options = itemFields.readOptions(optionFields);
	if (most === undefined || !filters || !options) throw itemFields.failure('this item');
	return { most, filters, options };
}

function isWanted({ state, rule }: IDataObject, { states, ruleName }: Filters): boolean {
	if (states && !states.some((each) => each === state)) return false;
	return ruleName === undefined || (isRecord(rule) && rule.name === ruleName);
}
