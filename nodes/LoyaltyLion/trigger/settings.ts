import type { IHookFunctions, INodeProperties, IWebhookFunctions } from 'n8n-workflow';
import { InvalidInput, unusableValue } from '../fields/InvalidInput';
import { readChoices, readFlag } from '../fields/values';
import { isRecord } from '../shared/json';
import { EVENTS, LOOPING_TOPICS, toEventOptions } from './events';

/** What a user sets the trigger to. */
export interface TriggerSettings {
	/** LoyaltyLion's names of the events that start the workflow. */
	topics: string[];
	/** Whether events start it that are not signed. */
	acceptUnsigned: boolean;
	/** Whether an event that LoyaltyLion delivers again is left out. */
	ignoreRepeated: boolean;
	/** Whether an event comes out as LoyaltyLion sent it. */
	raw: boolean;
}

const EVENTS_LABEL = 'Events';
const EVENTS_NAME = 'events';
const OPTIONS_NAME = 'options';

const acceptUnsigned: INodeProperties = {
	displayName: 'Accept Unsigned Events',
	name: 'acceptUnsigned',
	type: 'boolean',
	default: false,
	description:
		"Whether to take events that carry no signature. Anybody who learns this node's address can then start the workflow: leave it off where the workflow gives away points.",
};

const ignoreRepeated: INodeProperties = {
	displayName: 'Ignore Repeated Events',
	name: 'ignoreRepeated',
	type: 'boolean',
	default: true,
	description:
		'Whether to leave out an event that LoyaltyLion delivers again, which it may do at any time. The node remembers the last 10,000 events until n8n restarts; several webhook processes do not know of each other. For points, set Only Once Per to the event as well.',
};

const raw: INodeProperties = {
	displayName: 'Raw Output',
	name: 'raw',
	type: 'boolean',
	default: false,
	description:
		'Whether to output the event exactly as LoyaltyLion sent it, with its payload nested',
};

/** The fields of the trigger. */
export const TRIGGER_PROPERTIES: INodeProperties[] = [
	{
		displayName: EVENTS_LABEL,
		name: EVENTS_NAME,
		type: 'multiOptions',
		options: toEventOptions(),
		default: [],
		required: true,
		description: 'What starts the workflow',
		hint: 'If n8n cannot be reached for long, LoyaltyLion stops sending an event. Unpublish the workflow then, and publish it again.',
	},
	{
		displayName:
			'Started by Points Earned or Customer Updated, a workflow that adds points to the same customer, or changes the customer, starts itself again, without end. Let an If node end it, e.g. by the reason of the points, or set Only Once Per in the LoyaltyLion node to something that stays the same, e.g. a campaign.',
		name: 'loopNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { [EVENTS_NAME]: LOOPING_TOPICS } },
	},
	{
		displayName: 'Options',
		name: OPTIONS_NAME,
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [acceptUnsigned, ignoreRepeated, raw],
	},
];

/**
 * Reads what the trigger is set to.
 *
 * @param context what n8n hands the trigger
 * @returns the settings
 * @throws {InvalidInput} for a value that cannot be used
 */
export function readSettings(context: IHookFunctions | IWebhookFunctions): TriggerSettings {
	const topics = readChoices(
		context.getNodeParameter(EVENTS_NAME, []),
		EVENTS_LABEL,
		EVENTS.map(({ topic }) => topic),
	);
	if (!topics) {
		throw new InvalidInput(
			'No event is chosen',
			'Open the LoyaltyLion Trigger, and choose at least one in Events.',
		);
	}
	const options: unknown = context.getNodeParameter(OPTIONS_NAME, {});
	return {
		topics: [...new Set(topics)],
		acceptUnsigned: flagOf(options, acceptUnsigned),
		ignoreRepeated: flagOf(options, ignoreRepeated),
		raw: flagOf(options, raw),
	};
}

function flagOf(options: unknown, { name, displayName, default: unset }: INodeProperties): boolean {
	if (!isRecord(options))
		throw unusableValue('Options', options, 'Options must be set one by one.');
	return readFlag(options[name] ?? unset, displayName);
}
