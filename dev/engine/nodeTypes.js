const { NodeConnectionTypes } = require('n8n-workflow');

/**
 * @typedef {import('n8n-workflow').INodeType} INodeType
 * @typedef {import('n8n-workflow').IExecuteFunctions} IExecuteFunctions
 */

/**
 * n8n's own nodes that the test and example workflows use. They live in n8n-nodes-base, which is too
 * large to install for this; what they do here is all that the workflows need of them.
 *
 * @type {Record<string, INodeType>}
 */
const nodeTypes = {
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

/**
 * @param {string} name
 * @returns {INodeType}
 */
function trigger(name) {
	return {
		description: describe(name, [], []),
		async execute() {
			throw new Error(`Pin the data that ${name} is to give.`);
		},
	};
}

/**
 * @param {string} name
 * @param {import('n8n-workflow').INodeProperties[]} properties
 * @param {(context: IExecuteFunctions) => import('n8n-workflow').INodeExecutionData[]} toItems
 * @returns {INodeType}
 */
function action(name, properties, toItems) {
	return {
		description: describe(name, [NodeConnectionTypes.Main], properties),
		async execute() {
			return [toItems(this)];
		},
	};
}

/**
 * @param {string} name
 * @param {import('n8n-workflow').NodeConnectionType[]} inputs
 * @param {import('n8n-workflow').INodeProperties[]} properties
 * @returns {import('n8n-workflow').INodeTypeDescription}
 */
function describe(name, inputs, properties) {
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

/**
 * @param {string} name
 * @returns {import('n8n-workflow').INodeProperties}
 */
function property(name) {
	return { displayName: name, name, type: 'string', default: '' };
}

module.exports = { nodeTypes };
