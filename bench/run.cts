/**
 * Measures the LoyaltyLion node beside what people use instead, and writes what came of it into docs/ and the
 * README. With --small it does a little of everything and writes nothing; with --stored it measures nothing,
 * and writes the pages anew from the figures in docs/; with --workers it measures only several workers at one
 * limit, and with --before FOLDER the same of an older version that is built there, and puts that among the
 * figures; with --emails it measures only a list of many different emails, and writes nothing. It fails when the LoyaltyLion node has lost or doubled an item, or awarded it to somebody else.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import prettier from 'prettier';
import { installHost, NODE_VERSION } from '../dev/hosts/hosts.cts';
import { ROOT } from '../dev/root.cts';
import { type Case, CASES, growth, MANY_EMAILS, SMALL_CASES } from './cases.cts';
import type { Host } from './Child.cts';
import { figureOf, spread } from './columns.cts';
import { compile } from './compile.cts';
import { measure, measureLoading } from './measure.cts';
import { plot } from './plot.cts';
import {
	type Circumstances,
	circumstancesOf,
	type Grid,
	gridOf,
	growthGrid,
	labelOf,
	measuredOn,
	type Outcome,
	type Result,
	toDocument,
	toText,
	withFigures,
} from './report.cts';
import { fromStored, SIZES, toStored } from './stored.cts';
import { type Crowds, measureWorkers, workersFaults, workersGrid } from './workers.cts';

interface Plan {
	cases: Case[];
	/** In items, of which it is measured how time and memory grow. */
	sizes: number[];
	/** How often the package is loaded. */
	loads: number;
	/** How often several workers are measured; not at all with 0. */
	workerRounds: number;
}

const FULL: Plan = { cases: CASES, sizes: SIZES, loads: 15, workerRounds: 5 };

const SMALL: Plan = { cases: SMALL_CASES, sizes: [100, 1000], loads: 1, workerRounds: 0 };

const DOCS = join(ROOT, 'docs');
const README = join(ROOT, 'README.md');
const FIGURES = join(DOCS, 'benchmark.json');

async function main() {
	const options = {
		small: { type: 'boolean' },
		stored: { type: 'boolean' },
		workers: { type: 'boolean' },
		before: { type: 'string' },
		emails: { type: 'boolean' },
	} as const;
	const { small = false, stored = false, workers, before, emails } = parseArgs({ options }).values;
	if (stored) return await writePages(readStored());
	const host = { ...installHost('newest'), processes: compile() };
	if (workers) return await putWorkers(host, before);
	if (emails) return tellFaults(faultsOf(await tellCase(host, MANY_EMAILS)));
	const outcome = await carryOut(small ? SMALL : FULL, host);
	const faults = [
		...[...outcome.results, ...outcome.grown].flatMap(faultsOf),
		...workersFaults(outcome.workers.now.results),
	];
	tellFaults(faults);
	if (!small && faults.length === 0) await write(outcome);
}

function readStored(): Outcome {
	return fromStored(readFileSync(FIGURES, 'utf8'));
}

/** @param before where an older version is that was built; without it, the package as it is */
async function putWorkers(host: Host, before: string | undefined) {
	const measured = await measureAllWorkers(host, before ?? ROOT, FULL.workerRounds);
	const outcome = readStored();
	const workers = { ...outcome.workers, [before === undefined ? 'now' : 'before']: measured };
	await writeFigures({ ...outcome, workers });
	tellFaults(workersFaults(workers.now.results));
}

function tellFaults(faults: string[]) {
	for (const fault of faults) console.error(fault);
	process.exitCode = faults.length > 0 ? 1 : 0;
}

async function measureAllWorkers(host: Host, root: string, rounds: number): Promise<Crowds> {
	const measured = await measureWorkers(host, root, rounds);
	console.log(`\nSeveral workers at one limit\n${toText(workersGrid(measured.results))}`);
	return measured;
}

