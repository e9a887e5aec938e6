import { type INodeType, NodeConnectionTypes } from 'n8n-workflow';

/**
 * Makes the tool of a node that says it can be one, as n8n does (n8n, `convertNodeToAiTool`); the fields
 * that only describe the tool are left out.
 */
export function asTool(nodeType: INodeType): INodeType {
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
	}) as INodeType;
}
