const { NodeConnectionTypes } = require('n8n-workflow');

/**
 * @typedef {import('n8n-workflow').INodeType} INodeType
 */

/**
 * Makes the tool of a node that says it can be one, as n8n does (n8n, `convertNodeToAiTool`); the fields
 * that only describe the tool are left out.
 *
 * @param {INodeType} nodeType
 * @returns {INodeType}
 */
function asTool(nodeType) {
	const { usableAsTool, ...description } = nodeType.description;
	if (!usableAsTool) throw new Error(`${description.name} cannot be used as a tool.`);
	return Object.create(nodeType, {
		description: {
			value: {
				...description,
				name: `${description.name}Tool`,
				displayName: `${description.displayName} Tool`,
				inputs: [],
				outputs: [NodeConnectionTypes.AiTool],
			},
		},
	});
}

module.exports = { asTool };
