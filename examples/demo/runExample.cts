import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	INodeExecutionData,
	NodeParameterValueType,
} from 'n8n-workflow';
import type { N8n, WorkflowJson } from '../../dev/engine/N8n.cts';
import type { Award } from './toAwards.cts';
import { Feed } from './Feed.cts';

/** Its path. */
export const WORKFLOW = join(__dirname, '../form-submissions.json');

/** What became of a list. */
export interface Ran {
	/** What the node puts out for each row, in order; nothing for one that was stopped before. */
	outputs: (IDataObject | undefined)[];
	/** What the node says of the list as a whole. */
	hints: string[];
}

/**
 * Runs the example workflow over a list, and shows how far it has got.
 *
 * @param n8n the engine
 * @param rows what the form would have given
 * @returns what the LoyaltyLion node puts out
 * @throws what stops the workflow
 */
export async function runExample(
	n8n: N8n,
	rows: Partial<Award>[],
	{
		credential,
		parameters = {},
		workflowId,
		onStart = () => {},
	}: {
		credential: ICredentialDataDecryptedObject;
		/** What the LoyaltyLion node is set to besides what the example says. */
		parameters?: Record<string, NodeParameterValueType>;
		/** Under which n8n remembers what the node has done. */
		workflowId?: string;
		/** Is handed what stops it: no further row is begun then, and those that were come to their end. */
		onStart?: (stop: () => void) => void;
	},
): Promise<Ran> {
	const feed = new Feed(rows);
	feed.start();
	onStart(() => feed.stop());
	const run = await n8n
		.run(workflow(parameters), {
			pinData: { 'Award Form': feed.items.map((json) => ({ json })) },
			credential,
			...(workflowId !== undefined && { workflowId }),
		})
		.finally(() => feed.finish());
	const { error, runData } = run.data.resultData;
	if (error) throw error;
	const [task] = runData.LoyaltyLion ?? [];
	const outputs = inOrder(rows.length, task?.data?.main ?? []);
	return {
		outputs: outputs.map((output, index) => (feed.wasWithheld(index) ? undefined : output)),
		hints: (task?.hints ?? []).map(({ message }) => message),
	};
}

/** The credential is chosen by whoever imports the workflow; here it is the only one there is. */
function workflow(parameters: Record<string, NodeParameterValueType>): WorkflowJson {
	const { nodes, connections } = JSON.parse(readFileSync(WORKFLOW, 'utf8')) as WorkflowJson;
	for (const node of nodes.filter(({ name }) => name === 'LoyaltyLion')) {
		node.credentials = { loyaltyLionApi: { id: '1', name: 'LoyaltyLion account' } };
		Object.assign(node.parameters, parameters);
	}
	return { nodes, connections };
}

function inOrder(count: number, outputs: (INodeExecutionData[] | null)[]) {
	const ordered = Array.from<IDataObject | undefined>({ length: count });
	for (const { json, pairedItem } of outputs.flatMap((output) => output ?? [])) {
		if (typeof pairedItem === 'object' && 'item' in pairedItem) ordered[pairedItem.item] = json;
	}
	return ordered;
}
