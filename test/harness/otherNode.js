const { NodeConnectionTypes } = require('n8n-workflow');
const { N8n } = require('../../dev/engine/N8n');

/** @typedef {Record<string, unknown>} Request as a node may make it up, whatever n8n's types say */

const PACKAGE = 'n8n-nodes-other';
const CREDENTIAL_TYPE = 'loyaltyLionApi';

/**
 * A node of another package in n8n's real engine, which uses this package's credential and sends
 * whatever it is told to, as the HTTP Request node does.
 */
class OtherNode {
	static async load() {
		const other = new OtherNode();
		other.n8n = await N8n.load(undefined, [/** @type {never} */ (other.#package())]);
		return other;
	}

	/** @type {N8n | undefined} */
	n8n;

	/** @type {(context: import('n8n-workflow').IExecuteFunctions) => Promise<unknown>} */
	#send = async () => undefined;

	/**
	 * @param {'httpRequestWithAuthentication' | 'requestWithAuthentication'} helper of n8n's; the second is the
	 *   legacy one
	 * @param {Request} request
	 * @param {import('n8n-workflow').ICredentialDataDecryptedObject} credential
	 * @returns {Promise<Error | undefined>} what it failed with
	 */
	async send(helper, request, credential) {
		this.#send = async (context) =>
			await context.helpers[helper].call(context, CREDENTIAL_TYPE, /** @type {never} */ (request));
		const execution = await this.n8n?.run(WORKFLOW, {
			pinData: { Start: [{ json: {} }] },
			credential,
		});
		return /** @type {Error | undefined} */ (execution?.data.resultData.error);
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
				await send(/** @type {never} */ (this));
				return [[{ json: {} }]];
			},
		};
		const send = (/** @type {never} */ context) => this.#send(context);
		return {
			packageName: PACKAGE,
			known: { nodes: { other: {} }, credentials: {} },
			loadAll: async () => {},
			getNode: () => ({ type }),
		};
	}
}

const WORKFLOW = {
	nodes: [node('Start', 'n8n-nodes-base.manualTrigger'), node('Other', `${PACKAGE}.other`)],
	connections: {
		Start: { main: [[{ node: 'Other', type: NodeConnectionTypes.Main, index: 0 }]] },
	},
};

/**
 * @param {string} name
 * @param {string} type
 * @returns {import('n8n-workflow').INode}
 */
function node(name, type) {
	return {
		...{ id: name, name, type, typeVersion: 1, position: [0, 0], parameters: {} },
		credentials: { [CREDENTIAL_TYPE]: { id: '1', name: 'LoyaltyLion account' } },
	};
}

module.exports = { OtherNode };
