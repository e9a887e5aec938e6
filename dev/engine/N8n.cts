import { resolve } from 'node:path';
import {
	DataDeduplicationService,
	ExecuteContext,
	ExecutionLifecycleHooks,
	LoadOptionsContext,
	PackageDirectoryLoader,
	RoutingNode,
	WorkflowExecute,
} from 'n8n-core';
import {
	type IConnections,
	type ICredentialDataDecryptedObject as CredentialData,
	type ICredentialsExpressionResolveValues,
	ICredentialsHelper,
	type ICredentialType,
	type IExecuteData,
	type IHttpRequestOptions,
	type INode,
	type INodeListSearchResult,
	type INodeParameters,
	type INodeType,
	type IPinData,
	type IRun,
	type IRunExecutionData,
	type IVersionedNodeType,
	type IWorkflowExecuteAdditionalData,
	type IWorkflowSettings,
	NodeHelpers,
	Workflow,
	type WorkflowExecuteMode,
} from 'n8n-workflow';
import type PCancelable from 'p-cancelable';
import { agentTypes } from './agents.cts';
import { asTool } from './asTool.cts';
import { nodeTypes } from './nodeTypes.cts';
import { ProcessedData } from './ProcessedData.cts';

/** A workflow as n8n exports it. */
export interface WorkflowJson {
	nodes: INode[];
	connections: IConnections;
	settings?: IWorkflowSettings;
}

const CREDENTIAL_TYPE = 'loyaltyLionApi';

/** n8n's real engine with this package loaded into it the way n8n loads a community package. */
export class N8n {
	/** What the nodes of this process keep: n8n takes one store, once (n8n, `base-command.ts`). */
	static readonly processedData = new ProcessedData();

	static #storing: Promise<void> | undefined;

	/**
	 * @param packageDirectory where package.json and dist/ are
	 * @param others of packages whose nodes are there, too
	 */
	static async load(
		packageDirectory: string = resolve(__dirname, '../..'),
		others: PackageDirectoryLoader[] = [],
	) {
		await (N8n.#storing ??= DataDeduplicationService.init(N8n.processedData));
		const loader = new PackageDirectoryLoader(packageDirectory);
		for (const each of [loader, ...others]) await each.loadAll();
		return new N8n(loader, others);
	}

	readonly loader: PackageDirectoryLoader;

	readonly packages: Packages;

	/** What nodes keep; shared by all engines of this process. */
	readonly processedData = N8n.processedData;

	/** @param loader this package's */
	constructor(loader: PackageDirectoryLoader, others: PackageDirectoryLoader[]) {
		this.loader = loader;
		this.packages = new Packages([loader, ...others]);
	}

	/** Runs a workflow from its trigger to its end. */
	async run(
		json: WorkflowJson,
		{
			pinData,
			credential,
			onStart,
			workflowId,
			resumeToken,
		}: {
			/** What its trigger gives, and then what other nodes give that are not to run. */
			pinData: IPinData;
			/** The secret in the addresses at which the execution can be resumed; old n8ns put none there. */
			resumeToken?: string;
			/** The fields of the LoyaltyLion credential, which may hold expressions; or why it cannot be opened. */
			credential: CredentialData | Error;
			/** Is handed the running execution. */
			onStart?: (execution: PCancelable<IRun>) => void;
			/** Empty for none, which no n8n runs. */
			workflowId?: string;
		},
	): Promise<IRun> {
		const workflow = this.#workflow(json, workflowId);
		const data = fresh(workflow, pinData);
		if (resumeToken !== undefined) data.resumeToken = resumeToken;
		return await this.#execute(workflow, data, { credential, onStart });
	}

	/**
	 * Does what the Retry button in the list of executions does: takes the execution as it was saved, drops
	 * the failed node's last run, and goes on from there (n8n, `execution.service.ts`, `retry`).
	 *
	 * @param json the workflow as it is saved now
	 */
	async retry(
		json: WorkflowJson,
		failed: Pick<IRun, 'data'>,
		{
			credential,
			onStart,
			workflowId,
		}: {
			credential: CredentialData | Error;
			/** Is handed the running execution. */
			onStart?: (execution: PCancelable<IRun>) => void;
			/** Empty for none. */
			workflowId?: string;
		},
	): Promise<IRun> {
		const data = JSON.parse(JSON.stringify(failed.data)) as IRunExecutionData;
		const { lastNodeExecuted = '', runData } = data.resultData;
		delete data.resultData.error;
		// The last run of a canceled execution may have ended well.
		if (runData[lastNodeExecuted]?.at(-1)?.error !== undefined) runData[lastNodeExecuted].pop();
		const workflow = this.#workflow(json, workflowId);
		for (const step of data.executionData?.nodeExecutionStack ?? []) {
			step.node = workflow.getNode(step.node.name) ?? step.node;
		}
		return await this.#execute(workflow, data, { credential, onStart });
	}

	#workflow(json: WorkflowJson, id: string = 'workflow') {
		return new Workflow({
			id,
			name: 'workflow',
			active: false,
			settings: { executionOrder: 'v1', ...json.settings },
			nodeTypes: this.packages,
			nodes: structuredClone(json.nodes),
			connections: structuredClone(json.connections),
		});
	}

