import {
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
	'n8n-nodes-base.manualTrigger': trigger('n8n-nodes-base.manualTrigger'),
	/** Passes its items on. */
	'n8n-nodes-base.noOp': action('n8n-nodes-base.noOp', [], (context) => context.getInputData()),
	/** It keeps what it has seen in n8n's database, which there is none of here. */
	'n8n-nodes-base.removeDuplicates': action('n8n-nodes-base.removeDuplicates', [], (context) =>
		context.getInputData(),
	),
	'n8n-nodes-base.form': action('n8n-nodes-base.form', [], (context) => context.getInputData()),
	'n8n-nodes-base.emailSend': action('n8n-nodes-base.emailSend', [], (context) =>
		context.getInputData(),
	),
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
	toItems: (context: IExecuteFunctions) => INodeExecutionData[],
): INodeType {
	return {
		description: describe(name, [NodeConnectionTypes.Main], properties),
		async execute() {
			return [toItems(this)];
		},
	};
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
