/** The process that loads the package's node and credential as n8n does, into a process that has n8n's own. */
import '../dev/engine/environment.cts';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { useHostModules } from './hostModules.cts';

export interface Setup {
	/** Where n8n is. */
	modules: string;
	/** Where the package is. */
	root: string;
}

/** What it takes to load the package. */
export interface Loading {
	loadMs: number;
	/** Of V8's heap, that stay in use. */
	loadBytes: number;
}

async function main() {
	const [{ modules, root }] = (await once(process, 'message')) as [Setup];
	useHostModules(modules);
	await import('reflect-metadata');
	await import('n8n-core');
	await import('n8n-workflow');
	process.send?.(load(root));
}

function load(root: string): Loading {
	const load: (path: string) => unknown = createRequire(join(root, 'package.json'));
	const { n8n } = load('./package.json') as { n8n: { nodes: string[]; credentials: string[] } };
	const files = [...n8n.nodes, ...n8n.credentials].map((file) => join(root, file));
	const before = usedHeap();
	const start = performance.now();
	for (const file of files) {
		for (const type of Object.values(load(file) as Record<string, new () => object>)) new type();
	}
	return { loadMs: performance.now() - start, loadBytes: usedHeap() - before };
}

function usedHeap() {
	global.gc?.();
	return process.memoryUsage().heapUsed;
}

void main();
