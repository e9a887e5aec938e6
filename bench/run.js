/**
 * Measures the LoyaltyLion node beside what people use instead, and writes what came of it into docs/ and the
 * README. With --small it does a little of everything and writes nothing; with --stored it measures nothing,
 * and writes the pages anew from the figures in docs/. It fails when the LoyaltyLion node has lost or doubled an
 * item, or awarded it to somebody else.
 */
const { readFileSync, writeFileSync } = require('node:fs');
const { cpus, totalmem } = require('node:os');
const { join, resolve } = require('node:path');
const { parseArgs } = require('node:util');
const prettier = require('prettier');
const { installHost, NODE_VERSION } = require('../dev/hosts/hosts');
const { CASES, growth, SMALL_CASES } = require('./cases');
const { figureOf, spread } = require('./columns');
const { plot } = require('./plot');
const { measure, measureLoading } = require('./measure');
const {
	circumstancesOf,
	gridOf,
	growthGrid,
	labelOf,
	measuredOn,
	toDocument,
	toText,
	withFigures,
} = require('./report');
const { fromStored, SIZES, toStored } = require('./stored');

/**
 * @typedef {import('./cases').Case} Case
 * @typedef {import('./Child').Host} Host
 * @typedef {import('./report').Outcome} Outcome
 * @typedef {import('./report').Result} Result
 *
 * @typedef {object} Plan
 * @property {Case[]} cases
 * @property {number[]} sizes in items, of which it is measured how time and memory grow
 * @property {number} loads how often the package is loaded
 */

/** @type {Plan} */
const FULL = { cases: CASES, sizes: SIZES, loads: 15 };

/** @type {Plan} */
const SMALL = { cases: SMALL_CASES, sizes: [100, 1000], loads: 1 };

const ROOT = resolve(__dirname, '..');
const DOCS = join(ROOT, 'docs');
const README = join(ROOT, 'README.md');
const FIGURES = join(DOCS, 'benchmark.json');

async function main() {
	const options = /** @type {const} */ ({
		small: { type: 'boolean' },
		stored: { type: 'boolean' },
	});
	const { small = false, stored = false } = parseArgs({ options }).values;
	if (stored) return await writePages(fromStored(readFileSync(FIGURES, 'utf8')));
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
	const [first] = outcome.results;
	if (first) writeFileSync(join(DOCS, 'benchmark.svg'), plot(first));
	await writeFormatted(FIGURES, toStored(outcome));
	await writePages(outcome);
}

/** @param {Outcome} outcome */
async function writePages(outcome) {
	await writeFormatted(join(DOCS, 'benchmark.md'), toDocument(outcome));
	await writeFormatted(README, withFigures(readFileSync(README, 'utf8'), outcome));
}

/**
 * @param {string} file
 * @param {string} text
 */
async function writeFormatted(file, text) {
	const options = { ...(await prettier.resolveConfig(file)), filepath: file };
	writeFileSync(file, await prettier.format(text, options));
}

void main();
