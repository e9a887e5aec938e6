/**
 * Measures the LoyaltyLion node beside what people use instead, and writes what came of it into docs/ and the
 * README. With --small it does a little of everything and writes nothing. It fails when the LoyaltyLion node
 * has lost or doubled an item, or awarded it to somebody else.
 */
const { readFileSync, writeFileSync } = require('node:fs');
const { cpus, totalmem } = require('node:os');
const { join, resolve } = require('node:path');
const { parseArgs } = require('node:util');
const prettier = require('prettier');
const { installHost, NODE_VERSION } = require('../test/e2e/hosts');
const { CASES, growth, SMALL_CASES } = require('./cases');
const { figureOf, spread } = require('./columns');
const { plot } = require('./plot');
const { measure, measureLoading } = require('./measure');
const {
	circumstancesOf,
	gridOf,
	growthGrid,
	headlineGrid,
	labelOf,
	measuredOn,
	toMarkdown,
	toText,
} = require('./report');

/**
 * @typedef {import('./cases').Case} Case
 * @typedef {import('./Child').Host} Host
 * @typedef {import('./report').Result} Result
 *
 * @typedef {object} Plan
 * @property {Case[]} cases
 * @property {number[]} sizes in items, of which it is measured how time and memory grow
 * @property {number} loads how often the package is loaded
 *
 * @typedef {object} Outcome
 * @property {import('./report').Circumstances} circumstances
 * @property {Result[]} results of the cases
 * @property {Result[]} grown results of the sizes
 * @property {import('./report').Grid} loading
 */

/** @type {Plan} */
const FULL = { cases: CASES, sizes: [100, 1000, 10_000, 50_000], loads: 15 };

/** @type {Plan} */
const SMALL = { cases: SMALL_CASES, sizes: [100, 1000], loads: 1 };

const ROOT = resolve(__dirname, '..');
const DOCS = join(ROOT, 'docs');
const README = join(ROOT, 'README.md');

/** What stands between these in the README is the benchmark's. */
const README_PART = /(<!-- benchmark -->\n)[^]*(\n<!-- \/benchmark -->)/;

async function main() {
	const options = /** @type {const} */ ({ small: { type: 'boolean' } });
	const { small = false } = parseArgs({ options }).values;
	const host = installHost('newest');
	const outcome = await carryOut(small ? SMALL : FULL, host);
	const faults = [...outcome.results, ...outcome.grown].flatMap(faultsOf);
	for (const fault of faults) console.error(fault);
	process.exitCode = faults.length > 0 ? 1 : 0;
	if (!small && faults.length === 0) await write(outcome);
}

/**
 * @param {Plan} plan
 * @param {Host & { version: string }} host
 * @returns {Promise<Outcome>}
 */
async function carryOut({ cases, sizes, loads }, host) {
	const circumstances = circumstancesIn(host);
	console.log(measuredOn(circumstances));
	const results = [];
	for (const each of cases) {
		const result = await measureCase(host, each);
		results.push(result);
		console.log(`\n${each.title}: ${circumstancesOf(result)}\n${toText(gridOf(result))}`);
	}
	const grown = [];
	for (const each of growth(sizes)) grown.push(await measureCase(host, each));
	console.log(`\nHow it grows\n${toText(growthGrid(grown))}`);
	const loading = await loadingGrid(host, loads);
	console.log(`\nLoading the package\n${toText(loading)}`);
	return { circumstances, results, grown, loading };
}

/**
 * Has all contenders do a case's work in turn, round by round.
 *
 * @param {Host} host
 * @param {Case} theCase
 * @returns {Promise<Result>}
 */
async function measureCase(host, theCase) {
	/** @type {Result['rounds']} */
	const rounds = Object.fromEntries(theCase.contenders.map((name) => [name, []]));
	for (let round = 0; round < theCase.rounds; round++) {
		for (const contender of theCase.contenders) {
			rounds[contender]?.push(await measure(host, theCase, contender));
		}
	}
	return { case: theCase, rounds };
}

/**
 * @param {Host} host
 * @param {number} times
 * @returns {Promise<import('./report').Grid>}
 */
async function loadingGrid(host, times) {
	const loads = [];
	for (let load = 0; load < times; load++) loads.push(await measureLoading(host));
	const time = figureOf(loads.map(({ loadMs }) => loadMs));
	const memory = figureOf(loads.map(({ loadBytes }) => loadBytes / 1000));
	return {
		heads: ['', 'Time (ms)', 'Memory (kB)'],
		rows: [['Node and credential', spread(time, 1), spread(memory, 0)]],
	};
}

