import {
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
	type INodeType,
	type INodeTypeDescription,
	type NodeConnectionType,
	NodeConnectionTypes,
} from 'n8n-workflow';

/**
 * n8n's own nodes that the test and example workflows use. They live in n8n-nodes-base, which is too
 * large to install for this; what they do here is all that the workflows need of them.
 */
export const nodeTypes: Record<string, INodeType> = {
	/** Gives what is pinned to it. */
	'n8n-nodes-base.formTrigger': trigger('n8n-nodes-base.formTrigger'),
	'n8n-nodes-base.executeWorkflowTrigger': trigger('n8n-nodes-base.executeWorkflowTrigger'),
	'n8n-nodes-base.manualTrigger': trigger('n8n-nodes-base.manualTrigger'),
	'n8n-nodes-base.scheduleTrigger': trigger('n8n-nodes-base.scheduleTrigger'),
	'n8n-nodes-base.webhook': trigger('n8n-nodes-base.webhook'),
	/** Passes its items on. */
	'n8n-nodes-base.noOp': action('n8n-nodes-base.noOp', [], (context) => context.getInputData()),
	'n8n-nodes-base.stickyNote': action('n8n-nodes-base.stickyNote', [], (context) =>
		context.getInputData(),
	),
	/** Each of these shows, beside its item, what the shopper or the shop would see. */
	'n8n-nodes-base.form': showing('n8n-nodes-base.form', ['completionMessage']),
	'n8n-nodes-base.respondToWebhook': showing('n8n-nodes-base.respondToWebhook', ['responseBody']),
	'n8n-nodes-base.emailSend': showing('n8n-nodes-base.emailSend', ['toEmail', 'text']),
	/** Gives what it would hand over to the other execution. */
	'n8n-nodes-base.executeWorkflow': action(
		'n8n-nodes-base.executeWorkflow',
		[{ ...property('workflowInputs'), type: 'resourceMapper', default: {} }],
		(context) =>
			context.getInputData().map((_, index) => ({
				json: context.getNodeParameter('workflowInputs.value', index) as IDataObject,
			})),
	),
	/** What it waits for is pinned to it; when only its time is up, it passes its items on. */
	'n8n-nodes-base.wait': action('n8n-nodes-base.wait', [], (context) => context.getInputData()),
	'n8n-nodes-base.filter': deciding('n8n-nodes-base.filter', [NodeConnectionTypes.Main]),
	'n8n-nodes-base.if': deciding('n8n-nodes-base.if', [
		NodeConnectionTypes.Main,
		NodeConnectionTypes.Main,
	]),
	/** Has n8n keep each item's value for it, one after the other, and shows which it had not kept yet. */
	'test.keeper': action('test.keeper', [], async (context) => {
		const kept: INodeExecutionData[] = [];
		for (const { json } of context.getInputData()) {
			const { value } = json as { value: string };
			const options = { mode: 'entries' } as const;
			const { new: fresh } = await context.helpers.checkProcessedAndRecord(
				[value],
				'node',
				options,
			);
			kept.push({ json: { value, isNew: fresh.length > 0 } });
		}
		return kept;
	}),
	/** Shows of each item what an expression downstream of the LoyaltyLion node sees. */
	'test.probe': action('test.probe', [property('sees')], (context) =>
		context.getInputData().map((item, index) => ({
			json: { ...item.json, sees: context.getNodeParameter('sees', index) },
			pairedItem: { item: index },
		})),
	),
};

function trigger(name: string): INodeType {
	return {
		description: describe(name, [], []),
		async execute() {
			throw new Error(`Pin the data that ${name} is to give.`);
		},
	};
}

function action(
	name: string,
	properties: INodeProperties[],
	toItems: (context: IExecuteFunctions) => INodeExecutionData[] | Promise<INodeExecutionData[]>,
): INodeType {
	return {
		description: describe(name, [NodeConnectionTypes.Main], properties),
		async execute() {
			return [await toItems(this)];
		},
	};
}

/** @param outputs the first for the items that meet its conditions; the second, if there is one, for all others */
function deciding(name: string, outputs: NodeConnectionType[]): INodeType {
	const conditions: INodeProperties = {
		...property('conditions'),
		type: 'filter',
		default: {},
		typeOptions: { filter: { version: 2 } },
	};
	return {
		description: { ...describe(name, [NodeConnectionTypes.Main], [conditions]), outputs },
		async execute() {
			const items = this.getInputData().map((item, index) => ({
				item: { json: item.json, pairedItem: { item: index } },
				isMet: this.getNodeParameter('conditions', index, false, { extractValue: true }) === true,
			}));
			const those = (met: boolean) =>
				items.filter(({ isMet }) => isMet === met).map(({ item }) => item);
			return outputs.map((_, index) => those(index === 0));
		},
	};
}

/** @param names of the parameters that it adds to its items, as they are filled in for each */
function showing(name: string, names: string[]): INodeType {
	return action(name, names.map(property), (context) =>
		context.getInputData().map((item, index) => ({
			json: {
				...item.json,
				...Object.fromEntries(
					names.map((each) => [each, context.getNodeParameter(each, index)] as const),
				),
			},
			pairedItem: { item: index },
		})),
	);
}

function describe(
	name: string,
	inputs: NodeConnectionType[],
	properties: INodeProperties[],
): INodeTypeDescription {
	return {
		displayName: name,
		name,
		group: ['transform'],
		version: [1, 2, 2.1, 2.2],
		description: '',
		defaults: { name },
		inputs,
		outputs: [NodeConnectionTypes.Main],
		properties,
	};
}

function property(name: string): INodeProperties {
	return { displayName: name, name, type: 'string', default: '' };
}
