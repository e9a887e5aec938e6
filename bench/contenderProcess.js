/** The process of one contender: does the work in n8n's engine, and tells each time what it took. */
require('../dev/engine/environment');
const { once } = require('node:events');
const { join } = require('node:path');
const { CONTENDERS } = require('./contenders');
const { useHostModules } = require('./hostModules');
const { watchMemory } = require('./memory');
const { rowsOf } = require('./work');

/**
 * @typedef {object} Setup
 * @property {string} modules where n8n is
 * @property {string} contender its name
 * @property {Partial<import('n8n-workflow').INode>} nodeSettings e.g. onError
 *
 * @typedef {object} Job
 * @property {import('./work').Work} work
 * @property {string} url where the shop is
 *
 * @typedef {object} Effort
 * @property {number} seconds from the start of the workflow to its end
 * @property {number} cpuMs processor time of the whole process
 * @property {number} memoryBytes how much more memory than before it used at the most
 * @property {string | undefined} error what stopped the workflow, if anything did
 * @property {number} succeeded items that came out of the last node's first output
 * @property {number} failed items that came out of its error output
 */

async function main() {
	/** @type {[Setup]} */
	const [setup] = /** @type {never} */ (await once(process, 'message'));
	useHostModules(setup.modules);
	const n8n = await loadEngine(setup.modules);
	process.on('message', async (job) => {
		process.send?.(await run(n8n, setup, /** @type {Job} */ (job)));
	});
	process.send?.('ready');
}

/** @param {string} modules */
async function loadEngine(modules) {
	require('reflect-metadata');
	await startExpressionEngine();
	const { LazyPackageDirectoryLoader } = require('n8n-core');
	const { N8n } = require('../dev/engine/N8n');
	const { handMadePackage } = require('./handMade');
	const base = new LazyPackageDirectoryLoader(join(modules, 'n8n-nodes-base'));
	return await N8n.load(undefined, [base, handMadePackage()]);
}

/** Has expressions evaluated by the engine that n8n's settings name (n8n, `base-command.ts`). */
async function startExpressionEngine() {
	const { Container } = require('@n8n/di');
	const { ExpressionEngineConfig } = require('@n8n/config');
	const { Expression } = require('n8n-workflow');
	const settings = Container.get(ExpressionEngineConfig);
	await Expression.initExpressionEngine({
		engine: settings.engine,
		bridgeTimeout: settings.bridgeTimeout,
		bridgeMemoryLimit: settings.bridgeMemoryLimit,
		poolSize: settings.poolSize,
		maxCodeCacheSize: settings.maxCodeCacheSize,
	});
}

/**
 * @param {import('../dev/engine/N8n').N8n} n8n
 * @param {Setup} setup
 * @param {Job} job
 * @returns {Promise<Effort>}
 */
async function run(n8n, { contender, nodeSettings }, { work, url }) {
	const { nodes, credential } = /** @type {import('./contenders').Contender} */ (
		CONTENDERS[contender]
	);
	const lastNode = `Node ${nodes(url).length}`;
	const workflow = workflowOf(nodes(url), nodeSettings);
	const pinData = {
		Start: rowsOf(work).map((row) => ({ json: { ...row }, pairedItem: { item: 0 } })),
	};

	const memory = watchMemory();
	const cpu = process.cpuUsage();
	const start = performance.now();
	const { data } = await n8n.run(workflow, { pinData, credential: credential(url) });
	const seconds = (performance.now() - start) / 1000;
	const { user, system } = process.cpuUsage(cpu);
	const outputs = data.resultData.runData[lastNode]?.at(-1)?.data?.main ?? [];
	return {
		seconds,
		cpuMs: (user + system) / 1000,
		memoryBytes: memory(),
		error: data.resultData.error?.message,
		succeeded: outputs[0]?.length ?? 0,
		failed: outputs[1]?.length ?? 0,
	};
}

/**
 * The nodes in a row behind a trigger.
 *
 * @param {Partial<import('n8n-workflow').INode>[]} nodes
 * @param {Partial<import('n8n-workflow').INode>} settings of each
 * @returns {import('../dev/engine/N8n').WorkflowJson}
 */
function workflowOf(nodes, settings) {
	const all = [{ type: 'n8n-nodes-base.manualTrigger' }, ...nodes].map((node, index) => ({
		id: String(index),
		name: index === 0 ? 'Start' : `Node ${index}`,
		type: '',
		typeVersion: 1,
		position: /** @type {[number, number]} */ ([0, 0]),
		parameters: {},
		...node,
		...(index > 0 && settings),
	}));
	const pairs = all
		.slice(1)
		.map(({ name }, index) => [
			all[index]?.name,
			{ main: [[{ node: name, type: 'main', index: 0 }]] },
		]);
	return /** @type {never} */ ({ nodes: all, connections: Object.fromEntries(pairs) });
}

void main();
