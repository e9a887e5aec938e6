import type { IDataObject } from 'n8n-workflow';
import type { Activity, SentActivity } from '../../activities/Activity';
import {
	findTracked,
	NOT_TRACKED,
	track as sendActivity,
	type Tracked,
	type UnclearActivity,
} from '../../activities/track';
import { ItemFailure, type FailureFacts } from '../../errors/ItemFailure';
import { newActivityIdField, ruleNameField } from '../../fields/activity';
import { toCustomerField, whomOf, type CustomerChoice } from '../../fields/customer';
import { toTimeField } from '../../fields/dates';
import { toOptions, type Field } from '../../fields/Field';
import { InvalidInput, unusableValue } from '../../fields/InvalidInput';
import { ItemFields } from '../../fields/ItemFields';
import { DEFAULT_PACE, toRequestFields } from '../../fields/requestOptions';
import { siteIdField } from '../../fields/siteId';
import { ItemMemory } from '../../run/ItemMemory';
import type { InputItem, Operation, OperationWords } from '../../run/Operation';
import type { Run } from '../../run/Run';
import { isRecord } from '../../shared/json';
import { plainText } from '../../shared/plainText';
import { assertNotCanceled } from '../../transport/Patience';
import { prepare } from '../prepare';

const customerField = toCustomerField({
	description: 'The customer who did it',
	listHint: 'Every item tracks an activity of this one customer.',
});

const dateField = toTimeField({
	displayName: 'Date',
	name: 'date',
	description: 'When it happened; when left empty, it is now',
});

/** What else is told of the activity, by name; `undefined` for nothing. */
const propertiesField: Field<IDataObject | undefined> = {
	property: {
		displayName: 'Properties',
		name: 'properties',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add property',
		default: {},
		description: 'What else to tell of the activity, e.g. the page that was visited',
		options: [
			{
				displayName: 'Property',
				name: 'property',
				values: [
					{
						displayName: 'Name',
						name: 'name',
						type: 'string',
						default: '',
						placeholder: 'e.g. url',
						description: 'What the property is called',
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: 'e.g. https://example.com/quiz',
						description: 'What the property is',
					},
				],
			},
		],
	},
	read(value, label) {
		const rows: unknown[] = isRecord(value) && Array.isArray(value.property) ? value.property : [];
		const properties = rows.map(readProperty);
		const names = new Set(properties.map(([name]) => name));
		if (names.size < properties.length) {
			throw new InvalidInput(
				`${label} has a name twice`,
				`Each of ${label} must have a name of its own.`,
			);
		}
		return properties.length > 0 ? Object.fromEntries(properties) : undefined;
	},
};

function readProperty(row: unknown): [string, string | number | boolean] {
	const { name, value } = isRecord(row) ? row : {};
	const isName = typeof name === 'string' && name.trim() !== '';
	if (!isName || LOST_ON_THE_WAY.includes(name.trim())) {
		throw unusableValue(
			'The name of a property',
			name,
			'Each of Properties must have a name, e.g. url.',
		);
	}
	const isText = typeof value === 'string' && value.trim() !== '';
	if (isText || typeof value === 'boolean' || Number.isFinite(value)) {
		return [name.trim(), value as string | number | boolean];
	}
	const label = `The property ${plainText(name, MAX_SHOWN_CHARACTERS)}`;
	throw unusableValue(label, value, `${label} must have a text or a number for its value.`);
}

/** In JavaScript these mean something else, so that n8n's request helper does not send them. */
const LOST_ON_THE_WAY = ['__proto__', 'constructor', 'prototype'];

const MAX_SHOWN_CHARACTERS = 60;

const optionFields = {
	siteId: siteIdField,
	...toRequestFields(
		'When none comes to the activity itself, it is unclear whether it was tracked.',
	),
};

const WORDS: OperationWords = {
	done: 'were tracked',
	notDone: 'failed',
	reasons: {
		not_permitted: 'the API key lacks the write_customers scope',
		customer_not_found: 'LoyaltyLion has no such customer',
		customer_ambiguous: 'several LoyaltyLion customers have the same email',
		lookup_failed: 'LoyaltyLion could not be asked who the customer is',
		refused: 'LoyaltyLion refused, or the customer has no merchant ID',
	},
	unclearAdvice:
		"Look at the customer's history in LoyaltyLion before you send the unclear ones again.",
	unexpected: {
		code: 'outcome_unknown',
		message: 'Something unexpected happened in the LoyaltyLion node',
		description:
			"The activity may have been tracked. Look at the customer's history in LoyaltyLion before you send this item again, and tell the makers of this node.",
	},
	blank: { subject: { ruleName: null, merchantId: null, activityId: null }, beside: {} },
	errorFields: ({ isUnclear }) => ({ activityMayHaveBeenTracked: isUnclear }),
};

