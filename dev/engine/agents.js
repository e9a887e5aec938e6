const { NodeConnectionTypes } = require('n8n-workflow');

/**
 * @typedef {import('n8n-workflow').IDataObject} Json
 * @typedef {import('n8n-workflow').IExecuteFunctions} IExecuteFunctions
 * @typedef {import('n8n-workflow').INodeType} INodeType
 *
 * @typedef {object} Plan what a model would have the agent do
 * @property {Json[][]} fetches what the tool is called with; each list by a tool of its own, where the agent
 *   itself calls it
 * @property {boolean} [atOnce] whether all tools are fetched first, and then all are called side by side;
 *   otherwise one call follows the other, each list's tool fetched when its turn comes
 * @property {boolean} [wrapped] whether the arguments are wrapped in `query`, as some agents do
 */

/**
 * Nodes that call their tools as n8n's AI agents do, by a plan instead of a model's words. What each call
 * was answered comes out in the order of the plan.
 *
 * @type {Record<string, INodeType>}
 */
const agentTypes = {
	/** Calls the tools itself: AI Agent 1 and 2, and every agent that is a tool (n8n-core, `get-input-connection-data.ts`). */
	'test.callingAgent': agent('test.callingAgent', async function () {
		const { fetches, atOnce = false, wrapped = false } = planOf(this);
		const fetch = async (/** @type {number} */ itemIndex) => {
			const tools = await this.getInputConnectionData(NodeConnectionTypes.AiTool, itemIndex);
			const [tool] = /** @type {import('@langchain/core/tools').DynamicStructuredTool[]} */ (tools);
			if (!tool) throw new Error('The agent has no tool.');
			// What is wrapped does not pass the tool's own check of its arguments.
			return async (/** @type {Json} */ args) =>
				await answered(
					async () => await (wrapped ? tool.func({ query: args }) : tool.invoke(args)),
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
					actionType: /** @type {const} */ ('ExecutionNodeAction'),
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

/**
 * @param {string} name
 * @param {(this: IExecuteFunctions, response: import('n8n-workflow').EngineResponse<unknown> | undefined) => Promise<{ answers: unknown[] } | import('n8n-workflow').EngineRequest<{}>>} act
 * @returns {INodeType}
 */
function agent(name, act) {
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
			return [result.answers.map((answer) => ({ json: { answer: /** @type {Json} */ (answer) } }))];
		},
	};
}

/**
 * @param {IExecuteFunctions} context
 * @returns {Plan}
 */
function planOf(context) {
	return JSON.parse(String(context.getNodeParameter('plan', 0)));
}

/**
 * What the model is told: the first item that the tool gave, or why it gave none.
 * @param {() => Promise<unknown>} call
 */
async function answered(call) {
	try {
		return JSON.parse(String(await call()))[0];
	} catch (error) {
		return { thrown: String(error) };
	}
}

/** @param {import('n8n-workflow').ITaskData} data */
function answerIn({ data, error }) {
	return data?.ai_tool?.[0]?.[0]?.json ?? { thrown: String(error) };
}

/**
 * Start, then an agent with the node as its tool, whose fields are the agent's to fill in.
 *
 * @param {object} given
 * @param {'test.callingAgent' | 'test.requestingAgent'} given.by
 * @param {Plan} given.plan
 * @param {Json} [given.fields] of the node, that are not the agent's to fill in
 * @param {Json} [given.options] of the node
 * @param {Partial<import('n8n-workflow').INode>} [given.settings] of the node, e.g. retryOnFail
 */
function agentWorkflow({ by, plan, fields, options, settings }) {
	const node = (
		/** @type {string} */ name,
		/** @type {string} */ type,
		/** @type {import('n8n-workflow').INodeParameters} */ parameters,
	) => ({
		id: name,
		name,
		type,
		typeVersion: 1,
		position: /** @type {[number, number]} */ ([0, 0]),
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
					.../** @type {import('n8n-workflow').INodeParameters} */ (fields),
					options: /** @type {never} */ ({ requestsPerSecond: 0, ifUnclear: 'report', ...options }),
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

/**
 * @param {'main' | 'ai_tool'} type
 * @param {string} node
 */
function to(type, node) {
	return { node, type, index: 0 };
}

/**
 * Runs an agent in n8n's engine.
 *
 * @param {import('./N8n').N8n} n8n
 * @param {Parameters<typeof agentWorkflow>[0] & { items?: Json[], credential: import('n8n-workflow').ICredentialDataDecryptedObject }} given
 *   `items` are the agent's, one for each list of the plan
 * @returns {Promise<Json[]>} what each call was answered, in the order of the plan
 */
async function runAgent(n8n, { items, credential, ...given }) {
	const rows = given.plan.fetches.map((_, index) => ({ json: items?.[index] ?? {} }));
	const run = await n8n.run(agentWorkflow(given), { pinData: { Start: rows }, credential });
	const { runData, error } = run.data.resultData;
	if (error) throw error;
	const answers = runData.Agent?.at(-1)?.data?.main?.[0] ?? [];
	return answers.map(({ json }) => /** @type {Json} */ (json.answer));
}

module.exports = { agentTypes, runAgent };
