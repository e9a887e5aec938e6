import { loadavg } from 'node:os';
import { max, mean, sum } from 'simple-statistics';
import { Child, type Host } from './Child.cts';
import { figureOf, rounded, spread } from './columns.cts';
import type { Effort } from './contenderProcess.cts';
import type { Ledger } from './shopProcess.cts';
import type { Work } from './work.cts';

/** Several processes of n8n that do not know of each other, at the limit of one shop. */
export interface Crowd {
	workers: number;
	/** Of each. */
	items: number;
	/** How long each answer takes. */
	latencyMs: number;
}

/** What one round came to. */
export interface CrowdRound extends Omit<Ledger, 'times'> {
	/** Of each worker, from the start of its workflow to its end. */
	seconds: number[];
	/** Items that failed, of all workers. */
	failed: number;
}

export interface CrowdResult extends Crowd {
	rounds: CrowdRound[];
}

/** What was measured of one version of the package. */
export interface Crowds {
	date: string;
	/** The machine's load average over a minute, at the beginning and after each crowd. */
	loads: number[];
	results: CrowdResult[];
}

/** LoyaltyLion's own limit, as the stand-in keeps it: no second may hold more. */
const LIMIT = 20;

const WORKERS = [1, 2, 3, 5, 10];
const LATENCIES_MS = [60, 400];

/** One worker does as many as in the other cases at the limit. */
function crowdOf(workers: number, latencyMs: number): Crowd {
	return { workers, latencyMs, items: workers === 1 ? 1000 : 200 };
}

/**
 * Measures the LoyaltyLion node in several processes of n8n's engine that share one limit. The latencies are
 * measured at the same time, each in shops and processes of its own.
 *
 * @param host the n8n to measure in
 * @param root where the built package is
 * @param rounds how often
 * @returns what all crowds came to
 */
export async function measureWorkers(host: Host, root: string, rounds: number): Promise<Crowds> {
	const loads: number[] = [];
	const noteLoad = () => loads.push(Math.round((loadavg()[0] ?? 0) * 10) / 10);
	noteLoad();
	const all = await Promise.all(
		LATENCIES_MS.map((latencyMs) => measureCrowds(host, root, rounds, latencyMs, noteLoad)),
	);
	return { date: new Date().toISOString().slice(0, 10), loads, results: all.flat() };
}

async function measureCrowds(
	host: Host,
	root: string,
	rounds: number,
	latencyMs: number,
	noteLoad: () => void,
): Promise<CrowdResult[]> {
	const workers = await Promise.all(
		Array.from({ length: Math.max(...WORKERS) }, () => startWorker(host, root)),
	);
	try {
		const results: CrowdResult[] = [];
		for (const count of WORKERS) {
			const crowd = crowdOf(count, latencyMs);
			const measured: CrowdRound[] = [];
			for (let round = 0; round < rounds; round++) {
				measured.push(await visit(host, workers.slice(0, count), crowd, LIMIT));
			}
			noteLoad();
			results.push({ ...crowd, rounds: measured });
		}
		return results;
	} finally {
		for (const worker of workers) worker.kill();
	}
}

async function startWorker(host: Host, root: string): Promise<Child> {
	const worker = new Child(host, 'contenderProcess');
	const nodeSettings = { onError: 'continueErrorOutput' };
	await worker.ask({ modules: host.modules, root, contender: 'loyaltyLion', nodeSettings });
	await visit(host, [worker], { workers: 1, items: 20, latencyMs: 0 }, Infinity);
	return worker;
}

/** Has all workers do their part in one shop, begun at the same time. */
async function visit(
	host: Host,
	workers: Child[],
	{ items, latencyMs }: Crowd,
	requestsPerSecond: number,
): Promise<CrowdRound> {
	const shop = new Child(host, 'shopProcess');
	try {
		const work: Work = { items: items * workers.length };
		const url = await shop.ask<string>({ work, requestsPerSecond, latencyMs });
		const efforts = await Promise.all(
			workers.map((worker, index) =>
				worker.ask<Effort>({ work: { items, first: index * items }, url }, shop),
			),
		);
		const { times, ...ledger } = await shop.ask<Ledger>('report');
		return {
			...ledger,
			seconds: efforts.map(({ seconds }) => seconds),
			failed: sum(efforts.map(({ failed }) => failed)),
		};
	} finally {
		shop.kill();
	}
}

/**
 * @param results of the same package
 * @returns one row for each crowd
 */
export function workersGrid(results: CrowdResult[]): { heads: string[]; rows: string[][] } {
	return {
		heads: [
			'Workers',
			'Each answer takes (ms)',
			'Items each',
			'Awarded',
			'Lost',
			'Share of the limit (%)',
			'429s per 100 awards',
			'First done (s)',
			'Last done (s)',
			'Last done by mean done',
		],
		rows: results.map(({ workers, latencyMs, items, rounds }) => [
			rounded(workers, 0),
			rounded(latencyMs, 0),
			rounded(items, 0),
			shown(rounds, 0, ({ awarded }) => awarded),
			shown(rounds, 0, ({ lost }) => lost),
			shown(rounds, 0, ({ awarded, seconds }) => (100 * awarded) / max(seconds) / LIMIT),
			shown(rounds, 1, ({ refused, awarded }) => (100 * refused) / awarded),
			shown(rounds, 1, ({ seconds }) => Math.min(...seconds)),
			shown(rounds, 1, ({ seconds }) => max(seconds)),
			shown(rounds, 2, ({ seconds }) => max(seconds) / mean(seconds)),
		]),
	};
}

/**
 * @param results of the package as it is
 * @returns what must never be: items that were lost or doubled, or failed
 */
export function workersFaults(results: CrowdResult[]): string[] {
	return results.flatMap(({ workers, latencyMs, rounds }) =>
		rounds.flatMap(({ lost, doubled, wrong, failed, breaches }) =>
			lost + doubled + wrong + failed + breaches.length === 0
				? []
				: [`${workers} workers at ${latencyMs} ms: ${JSON.stringify({ lost, doubled, failed })}`],
		),
	);
}

function shown(rounds: CrowdRound[], digits: number, value: (round: CrowdRound) => number): string {
	return spread(figureOf(rounds.map(value)), digits);
}