/** Track: `POST /v2/activities` (LoyaltyLion Admin API v2). */
export const track: Operation = {
	value: 'track',
	name: 'Track',
	action: 'Track activity',
	description:
		'Tell LoyaltyLion that a customer did what one of your rules rewards; the rule decides on the points. LoyaltyLion does not tell whether a rule matched. Not for purchases: LoyaltyLion reads those in your store itself.',
	fields: [
		{ ...ruleNameField.property, hint: 'LoyaltyLion does not tell whether a rule matched' },
		customerField.property,
		newActivityIdField.property,
		propertiesField.property,
		dateField.property,
		toOptions(optionFields),
	],
	words: WORDS,
	execute,
};

/** What became of an item in an earlier try: it was tracked, or nobody knows why not. */
interface Remembered {
	sent: SentActivity;
	unclear?: FailureFacts;
}

async function execute(item: InputItem): Promise<IDataObject> {
	const memory = item.run.shared(toMemory);
	const earlier = memory.recall(item.itemIndex);
	if (earlier) item.report = reportOf(earlier.sent);
	if (earlier?.unclear) return await clarify(item, { ...earlier, facts: earlier.unclear });
	if (earlier) return outcomeOf({ ...earlier, confirmedBy: 'earlierTry' });
	// Before its fields are read: of many items that takes longer than anybody waits for a cancel.
	assertNotCanceled(item.signal);
	const { told, ...input } = readInput(item);
	const { client, customer } = await prepare(item, input, NOT_TRACKED);
	const activity = { ...told, ...customer };
	item.report = reportOf(activity);
	const tracked = await sendActivity({ client, activity, ...recordOf(item) });
	return keepTracked(item, tracked);
}

/** Goes on with what an earlier try has left unclear: with what was sent then, whatever the fields say now. */
async function clarify(item: InputItem, unclear: UnclearActivity): Promise<IDataObject> {
	const options = new ItemFields(item.run.parameters, item.itemIndex).readOptions(optionFields);
	const client = await item.run.client(item, options ?? DEFAULT_PACE).catch(() => {
		throw new ItemFailure(unclear.facts);
	});
	return keepTracked(item, await findTracked(client, unclear));
}

function keepTracked(item: InputItem, tracked: Tracked): IDataObject {
	item.run.shared(toMemory).remember(item.itemIndex, { sent: tracked.sent });
	return outcomeOf(tracked);
}

function recordOf({ run, itemIndex }: InputItem) {
	const memory = run.shared(toMemory);
	return {
		keepUnclear: ({ sent, facts }: UnclearActivity) =>
			memory.remember(itemIndex, { sent, unclear: facts }),
		forget: () => memory.forget(itemIndex),
	};
}

function toMemory(run: Run): ItemMemory<Remembered> {
	return new ItemMemory(run, 'loyaltyLionActivities');
}

interface Outcome {
	sent: SentActivity;
	confirmedBy: Tracked['confirmedBy'] | 'earlierTry';
}

function outcomeOf({ sent, confirmedBy }: Outcome): IDataObject {
	return { success: true, ...subjectOf(sent), date: sent.date ?? null, confirmedBy };
}

type Subject = Pick<Activity, 'ruleName' | 'merchantId' | 'email' | 'activityId' | 'date'>;

function reportOf(activity: Subject) {
	return { subject: subjectOf(activity), beside: { date: activity.date ?? null } };
}

function subjectOf({ ruleName, merchantId, email, activityId }: Subject): IDataObject {
	return { ruleName, merchantId, ...(email !== undefined && { email }), activityId };
}

interface TrackInput {
	told: Omit<Activity, 'merchantId' | 'email'>;
	choice: CustomerChoice;
	requestsPerSecond: number;
	timeoutMs: number;
}

function readInput(item: InputItem): TrackInput {
	const itemFields = new ItemFields(item.run.parameters, item.itemIndex);
	const ruleName = itemFields.read(ruleNameField);
	const choice = itemFields.read(customerField);
	const activityId = itemFields.read(newActivityIdField);
	const properties = itemFields.read(propertiesField);
	const date = itemFields.read(dateField);
	const options = itemFields.readOptions(optionFields);
	item.report = {
		subject: {
			ruleName: ruleName ?? null,
			merchantId: null,
			...choice,
			activityId: activityId ?? null,
		},
		beside: { date: date ?? null },
	};
	if (itemFields.hasFaults || !ruleName || !choice || activityId === undefined || !options) {
		throw itemFields.failure(whomOf(choice));
	}
	const { siteId, ...pace } = options;
	return {
		told: {
			ruleName,
			activityId,
			...(properties && { properties }),
			...(date !== undefined && { date }),
			...(siteId !== undefined && { siteId }),
		},
		choice,
		...pace,
	};
}
