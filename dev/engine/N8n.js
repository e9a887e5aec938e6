const { resolve } = require('node:path');
const {
	ExecuteContext,
	ExecutionLifecycleHooks,
	LoadOptionsContext,
	PackageDirectoryLoader,
	RoutingNode,
	WorkflowExecute,
} = require('n8n-core');
const { ICredentialsHelper, NodeHelpers, Workflow } = require('n8n-workflow');
const { agentTypes } = require('./agents');
const { asTool } = require('./asTool');
const { nodeTypes } = require('./nodeTypes');

/**
 * @typedef {import('n8n-workflow').ICredentialDataDecryptedObject} CredentialData
 * @typedef {import('n8n-workflow').IHttpRequestOptions} IHttpRequestOptions
 * @typedef {import('n8n-workflow').INodeExecutionData} Item
 * @typedef {import('n8n-workflow').IRun} IRun
 * @typedef {import('n8n-workflow').IRunExecutionData} IRunExecutionData
 *
 * @typedef {object} WorkflowJson a workflow as n8n exports it
 * @property {import('n8n-workflow').INode[]} nodes
 * @property {import('n8n-workflow').IConnections} connections
 */

const CREDENTIAL_TYPE = 'loyaltyLionApi';

/** n8n's real engine with this package loaded into it the way n8n loads a community package. */
class N8n {
	/**
	 * @param {string} packageDirectory where package.json and dist/ are
	 * @param {PackageDirectoryLoader[]} others of packages whose nodes are there, too
	 */
	static async load(packageDirectory = resolve(__dirname, '../..'), others = []) {
		const loader = new PackageDirectoryLoader(packageDirectory);
		for (const each of [loader, ...others]) await each.loadAll();
		return new N8n(loader, others);
	}

	/**
	 * @param {PackageDirectoryLoader} loader this package's
	 * @param {PackageDirectoryLoader[]} others
	 */
	constructor(loader, others) {
		this.loader = loader;
		this.packages = new Packages([loader, ...others]);
	}

	/**
	 * Runs a workflow from its trigger to its end.
	 *
	 * @param {WorkflowJson} json
	 * @param {object} given
	 * @param {import('n8n-workflow').IPinData} given.pinData what its trigger gives
	 * @param {CredentialData | Error} given.credential the fields of the LoyaltyLion credential, which may
	 *   hold expressions; or why it cannot be opened
	 * @param {(execution: import('p-cancelable')<IRun>) => void} [given.onStart] is handed the running execution
	 * @returns {Promise<IRun>}
	 */
	async run(json, { pinData, credential, onStart }) {
		const workflow = this.#workflow(json);
		return await this.#execute(workflow, fresh(workflow, pinData), { credential, onStart });
	}

	/**
	 * Does what the Retry button in the list of executions does: takes the execution as it was saved, drops
	 * the failed node's last run, and goes on from there (n8n, `execution.service.ts`, `retry`).
	 *
	 * @param {WorkflowJson} json the workflow as it is saved now
	 * @param {Pick<IRun, 'data'>} failed
	 * @param {object} given
	 * @param {CredentialData | Error} given.credential
	 * @param {(execution: import('p-cancelable')<IRun>) => void} [given.onStart] is handed the running execution
	 * @returns {Promise<IRun>}
	 */
	async retry(json, failed, { credential, onStart }) {
		const data = JSON.parse(JSON.stringify(failed.data));
		const { lastNodeExecuted, runData } = data.resultData;
		delete data.resultData.error;
		// The last run of a canceled execution may have ended well.
		if (runData[lastNodeExecuted]?.at(-1)?.error !== undefined) runData[lastNodeExecuted].pop();
		const workflow = this.#workflow(json);
		for (const step of data.executionData.nodeExecutionStack) {
			step.node = workflow.getNode(step.node.name);
		}
		return await this.#execute(workflow, data, { credential, onStart });
	}