	async #execute(
		workflow: Workflow,
		data: IRunExecutionData,
		{
			credential,
			onStart,
		}: {
			credential: CredentialData | Error;
			onStart?: ((execution: PCancelable<IRun>) => void) | undefined;
		},
	) {
		const helper = new CredentialsHelper(this.packages, workflow, credential);
		const engine = new WorkflowExecute(additionalDataOf(helper), 'trigger', data);
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
	 * @param method the name of the node's method
	 * @param filter what the user typed
	 * @param paginationToken the last page's
	 * @param currentNodeParameters what the node is set to by now
	 */
	async searchList(
		method: string,
		credential: CredentialData | Error,
		filter?: string,
		paginationToken?: string,
		currentNodeParameters: INodeParameters = {},
	): Promise<INodeListSearchResult> {
		const [type = ''] = this.loader.loadedNodes.map(
			({ name }) => `${this.loader.packageName}.${name}`,
		);
		const { methods } = this.packages.getByNameAndVersion(type);
		const { workflow, node, additionalData } = this.outsideRun(
			nodeWithCredential('LoyaltyLion', type),
			credential,
		);
		const context = new LoadOptionsContext(
			workflow,
			node,
			{ ...additionalData, currentNodeParameters },
			'',
		);
		const search = methods?.listSearch?.[method];
		if (!search) throw new Error(`The node has no list ${method}.`);
		return await search.call(context as never, filter, paginationToken);
	}

	/**
	 * A node that does not run: one that is being filled in, or waits for calls.
	 *
	 * @returns what the contexts are made of that n8n hands it
	 */
	outsideRun(given: INode, credential: CredentialData | Error, workflowId?: string) {
		const workflow = this.#workflow({ nodes: [given], connections: {} }, workflowId);
		const node = workflow.getNode(given.name) ?? given;
		const helper = new CredentialsHelper(this.packages, workflow, credential);
		return { workflow, node, additionalData: additionalDataOf(helper) };
	}

	/**
	 * Makes the request that tests the LoyaltyLion credential, as the Save button of the editor does: n8n
	 * runs it as a declarative node with one field (n8n, `credentials-tester.service.ts`).
	 *
	 * @returns what the answer holds
	 * @throws what n8n makes of an answer that is not a success, or of a credential that cannot be used
	 */
	async testCredential(fields: CredentialData): Promise<unknown> {
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
		const types = { getByNameAndVersion: () => nodeType } as never;
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
			additionalDataOf(helper),
			'internal',
			{ resultData: { runData: {} } } as never,
			0,
			[],
			input,
			{ node, data: input, source: null },
			[],
		);
		const routing = new RoutingNode(context, nodeType as never, {
			...CREDENTIAL,
			type: CREDENTIAL_TYPE,
			data,
		});
		const output = await routing.runNode();
		return output?.[0]?.[0]?.json;
	}
}

const CREDENTIAL = { id: '1', name: 'LoyaltyLion account' };