/**
 * @param {{ version: string }} host
 * @returns {import('./report').Circumstances}
 */
function circumstancesIn({ version: n8n }) {
	const [cpu] = cpus();
	const gigabytes = Math.round(totalmem() / 2 ** 30);
	return {
		date: new Date().toISOString().slice(0, 10),
		version: JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version,
		n8n,
		node: NODE_VERSION,
		machine: `${cpus().length} cores of ${cpu?.model.trim()}, ${gigabytes} GB`,
	};
}

/**
 * @param {Result} result
 * @returns {string[]} what the LoyaltyLion node must never do
 */
function faultsOf({ case: { title, contenders }, rounds }) {
	const [name = ''] = contenders;
	return (rounds[name] ?? []).flatMap(({ lost, doubled, wrong, failed, succeeded, ...others }) => {
		const { awarded, breaches, error } = others;
		const isRight = lost + doubled + wrong + failed + breaches.length === 0;
		const isWell = isRight && succeeded === awarded && error === undefined;
		const what = { awarded, lost, doubled, wrong, succeeded, failed, breaches, error };
		return isWell ? [] : [`${title}: the ${labelOf(name)} came to ${JSON.stringify(what)}`];
	});
}

/** @param {Outcome} outcome */
async function write(outcome) {
	const { circumstances, results, grown } = outcome;
	const [first] = results;
	if (first) writeFileSync(join(DOCS, 'benchmark.svg'), plot(first));
	await writeFormatted('benchmark.md', toDocument(outcome));
	const measured = [...results, ...grown].map(({ case: theCase, rounds }) => ({
		...theCase,
		measured: withoutTimes(rounds),
	}));
	await writeFormatted(
		'benchmark.json',
		JSON.stringify({ circumstances, loading: outcome.loading, cases: measured }),
	);
	const part = `${measuredOn(circumstances)} Medians of several rounds, and of what went wrong the worst round; all figures are in [docs/benchmark.md](docs/benchmark.md).\n\n${toMarkdown(headlineGrid(results))}`;
	const readme = readFileSync(README, 'utf8').replace(
		README_PART,
		(_, start, end) => `${start}\n${part}\n${end}`,
	);
	writeFileSync(README, await formatted(README, readme));
}

/**
 * The times of all awards are for the plot.
 *
 * @param {Result['rounds']} rounds
 */
function withoutTimes(rounds) {
	const entries = Object.entries(rounds).map(([name, measured]) => [
		name,
		measured.map((each) => ({ ...each, times: undefined })),
	]);
	return Object.fromEntries(entries);
}

/** @param {Outcome} outcome */
function toDocument({ circumstances, results, grown, loading }) {
	return [
		'# Benchmark',
		`${measuredOn(circumstances)} \`npm run bench\` measures it anew.`,
		'Each way to do the work runs in a process of its own, in the engine of that n8n, one after another; the stand-in of LoyaltyLion runs in another. Figures are the median of the rounds, with the lowest and the highest in brackets; ratios are taken within a round. What n8n does around its engine is left out, for all alike: it reads a credential from its database for each item, saves executions, and runs a Code node in a process of its own. Each process has done a little work before, as that of a running n8n has.',
		...results.flatMap((result) => [
			`## ${result.case.title}: ${circumstancesOf(result)}`,
			result.case.about,
			toMarkdown(gridOf(result)),
			...(result === results[0] ? ['![Items awarded over time](benchmark.svg)'] : []),
		]),
		'## How it grows',
		'The LoyaltyLion node without a limit.',
		toMarkdown(growthGrid(grown)),
		'## Loading the package',
		"What it costs n8n to load the package's node and credential, beyond n8n's own modules.",
		toMarkdown(loading),
	].join('\n\n');
}

/**
 * @param {string} name of a file in docs/
 * @param {string} text
 */
async function writeFormatted(name, text) {
	const file = join(DOCS, name);
	writeFileSync(file, await formatted(file, text));
}

/**
 * @param {string} file
 * @param {string} text
 */
async function formatted(file, text) {
	return await prettier.format(text, {
		...(await prettier.resolveConfig(file)),
		filepath: file,
	});
}

void main();
