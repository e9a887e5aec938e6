/** The process of one contender: does the work in n8n's engine, and tells each time what it took. */
import '../dev/engine/environment.cts';
import { once } from 'node:events';
import { join } from 'node:path';
import type { IConnection, INode } from 'n8n-workflow';
import type { N8n, WorkflowJson } from '../dev/engine/N8n.cts';
import { type Contender, CONTENDERS } from './contenders.cts';
import { useHostModules } from './hostModules.cts';
import { watchMemory } from './memory.cts';
import { rowsOf, type Work } from './work.cts';

interface Setup {
	/** Where n8n is. */
	modules: string;
	/** Where the package is. */
	root: string;
	/** Its name. */
	contender: string;
	/** E.g. onError. */
	nodeSettings: Partial<INode>;
}

interface Job {
	work: Work;
	/** Where the shop is. */
	url: string;
}

export interface Effort {
	/** From the start of the workflow to its end. */
	seconds: number;
	/** Processor time of the whole process. */
	cpuMs: number;
	/** How much more memory than before it used at the most. */
	memoryBytes: number;
	/** What stopped the workflow, if anything did. */
	error: string | undefined;
	/** Items that came out of the last node's first output. */
	succeeded: number;
	/** Items that came out of its error output. */
	failed: number;
}

async function main() {
	const [setup] = (await once(process, 'message')) as [Setup];
	useHostModules(setup.modules);
	const n8n = await loadEngine(setup);
	process.on('message', (job) => {
		void run(n8n, setup, job as Job).then((effort) => process.send?.(effort));
	});
	process.send?.('ready');
}

async function loadEngine({ modules, root }: Setup) {
	await import('reflect-metadata');
	await startExpressionEngine();
	const { LazyPackageDirectoryLoader } = await import('n8n-core');
	const { N8n } = await import('../dev/engine/N8n.cts');
	const { handMadePackage } = await import('./handMade.cts');
	const base = new LazyPackageDirectoryLoader(join(modules, 'n8n-nodes-base'));
	return await N8n.load(root, [base, handMadePackage()]);
}

/** Has expressions evaluated by the engine that n8n's settings name (n8n, `base-command.ts`). */
async function startExpressionEngine() {
	const { Container } = await import('@n8n/di');
	const { ExpressionEngineConfig } = await import('@n8n/config');
	const { Expression } = await import('n8n-workflow');
	const settings = Container.get(ExpressionEngineConfig);
	await Expression.initExpressionEngine({
		engine: settings.engine,
		bridgeTimeout: settings.bridgeTimeout,
		bridgeMemoryLimit: settings.bridgeMemoryLimit,
		poolSize: settings.poolSize,
		maxCodeCacheSize: settings.maxCodeCacheSize,
	});
}

async function run(
	n8n: N8n,
	{ contender, nodeSettings }: Setup,
	{ work, url }: Job,
): Promise<Effort> {
	const { nodes, credential } = CONTENDERS[contender] as Contender;
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
 * @param settings of each
 */
function workflowOf(nodes: Partial<INode>[], settings: Partial<INode>): WorkflowJson {
	const all: INode[] = [{ type: 'n8n-nodes-base.manualTrigger' }, ...nodes].map((node, index) => ({
		id: String(index),
		name: index === 0 ? 'Start' : `Node ${index}`,
		type: '',
		typeVersion: 1,
		position: [0, 0] satisfies INode['position'],
		parameters: {},
		...node,
		...(index > 0 && settings),
	}));
	const pairs = all.slice(1).map(({ name }, index) => {
		const to: IConnection = { node: name, type: 'main', index: 0 };
		return [all[index]?.name ?? '', { main: [[to]] }] satisfies [string, object];
	});
	return { nodes: all, connections: Object.fromEntries(pairs) };
}

void main();