/** A node as it is when it was just added to a workflow, with its credential chosen. */
export function nodeWithCredential(name: string, type: string): INode {
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
	readonly loaders: PackageDirectoryLoader[];

	constructor(loaders: PackageDirectoryLoader[]) {
		this.loaders = loaders;
	}

	getByName(type: string): INodeType | IVersionedNodeType {
		const [packageName, name = ''] = type.split('.');
		const loader = this.loaders.find((each) => each.packageName === packageName);
		if (loader && Object.hasOwn(loader.known.nodes, name)) return loader.getNode(name).type;
		if (loader) return asTool(NodeHelpers.getVersionedNodeType(this.getByName(untooled(type))));
		const nodeType = nodeTypes[type] ?? agentTypes[type];
		if (!nodeType) throw new Error(`The test host has no node type ${type}.`);
		return nodeType;
	}

	getByNameAndVersion(type: string, version?: number) {
		return NodeHelpers.getVersionedNodeType(this.getByName(type), version);
	}

	getKnownTypes() {
		return Object.fromEntries(this.loaders.flatMap(({ known }) => Object.entries(known.nodes)));
	}

	getCredentialType(name: string) {
		const loader = this.loaders.find(({ known }) => Object.hasOwn(known.credentials, name));
		if (!loader) throw new Error(`The test host has no credential type ${name}.`);
		return loader.getCredential(name).type;
	}
}

/** n8n finds a tool's node by leaving out the end of its name (n8n, `node-types.ts`). */
function untooled(type: string) {
	if (!type.endsWith('Tool')) throw new Error(`The package has no node type ${type}.`);
	return type.slice(0, -'Tool'.length);
}

/** Does for one credential what n8n does for those in its database. */
class CredentialsHelper extends ICredentialsHelper {
	readonly packages: Packages;

	readonly workflow: Workflow;

	readonly credential: CredentialData | Error;

	constructor(packages: Packages, workflow: Workflow, credential: CredentialData | Error) {
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

	async authenticate(
		credentials: CredentialData,
		typeName: string,
		requestOptions: IHttpRequestOptions,
	) {
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

	async getDecrypted(
		_additionalData: unknown,
		_nodeCredentials: unknown,
		type: string,
		mode: WorkflowExecuteMode,
		executeData?: IExecuteData,
		_raw?: boolean,
		resolve?: ICredentialsExpressionResolveValues,
	): Promise<CredentialData> {
		if (this.credential instanceof Error) throw this.credential;
		const fields = { ...defaultsOf(this.packages.getCredentialType(type)), ...this.credential };
		if (!resolve) return fields;
		const { runExecutionData, runIndex, itemIndex, node, connectionInputData } = resolve;
		return this.workflow.expression.getParameterValue(
			fields as INodeParameters,
			runExecutionData,
			runIndex,
			itemIndex,
			node.name,
			connectionInputData,
			mode,
			{},
			executeData,
		) as CredentialData;
	}

	async getCredentials(): Promise<never> {
		throw new Error('The test host keeps no credentials.');
	}

	async updateCredentials() {}

	async updateCredentialsOauthTokenData() {}

	getCredentialsProperties(type: string) {
		return this.packages.getCredentialType(type).properties;
	}
}

function defaultsOf({ properties }: ICredentialType): CredentialData {
	const entries = properties.map(({ name, default: value }) => [name, value] as const);
	return Object.fromEntries(entries) as CredentialData;
}

/**
 * What the engine needs of its host. Left incomplete, n8n fails while it routes items to the error
 * output, and sends them down the success output.
 */
function additionalDataOf(credentialsHelper: CredentialsHelper) {
	const workflow = { id: 'workflow', name: 'workflow', active: false, nodes: [], connections: {} };
	const hooks = new ExecutionLifecycleHooks('trigger', '1', workflow as never);
	return {
		credentialsHelper,
		hooks,
		executionId: '1',
		currentNodeExecutionIndex: 0,
		variables: {},
		restApiUrl: '',
		instanceBaseUrl: '',
		formWaitingBaseUrl: 'https://n8n.example/form-waiting',
		webhookBaseUrl: '',
		webhookWaitingBaseUrl: 'https://n8n.example/webhook-waiting',
		webhookTestBaseUrl: '',
		setExecutionStatus() {},
	} as unknown as IWorkflowExecuteAdditionalData;
}

/** An execution that is about to begin, at the node that has pinned data. */
function fresh(workflow: Workflow, pinData: IPinData): IRunExecutionData {
	const [startName = ''] = Object.keys(pinData);
	const node = workflow.getNode(startName);
	if (!node) throw new Error(`The workflow has no node ${startName}.`);
	return {
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
	} as never;
}
