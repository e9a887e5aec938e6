import {
	type ICredentialDataDecryptedObject,
	type IExecuteFunctions,
	type INode,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { N8n } from '../../dev/engine/N8n.cts';

/** As a node may make it up, whatever n8n's types say. */
type Request = Record<string, unknown>;

const PACKAGE = 'n8n-nodes-other';
const CREDENTIAL_TYPE = 'loyaltyLionApi';

/**
 * A node of another package in n8n's real engine, which uses this package's credential and does
 * whatever it is told to.
 */
export class OtherNode {
	static async load() {
		const other = new OtherNode();
		other.n8n = await N8n.load(undefined, [other.#package() as never]);
		return other;
	}

	n8n: N8n | undefined;

	#act: (context: IExecuteFunctions) => Promise<unknown> = async () => undefined;

	/**
	 * Sends a request, as the HTTP Request node does.
	 *
	 * @param helper of n8n's; the second is the legacy one
	 * @returns what it failed with
	 */
	async send(
		helper: 'httpRequestWithAuthentication' | 'requestWithAuthentication',
		request: Request,
		credential: ICredentialDataDecryptedObject,
	): Promise<Error | undefined> {
		return await this.act(
			async (context): Promise<unknown> =>
				await context.helpers[helper].call(context, CREDENTIAL_TYPE, request as never),
			{ credential },
		);
	}

	/**
	 * Does something.
	 *
	 * @param nodeId its own
	 * @returns what it failed with
	 */
	async act(
		action: (context: IExecuteFunctions) => Promise<unknown>,
		{
			credential = {},
			nodeId = 'Other',
			...given
		}: { credential?: ICredentialDataDecryptedObject; nodeId?: string; workflowId?: string } = {},
	): Promise<Error | undefined> {
		this.#act = action;
		const execution = await this.n8n?.run(workflowOf(nodeId), {
			pinData: { Start: [{ json: {} }] },
			credential,
			...given,
		});
		return execution?.data.resultData.error as Error | undefined;
	}

	#package() {
		const type = {
			description: {
				...{ name: 'other', displayName: 'Other', group: ['output'], version: 1, description: '' },
				defaults: { name: 'Other' },
				inputs: [NodeConnectionTypes.Main],
				outputs: [NodeConnectionTypes.Main],
				credentials: [{ name: CREDENTIAL_TYPE, required: true }],
				properties: [],
			},
			execute: async function () {
				await act(this as never);
				return [[{ json: {} }]];
			},
		};
		const act = (context: never) => this.#act(context);
		return {
			packageName: PACKAGE,
			known: { nodes: { other: {} }, credentials: {} },
			loadAll: async () => {},
			getNode: () => ({ type }),
		};
	}
}

function workflowOf(nodeId: string) {
	return {
		nodes: [
			node('Start', 'n8n-nodes-base.manualTrigger'),
			{ ...node('Other', `${PACKAGE}.other`), id: nodeId },
		],
		connections: {
			Start: { main: [[{ node: 'Other', type: NodeConnectionTypes.Main, index: 0 }]] },
		},
	};
}

function node(name: string, type: string): INode {
	return {
		...{ id: name, name, type, typeVersion: 1, position: [0, 0], parameters: {} },
		credentials: { [CREDENTIAL_TYPE]: { id: '1', name: 'LoyaltyLion account' } },
	};
}