	/** @param {WorkflowJson} json */
	#workflow(json) {
		return new Workflow({
			id: 'workflow',
			name: 'workflow',
			active: false,
			settings: { executionOrder: 'v1' },
			nodeTypes: this.packages,
			nodes: structuredClone(json.nodes),
			connections: structuredClone(json.connections),
		});
	}

	/**
	 * @param {Workflow} workflow
	 * @param {IRunExecutionData} data
	 * @param {{ credential: CredentialData | Error, onStart?: ((execution: import('p-cancelable')<IRun>) => void) | undefined }} given
	 */
	async #execute(workflow, data, { credential, onStart }) {
		const helper = new CredentialsHelper(this.packages, workflow, credential);
		const engine = new WorkflowExecute(additionalData(helper), 'trigger', data);
		const execution = engine.processRunExecutionData(workflow);
		onStart?.(execution);
		return await execution;
	}

	/** The LoyaltyLion node's description, as n8n has loaded it. */
	nodeDescription() {
		const [type = ''] = this.loader.loadedNodes.map(
			({ name }) => `${this.loader.packageName}.${name}`,
		);
		return this.packages.getByNameAndVersion(type).description;
	}

	/** The LoyaltyLion credential, as n8n has loaded it. */
	credentialType() {
		return this.loader.getCredential(CREDENTIAL_TYPE).type;
	}

	/**
	 * Asks the LoyaltyLion node for one page of a list, as the editor does while a field is filled in.
	 *
	 * @param {string} method the name of the node's method
	 * @param {CredentialData | Error} credential
	 * @param {string} [filter] what the user typed
	 * @param {string} [paginationToken] the last page's
	 * @returns {Promise<import('n8n-workflow').INodeListSearchResult>}
	 */
	async searchList(method, credential, filter, paginationToken) {
		const [type = ''] = this.loader.loadedNodes.map(
			({ name }) => `${this.loader.packageName}.${name}`,
		);
		const { methods } = this.packages.getByNameAndVersion(type);
		const node = nodeWithCredential('LoyaltyLion', type);
		const workflow = this.#workflow({ nodes: [node], connections: {} });
		const helper = new CredentialsHelper(this.packages, workflow, credential);
		const context = new LoadOptionsContext(
			workflow,
			workflow.getNode(node.name) ?? node,
			additionalData(helper),
			'',
		);
		const search = methods?.listSearch?.[method];
		if (!search) throw new Error(`The node has no list ${method}.`);
		return await search.call(/** @type {never} */ (context), filter, paginationToken);
	}

	/**
	 * Makes the request that tests the LoyaltyLion credential, as the Save button of the editor does: n8n
	 * runs it as a declarative node with one field (n8n, `credentials-tester.service.ts`).
	 *
	 * @param {CredentialData} fields
	 * @returns {Promise<unknown>} what the answer holds
	 * @throws what n8n makes of an answer that is not a success, or of a credential that cannot be used
	 */
	async testCredential(fields) {
		const request = this.credentialType().test?.request;
		const nodeType = structuredClone({
			description: nodeTypes['n8n-nodes-base.noOp']?.description,
		});
		Object.assign(nodeType.description ?? {}, {
			credentials: [{ name: CREDENTIAL_TYPE, required: true }],
			properties: [
				{ displayName: 'Temp', name: 'temp', type: 'string', default: '', routing: { request } },
			],
		});
		const node = nodeWithCredential('temp', 'n8n-nodes-base.noOp');
		const types = /** @type {never} */ ({ getByNameAndVersion: () => nodeType });
		const workflow = new Workflow({
			active: false,
			nodeTypes: types,
			nodes: [node],
			connections: {},
		});
		const data = { ...defaultsOf(this.credentialType()), ...fields };
		const helper = new CredentialsHelper(this.packages, workflow, data);
		const input = { main: [[{ json: {} }]] };
		const context = new ExecuteContext(
			workflow,
			node,
			additionalData(helper),
			'internal',
			/** @type {never} */ ({ resultData: { runData: {} } }),
			0,
			[],
			input,
			{ node, data: input, source: null },
			[],
		);
		const routing = new RoutingNode(context, /** @type {never} */ (nodeType), {
			...CREDENTIAL,
			type: CREDENTIAL_TYPE,
			data,
		});
		const output = await routing.runNode();
		return output?.[0]?.[0]?.json;
	}
}

const CREDENTIAL = { id: '1', name: 'LoyaltyLion account' };

/**
 * @param {string} name
 * @param {string} type
 * @returns {import('n8n-workflow').INode}
 */
function nodeWithCredential(name, type) {
	return {
		id: name,
		name,
		type,
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
		credentials: { [CREDENTIAL_TYPE]: CREDENTIAL },
	};
}

/** The node and credential types of some packages. */
class Packages {
	/** @param {PackageDirectoryLoader[]} loaders */
	constructor(loaders) {
		this.loaders = loaders;
	}

	/**
	 * @param {string} type
	 * @returns {import('n8n-workflow').INodeType | import('n8n-workflow').IVersionedNodeType}
	 */
	getByName(type) {
		const [packageName, name = ''] = type.split('.');
		const loader = this.loaders.find((each) => each.packageName === packageName);
		if (loader && Object.hasOwn(loader.known.nodes, name)) return loader.getNode(name).type;
		if (loader) return asTool(NodeHelpers.getVersionedNodeType(this.getByName(untooled(type))));
		const nodeType = nodeTypes[type] ?? agentTypes[type];
		if (!nodeType) throw new Error(`The test host has no node type ${type}.`);
		return nodeType;
	}

	/**
	 * @param {string} type
	 * @param {number} [version]
	 */
	getByNameAndVersion(type, version) {
		return NodeHelpers.getVersionedNodeType(this.getByName(type), version);
	}

	getKnownTypes() {
		return Object.assign({}, ...this.loaders.map(({ known }) => known.nodes));
	}

	/** @param {string} name */
	getCredentialType(name) {
		const loader = this.loaders.find(({ known }) => Object.hasOwn(known.credentials, name));
		if (!loader) throw new Error(`The test host has no credential type ${name}.`);
		return loader.getCredential(name).type;
	}
}

