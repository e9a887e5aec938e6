import type { DynamicStructuredTool } from '@langchain/core/tools';
import {
	type EngineRequest,
	type EngineResponse,
	type ICredentialDataDecryptedObject,
	type IDataObject as Json,
	type IExecuteFunctions,
	type INode,
	type INodeParameters,
	type INodeType,
	type ITaskData,
	NodeConnectionTypes,
} from 'n8n-workflow';
import type { N8n } from './N8n.cts';

/** What a model would have the agent do. */
interface Plan {
	/** What the tool is called with; each list by a tool of its own, where the agent itself calls it. */
	fetches: Json[][];
	/** Whether all tools are fetched first, and then all are called side by side; otherwise one call follows the other, each list's tool fetched when its turn comes. */
	atOnce?: boolean;
	/** Whether the arguments are wrapped in `query`, as some agents do. */
	wrapped?: boolean;
}

/**
 * Nodes that call their tools as n8n's AI agents do, by a plan instead of a model's words. What each call
 * was answered comes out in the order of the plan.
 */
export const agentTypes: Record<string, INodeType> = {
	/** Calls the tools itself: AI Agent 1 and 2, and every agent that is a tool (n8n-core, `get-input-connection-data.ts`). */
	'test.callingAgent': agent('test.callingAgent', async function () {
		const { fetches, atOnce = false, wrapped = false } = planOf(this);
		const fetch = async (itemIndex: number) => {
			const tools = await this.getInputConnectionData(NodeConnectionTypes.AiTool, itemIndex);
			const [tool] = tools as DynamicStructuredTool[];
			if (!tool) throw new Error('The agent has no tool.');
			// What is wrapped does not pass the tool's own check of its arguments.
			return async (args: Json) =>
				await answered(
					async (): Promise<unknown> =>
						await (wrapped ? tool.func({ query: args }) : tool.invoke(args)),
				);
		};
		if (!atOnce) {
			const answers = [];
			for (const [itemIndex, calls] of fetches.entries()) {
				const call = await fetch(itemIndex);
				for (const args of calls) answers.push(await call(args));
			}
			return { answers };
		}
		const calls = await Promise.all(fetches.map(async (_, itemIndex) => await fetch(itemIndex)));
		const answers = fetches.map(
			async (args, index) => await Promise.all(args.map((each) => calls[index]?.(each))),
		);
		return { answers: (await Promise.all(answers)).flat() };
	}),

	/** Has n8n's engine call the tools: AI Agent 3 (n8n-core, `requests-response.ts`). */
	'test.requestingAgent': agent('test.requestingAgent', async function (response) {
		const { fetches, wrapped = false } = planOf(this);
		if (response?.actionResponses.length) {
			return { answers: response.actionResponses.map(({ data }) => answerIn(data)) };
		}
		return {
			actions: fetches.flatMap((calls, itemIndex) =>
				calls.map((args, index) => ({
					actionType: 'ExecutionNodeAction' as const,
					nodeName: TOOL,
					input: wrapped ? { query: args } : args,
					type: NodeConnectionTypes.AiTool,
					id: `call ${itemIndex}.${index}`,
					metadata: { itemIndex },
				})),
			),
			metadata: {},
		};
	}),
};

/** The name of the node that is the agents' tool. */
const TOOL = 'Add Points';

function agent(
	name: string,
	act: (
		this: IExecuteFunctions,
		response: EngineResponse<unknown> | undefined,
	) => Promise<{ answers: unknown[] } | EngineRequest<object>>,
): INodeType {
	return {
		description: {
			displayName: name,
			name,
			group: ['transform'],
			version: 1,
			description: '',
			defaults: { name },
			inputs: [
				NodeConnectionTypes.Main,
				{ type: NodeConnectionTypes.AiTool, displayName: 'Tool', required: true },
			],
			outputs: [NodeConnectionTypes.Main],
			properties: [{ displayName: 'Plan', name: 'plan', type: 'json', default: '{}' }],
		},
		async execute(response) {
			const result = await act.call(this, response);
			if ('actions' in result) return result;
			return [result.answers.map((answer) => ({ json: { answer: answer as Json } }))];
		},
	};
}

function planOf(context: IExecuteFunctions): Plan {
	return JSON.parse(context.getNodeParameter('plan', 0) as string) as Plan;
}

/** What the model is told: the first item that the tool gave, or why it gave none. */
async function answered(call: () => Promise<unknown>): Promise<unknown> {
	try {
		return (JSON.parse(String(await call())) as unknown[])[0];
	} catch (error) {
		return { thrown: String(error) };
	}
}

function answerIn({ data, error }: ITaskData) {
	return data?.ai_tool?.[0]?.[0]?.json ?? { thrown: String(error as unknown) };
}

/** Start, then an agent with the node as its tool, whose fields are the agent's to fill in. */
function agentWorkflow({
	by,
	plan,
	fields,
	options,
	settings,
}: {
	by: 'test.callingAgent' | 'test.requestingAgent';
	plan: Plan;
	/** Of the node, that are not the agent's to fill in. */
	fields?: Json;
	/** Of the node. */
	options?: Json;
	/** Of the node, e.g. retryOnFail. */
	settings?: Partial<INode>;
}) {
	const node = (name: string, type: string, parameters: INodeParameters) => ({
		id: name,
		name,
		type,
		typeVersion: 1,
		position: [0, 0] as [number, number],
		parameters,
	});
	return {
		nodes: [
			node('Start', 'n8n-nodes-base.manualTrigger', {}),
			node('Agent', by, { plan: JSON.stringify(plan) }),
			{
				...node(TOOL, 'n8n-nodes-loyaltylion.loyaltyLionTool', {
					resource: 'customer',
					operation: 'addPoints',
					customer: {
						__rl: true,
						mode: 'merchantId',
						value: "={{ $fromAI('Customer', '', 'string') }}",
					},
					points: "={{ $fromAI('Points', '', 'number') }}",
					reason: "={{ $fromAI('Reason', '', 'string') }}",
					...(fields as INodeParameters),
					options: { requestsPerSecond: 0, ifUnclear: 'report', ...options } as never,
				}),
				credentials: { loyaltyLionApi: { id: 'credential', name: 'LoyaltyLion account' } },
				...settings,
			},
		],
		connections: {
			Start: { main: [[to('main', 'Agent')]] },
			[TOOL]: { ai_tool: [[to('ai_tool', 'Agent')]] },
		},
	};
}

function to(type: 'main' | 'ai_tool', node: string) {
	return { node, type, index: 0 };
}

/**
 * Runs an agent in n8n's engine.
 *
 * @param given `items` are the agent's, one for each list of the plan
 * @returns what each call was answered, in the order of the plan
 */
export async function runAgent(
	n8n: N8n,
	{
		items,
		credential,
		...given
	}: Parameters<typeof agentWorkflow>[0] & {
		items?: Json[];
		credential: ICredentialDataDecryptedObject;
	},
): Promise<Json[]> {
	const rows = given.plan.fetches.map((_, index) => ({ json: items?.[index] ?? {} }));
	const run = await n8n.run(agentWorkflow(given), { pinData: { Start: rows }, credential });
	const { runData, error } = run.data.resultData;
	if (error) throw error;
	const answers = runData.Agent?.at(-1)?.data?.main?.[0] ?? [];
	return answers.map(({ json }) => json.answer as Json);
}