async function carryOut(
	{ cases, sizes, loads, workerRounds }: Plan,
	host: Host & { version: string },
): Promise<Outcome> {
	const circumstances = circumstancesIn(host);
	console.log(measuredOn(circumstances));
	const results = [];
	for (const each of cases) results.push(await tellCase(host, each));
	const grown = [];
	for (const each of growth(sizes)) grown.push(await measureCase(host, each));
	console.log(`\nHow it grows\n${toText(growthGrid(grown))}`);
	const loading = await loadingGrid(host, loads);
	console.log(`\nLoading the package\n${toText(loading)}`);
	const { workers } = readStored();
	if (workerRounds > 0) workers.now = await measureAllWorkers(host, ROOT, workerRounds);
	return { circumstances, results, grown, loading, workers };
}

async function tellCase(host: Host, theCase: Case): Promise<Result> {
	const result = await measureCase(host, theCase);
	console.log(`\n${theCase.title}: ${circumstancesOf(result)}\n${toText(gridOf(result))}`);
	return result;
}

/** Has all contenders do a case's work in turn, round by round. */
async function measureCase(host: Host, theCase: Case): Promise<Result> {
	const rounds: Result['rounds'] = Object.fromEntries(theCase.contenders.map((name) => [name, []]));
	for (let round = 0; round < theCase.rounds; round++) {
		for (const contender of theCase.contenders) {
			rounds[contender]?.push(await measure(host, theCase, contender));
		}
	}
	return { case: theCase, rounds };
}

async function loadingGrid(host: Host, times: number): Promise<Grid> {
	const loads = [];
	for (let load = 0; load < times; load++) loads.push(await measureLoading(host));
	const time = figureOf(loads.map(({ loadMs }) => loadMs));
	const memory = figureOf(loads.map(({ loadBytes }) => loadBytes / 1000));
	return {
		heads: ['', 'Time (ms)', 'Memory (kB)'],
		rows: [['Node and credential', spread(time, 1), spread(memory, 0)]],
	};
}

function packageVersion() {
	const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
		version: string;
	};
	return version;
}

function circumstancesIn({ version: n8n }: { version: string }): Circumstances {
	const [cpu] = cpus();
	const gigabytes = Math.round(totalmem() / 2 ** 30);
	return {
		date: new Date().toISOString().slice(0, 10),
		version: packageVersion(),
		n8n,
		node: NODE_VERSION,
		machine: `${cpus().length} cores of ${cpu?.model.trim()}, ${gigabytes} GB`,
	};
}

/** @returns what the LoyaltyLion node must never do */
function faultsOf({ case: { title, contenders }, rounds }: Result): string[] {
	const [name = ''] = contenders;
	return (rounds[name] ?? []).flatMap(({ lost, doubled, wrong, failed, succeeded, ...others }) => {
		const { awarded, breaches, error } = others;
		const isRight = lost + doubled + wrong + failed + breaches.length === 0;
		const isWell = isRight && succeeded === awarded && error === undefined;
		const what = { awarded, lost, doubled, wrong, succeeded, failed, breaches, error };
		return isWell ? [] : [`${title}: the ${labelOf(name)} came to ${JSON.stringify(what)}`];
	});
}

async function write(outcome: Outcome) {
	const [first] = outcome.results;
	if (first) writeFileSync(join(DOCS, 'benchmark.svg'), plot(first));
	await writeFigures(outcome);
}

async function writeFigures(outcome: Outcome) {
	await writeFormatted(FIGURES, toStored(outcome));
	await writePages(outcome);
}

async function writePages(outcome: Outcome) {
	await writeFormatted(join(DOCS, 'benchmark.md'), toDocument(outcome));
	await writeFormatted(README, withFigures(readFileSync(README, 'utf8'), outcome));
}

async function writeFormatted(file: string, text: string) {
	const options = { ...(await prettier.resolveConfig(file)), filepath: file };
	writeFileSync(file, await prettier.format(text, options));
}

void main();