/**
 * n8n finds a tool's node by leaving out the end of its name (n8n, `node-types.ts`).
 * @param {string} type
 */
function untooled(type) {
	if (!type.endsWith('Tool')) throw new Error(`The package has no node type ${type}.`);
	return type.slice(0, -'Tool'.length);
}

/** Does for one credential what n8n does for those in its database. */
class CredentialsHelper extends ICredentialsHelper {
	/**
	 * @param {Packages} packages
	 * @param {Workflow} workflow
	 * @param {CredentialData | Error} credential
	 */
	constructor(packages, workflow, credential) {
		super();
		this.packages = packages;
		this.workflow = workflow;
		this.credential = credential;
	}

	getParentTypes() {
		return [];
	}

	isCredentialUsableByNode() {
		return true;
	}

	/**
	 * @param {CredentialData} credentials
	 * @param {string} typeName
	 * @param {IHttpRequestOptions} requestOptions
	 */
	async authenticate(credentials, typeName, requestOptions) {
		const { authenticate } = this.packages.getCredentialType(typeName);
		if (typeof authenticate !== 'function')
			throw new Error('The credential has no function to authenticate.');
		return await authenticate(credentials, requestOptions);
	}

	async preAuthentication() {
		return undefined;
	}

	async runPreAuthentication() {
		return undefined;
	}

	/**
	 * @param {unknown} _additionalData
	 * @param {unknown} _nodeCredentials
	 * @param {string} type
	 * @param {import('n8n-workflow').WorkflowExecuteMode} mode
	 * @param {import('n8n-workflow').IExecuteData} [executeData]
	 * @param {boolean} [_raw]
	 * @param {import('n8n-workflow').ICredentialsExpressionResolveValues} [resolve]
	 * @returns {Promise<CredentialData>}
	 */
	async getDecrypted(_additionalData, _nodeCredentials, type, mode, executeData, _raw, resolve) {
		if (this.credential instanceof Error) throw this.credential;
		const fields = { ...defaultsOf(this.packages.getCredentialType(type)), ...this.credential };
		if (!resolve) return fields;
		const { runExecutionData, runIndex, itemIndex, node, connectionInputData } = resolve;
		return /** @type {CredentialData} */ (
			this.workflow.expression.getParameterValue(
				/** @type {import('n8n-workflow').INodeParameters} */ (fields),
				runExecutionData,
				runIndex,
				itemIndex,
				node.name,
				connectionInputData,
				mode,
				{},
				executeData,
			)
		);
	}

	/** @returns {Promise<never>} */
	async getCredentials() {
		throw new Error('The test host keeps no credentials.');
	}

	async updateCredentials() {}

	async updateCredentialsOauthTokenData() {}

	/** @param {string} type */
	getCredentialsProperties(type) {
		return this.packages.getCredentialType(type).properties;
	}
}

/**
 * @param {import('n8n-workflow').ICredentialType} credentialType
 * @returns {CredentialData}
 */
function defaultsOf({ properties }) {
	const entries = properties.map(({ name, default: value }) => [name, value]);
	return Object.fromEntries(entries);
}

/**
 * What the engine needs of its host. Left incomplete, n8n fails while it routes items to the error
 * output, and sends them down the success output.
 *
 * @param {CredentialsHelper} credentialsHelper
 */
function additionalData(credentialsHelper) {
	const workflow = { id: 'workflow', name: 'workflow', active: false, nodes: [], connections: {} };
	const hooks = new ExecutionLifecycleHooks('trigger', '1', /** @type {never} */ (workflow));
	return /** @type {import('n8n-workflow').IWorkflowExecuteAdditionalData} */ (
		/** @type {unknown} */ ({
			credentialsHelper,
			hooks,
			executionId: '1',
			currentNodeExecutionIndex: 0,
			variables: {},
			restApiUrl: '',
			instanceBaseUrl: '',
			formWaitingBaseUrl: '',
			webhookBaseUrl: '',
			webhookWaitingBaseUrl: '',
			webhookTestBaseUrl: '',
			setExecutionStatus() {},
		})
	);
}

/**
 * An execution that is about to begin, at the node that has pinned data.
 *
 * @param {Workflow} workflow
 * @param {import('n8n-workflow').IPinData} pinData
 * @returns {IRunExecutionData}
 */
function fresh(workflow, pinData) {
	const [startName = ''] = Object.keys(pinData);
	const node = workflow.getNode(startName);
	if (!node) throw new Error(`The workflow has no node ${startName}.`);
	return /** @type {never} */ ({
		version: 1,
		startData: {},
		resultData: { runData: {}, pinData },
		executionData: {
			contextData: {},
			nodeExecutionStack: [{ node, data: { main: [[{ json: {} }]] }, source: null }],
			metadata: {},
			waitingExecution: {},
			waitingExecutionSource: {},
		},
	});
}

module.exports = { N8n };
