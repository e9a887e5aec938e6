import type {
	IConnection,
	ICredentialDataDecryptedObject,
	IDataObject as Json,
	INode,
	INodeParameters,
	IRun,
	ITaskData,
} from 'n8n-workflow';
import type PCancelable from 'p-cancelable';
import type { N8n, WorkflowJson } from '../../dev/engine/N8n.cts';

export interface Given {
	/** What comes in. */
	items: Json[];
	/** Those of the LoyaltyLion node, and of its options, that are not the usual ones. */
	parameters?: Json;
	onError?: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput';
	credential: ICredentialDataDecryptedObject | Error;
	/** Of the LoyaltyLion node, e.g. retryOnFail. */
	settings?: Partial<INode>;
	/** The workflow's, e.g. Europe/Berlin. */
	timezone?: string;
	onStart?: (execution: PCancelable<IRun>) => void;
	/** Empty for none. */
	workflowId?: string;
	/** Another than the usual one, which has the nodes Start and Success, too. */
	workflow?: WorkflowJson;
}

/** What keeps most tests short: as fast as can be, and no look at the history. */
const OPTIONS = { requestsPerSecond: 0, ifUnclear: 'report' };

/** The usual parameters: everything comes from the item. */
const FROM_ITEM = {
	resource: 'customer',
	operation: 'addPoints',
	customer: { __rl: true, mode: 'merchantId', value: '={{ $json.merchantId }}' },
	points: '={{ $json.points }}',
	reason: '={{ $json.reason }}',
};

/** Start, then Add Points, with what every operation has behind it. */
export function addPointsWorkflow(given: Pick<Given, 'parameters' | 'onError' | 'settings'>) {
	const { parameters } = given;
	return operationWorkflow({
		...given,
		parameters: {
			...FROM_ITEM,
			...parameters,
			options: { ...OPTIONS, ...(parameters?.options as Json) },
		},
	});
}

/**
 * Start, then the LoyaltyLion node, then a probe on each of its two outputs. Each probe sees what an expression
 * downstream gets for `$('Start').item`.
 *
 * @param given the node's parameters, all of them, and how it is set
 */
export function operationWorkflow({
	parameters = {},
	onError = 'stopWorkflow',
	settings,
	timezone,
}: Pick<Given, 'parameters' | 'onError' | 'settings' | 'timezone'>) {
	return {
		...(timezone !== undefined && { settings: { timezone } }),
		nodes: [
			node('Start', 'n8n-nodes-base.manualTrigger', {}),
			{
				...node('LoyaltyLion', 'n8n-nodes-loyaltylion.loyaltyLion', parameters as INodeParameters),
				credentials: { loyaltyLionApi: { id: 'credential', name: 'LoyaltyLion account' } },
				onError,
				...settings,
			},
			node('Success', 'test.probe', { sees: "={{ $('Start').item.json.row }}" }),
			node('Failure', 'test.probe', { sees: "={{ $('Start').item.json.row }}" }),
		],
		connections: {
			Start: { main: [[to('LoyaltyLion')]] },
			LoyaltyLion: { main: [[to('Success')], [to('Failure')]] },
		},
	};
}

/** Runs Add Points for some items in n8n's engine. */
export async function runAddPoints(n8n: N8n, { workflow, ...given }: Given) {
	return await runOperation(n8n, { ...given, workflow: workflow ?? addPointsWorkflow(given) });
}

/** Runs any operation for some items in n8n's engine; its `parameters` are all that the node has. */
export async function runOperation(
	n8n: N8n,
	{ items, credential, onStart, workflowId, workflow, ...given }: Given,
) {
	const rows = items.map((json, row) => ({ json: { ...json, row }, pairedItem: { item: 0 } }));
	const run = await n8n.run(workflow ?? operationWorkflow(given), {
		pinData: { Start: rows },
		credential,
		...(onStart && { onStart }),
		...(workflowId !== undefined && { workflowId }),
	});
	return outcomeOf(run);
}

export function outcomeOf(run: IRun) {
	const { runData, error } = run.data.resultData;
	const last = runData.LoyaltyLion?.at(-1);
	return {
		run,
		/** What stopped the workflow, if anything did. */
		error,
		/** What came out of the first output, as seen by the node behind it. */
		succeeded: jsonOf(runData.Success),
		/** What came out of the error output, as seen by the node behind it. */
		failed: jsonOf(runData.Failure),
		/** The node's own output items, of both outputs. */
		output: last?.data?.main ?? [],
		hints: last?.hints ?? [],
	};
}

function node(name: string, type: string, parameters: INodeParameters): INode {
	return { id: name, name, type, typeVersion: 1, position: [0, 0], parameters };
}

function to(name: string): IConnection {
	return { node: name, type: 'main', index: 0 };
}

function jsonOf(runs: ITaskData[] | undefined): Json[] {
	return (runs?.at(-1)?.data?.main?.[0] ?? []).map(({ json }) => json);
}
