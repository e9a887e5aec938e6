/** The process that loads the package's node and credential as n8n does, into a process that has n8n's own. */
require('../dev/engine/environment');
const { once } = require('node:events');
const { resolve } = require('node:path');
const { useHostModules } = require('./hostModules');

/**
 * @typedef {object} Loading what it takes to load the package
 * @property {number} loadMs
 * @property {number} loadBytes of V8's heap, that stay in use
 */

const ROOT = resolve(__dirname, '..');

async function main() {
	const [modules] = await once(process, 'message');
	useHostModules(modules);
	require('reflect-metadata');
	require('n8n-core');
	require('n8n-workflow');
	process.send?.(load());
}

/** @returns {Loading} */
function load() {
	const { n8n } = require(`${ROOT}/package.json`);
	const files = [...n8n.nodes, ...n8n.credentials].map((file) => resolve(ROOT, file));
	const before = usedHeap();
	const start = performance.now();
	for (const file of files) {
		for (const type of Object.values(require(file))) new type();
	}
	return { loadMs: performance.now() - start, loadBytes: usedHeap() - before };
}

function usedHeap() {
	global.gc?.();
	return process.memoryUsage().heapUsed;
}

void main();
