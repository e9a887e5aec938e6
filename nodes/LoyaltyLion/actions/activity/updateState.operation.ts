import type { IDataObject } from 'n8n-workflow';
import type { ActivityKey } from '../../activities/Activity';
import { updateState as sendState, type ActivityState } from '../../activities/updateState';
import { activityIdField, ruleNameField } from '../../fields/activity';
import { toOptions, type Field } from '../../fields/Field';
import { unusableValue } from '../../fields/InvalidInput';
import { ItemFields } from '../../fields/ItemFields';
import { toRequestFields } from '../../fields/requestOptions';
import type { InputItem, Operation, OperationWords } from '../../run/Operation';
import { Turns } from '../../shared/Turns';
import { assertNotCanceled } from '../../transport/Patience';

const STATES: ActivityState[] = ['approved', 'declined', 'void'];

const stateField: Field<ActivityState> = {
	property: {
		displayName: 'State',
		name: 'state',
		type: 'options',
		options: [
			{
				name: 'Approved',
				value: 'approved',
				description: 'The customer can spend the points that were pending',
			},
			{
				name: 'Declined',
				value: 'declined',
				description:
					'The customer does not get the points that were pending. An approved activity is made void.',
			},
			{
				name: 'Void',
				value: 'void',
				description: 'The points of an approved activity are taken back from the customer',
			},
		],
		default: 'approved',
		required: true,
		description:
			'The state to give the activity. A pending one can be approved or declined, and an approved one can be made void.',
	},
	// Else an expression that comes to nothing would be taken for the first.
	needsValue: true,
	read(value, label) {
		const state = STATES.find((each) => each === value);
		if (state !== undefined) return state;
		throw unusableValue(label, value, `${label} must be one of ${STATES.join(', ')}.`);
	},
};

const optionFields = toRequestFields();

const WORDS: OperationWords = {
	done: 'were updated',
	notDone: 'failed',
	reasons: {
		not_permitted: 'the API key lacks the write_customers scope',
		activity_not_found: 'LoyaltyLion has no such activity',
		refused: 'LoyaltyLion refused to give the activity that state',
	},
	isRepeatable: true,
	unclearAdvice: 'It is safe to send the unclear ones again.',
	unexpected: {
		code: 'outcome_unknown',
		message: 'Something unexpected happened in the LoyaltyLion node',
		description:
			"The activity's state may have been changed. It is safe to send this item again; if it stays so, tell the makers of this node.",
	},
	blank: { subject: { ruleName: null, activityId: null, state: null }, beside: {} },
	errorFields: ({ isUnclear }) => ({ activityMayHaveBeenUpdated: isUnclear }),
};

/** Update State: `PUT /v2/activities/{name}/{merchant_id}` (LoyaltyLion Admin API v2). */
export const updateState: Operation = {
	value: 'updateState',
	name: 'Update State',
	action: 'Update state of activity',
	description:
		'Approve or decline an activity that is pending, or take back the points of an approved one. It returns the activity and its new state.',
	fields: [
		ruleNameField.property,
		activityIdField.property,
		stateField.property,
		toOptions(optionFields),
	],
	words: WORDS,
	execute,
};

async function execute(item: InputItem): Promise<IDataObject> {
	const { activity, state, ...pace } = readInput(item);
	assertNotCanceled(item.signal);
	item.run.patience.assertLasts();
	const client = await item.run.client(item, pace);
	// Of two items for the same activity, the last one counts.
	const key = JSON.stringify(activity);
	await item.run
		.shared(toTurns)
		.take(key, item.signal, async () => await sendState(client, activity, state));
	return { success: true, ...activity, state };
}

function toTurns(): Turns {
	return new Turns();
}

interface UpdateStateInput {
	activity: ActivityKey;
	state: ActivityState;
	requestsPerSecond: number;
	timeoutMs: number;
}

function readInput(item: InputItem): UpdateStateInput {
	const itemFields = new ItemFields(item.run.parameters, item.itemIndex);
	const ruleName = itemFields.read(ruleNameField);
	const activityId = itemFields.read(activityIdField);
	const state = itemFields.read(stateField);
	const options = itemFields.readOptions(optionFields);
	item.report = {
		subject: {
			ruleName: ruleName ?? null,
			activityId: activityId ?? null,
			state: state ?? null,
		},
		beside: {},
	};
	if (ruleName === undefined || activityId === undefined || !state || !options) {
		throw itemFields.failure(activityId === undefined ? 'this item' : `activity ${activityId}`);
	}
	return { activity: { ruleName, activityId }, state, ...options };
}
