import Table from 'cli-table3';
import type { Case } from './cases.cts';
import {
	type ColumnName,
	COLUMNS,
	type Figure,
	figuresOf,
	NONE,
	rounded,
	spread,
} from './columns.cts';
import { CONTENDERS } from './contenders.cts';
import type { Measured } from './measure.cts';
import { type Crowds, workersGrid } from './workers.cts';

/** The first column names what the others are about. */
export type Grid = { heads: string[]; rows: string[][] };

/** Of one case. */
export interface Result {
	case: Case;
	/** Of each contender, by name. */
	rounds: Record<string, Measured[]>;
}

export interface Circumstances {
	date: string;
	/** Of the package. */
	version: string;
	/** Its version. */
	n8n: string;
	/** Its version. */
	node: string;
	machine: string;
}

export interface Outcome {
	circumstances: Circumstances;
	/** Of the cases. */
	results: Result[];
	/** Results of the sizes. */
	grown: Result[];
	loading: Grid;
	/** Several workers at one limit: of the package, and of it before it shared the limit by places. */
	workers: { now: Crowds; before: Crowds };
}

/** What stands between these in the README is the benchmark's. */
const README_PART = /(<!-- benchmark -->\n)[^]*(\n<!-- \/benchmark -->)/;

/** A case's figures, one row for each contender. */
export function gridOf({ case: theCase, rounds }: Result): Grid {
	const against = rounds[theCase.against ?? ''] ?? [];
	const rows = theCase.contenders.map((name) => {
		const figures = figuresOf(theCase, rounds[name] ?? [], against);
		return [labelOf(name), ...theCase.columns.map((column) => shown(column, figures[column]))];
	});
	return { heads: ['', ...theCase.columns.map((column) => COLUMNS[column].heading)], rows };
}

/**
 * How time and memory grow, one row for each amount of work.
 *
 * @param results each with one contender
 */
export function growthGrid(results: Result[]): Grid {
	const grids = results.map((result) => ({ result, grid: gridOf(result) }));
	return {
		heads: ['Items', ...(grids[0]?.grid.heads.slice(1) ?? [])],
		rows: grids.map(({ result, grid }) => [
			rounded(result.case.shop.work.items, 0),
			...(grid.rows[0]?.slice(1) ?? []),
		]),
	};
}

/**
 * All ways to do the work beside each other, one row for each: the median, or of what went wrong the worst
 * round.
 */
function overviewGrid(results: Result[]): Grid {
	const columns = results.flatMap((result) =>
		Object.entries(result.case.headlines).map(([name, heading]) => {
			const column = name as ColumnName;
			return { heading, cells: cellsOf(result, column) };
		}),
	);
	const labels = new Set(columns.flatMap(({ cells }) => [...cells.keys()]));
	return {
		heads: ['', ...columns.map(({ heading }) => heading)],
		rows: [...labels].map((label) => [
			label,
			...columns.map(({ cells }) => cells.get(label) ?? NONE),
		]),
	};
}

/**
 * The figures that the README shows: the worst round of the LoyaltyLion node, and from the best to the worst
 * of the other ways.
 */
function promiseGrid(results: Result[]): Grid {
	const rows = results.flatMap((result) =>
		Object.entries(result.case.promises ?? {}).map(([name, words]) => {
			const column = name as ColumnName;
			const [own = NaN, ...others] = worstOf(result, column);
			const range = new Set([Math.min(...others), Math.max(...others)]);
			return [words, rounded(own, 0), [...range].map((each) => rounded(each, 0)).join(' to ')];
		}),
	);
	return { heads: ['', 'LoyaltyLion node', 'Built by hand'], rows };
}

/** @returns the page of all figures, in Markdown */
export function toDocument({ circumstances, results, grown, loading, workers }: Outcome): string {
	return [
		'# Benchmark',
		`${measuredOn(circumstances)} \`npm run bench\` measures it anew.`,
		'Each way to do the work runs in a process of its own, in the engine of that n8n, one after another; the stand-in of LoyaltyLion runs in another. Figures are the median of the rounds, with the lowest and the highest in brackets; ratios are taken within a round. What n8n does around its engine is left out, for all alike: it reads a credential from its database for each item, saves executions, and runs a Code node in a process of its own. Each process has done a little work before, as that of a running n8n has.',
		'## Overview',
		'Medians of the rounds, and of what went wrong the worst round. The stand-in takes 20 requests in any second, where there is a limit.',
		toMarkdown(overviewGrid(results)),
		...results.flatMap((result) => [
			`## ${result.case.title}: ${circumstancesOf(result)}`,
			result.case.about,
			toMarkdown(gridOf(result)),
			...(result === results[0] ? ['![Items awarded over time](benchmark.svg)'] : []),
		]),
		'## Several workers at one limit',
		'The LoyaltyLion node in several processes that do not know of each other, as workers in queue mode do not; all begin at the same time, and at most 20 requests in any second are taken from all of them together. 60 ms and 400 ms were measured at the same time, each in a shop and with processes of its own. The first requests need not wait, so a short list comes to more than its share.',
		crowdsTold(workers.now),
		toMarkdown(workersGrid(workers.now.results)),
		`The same before the node owned places in time (it slowed down whenever LoyaltyLion refused something). ${crowdsTold(workers.before)}`,
		toMarkdown(workersGrid(workers.before.results)),
		'## How it grows',
		'The LoyaltyLion node without a limit.',
		toMarkdown(growthGrid(grown)),
		'## Loading the package',
		"What it costs n8n to load the package's node and credential, beyond n8n's own modules.",
		toMarkdown(loading),
	].join('\n\n');
}

function crowdsTold({ date, loads, results }: Crowds): string {
	const rounds = new Set(results.map((result) => result.rounds.length));
	return `Measured on ${date}, ${[...rounds].join(' or ')} rounds of each; the machine's load average was ${Math.min(...loads)} to ${Math.max(...loads)}.`;
}

/**
 * Puts the benchmark's figures into the README.
 *
 * @returns the new README
 * @throws when it has no place for them
 */
export function withFigures(readme: string, { results }: Outcome): string {
	if (!README_PART.test(readme)) throw new Error('The README has no place for the benchmark.');
	const part = toMarkdown(promiseGrid(results));
	return readme.replace(README_PART, (_, start, end) => `${start}\n${part}\n${end}`);
}

/** In one line, what a case is about and how often it was measured. */
export function circumstancesOf(result: Result): string {
	const { rounds } = result.case;
	return `${conditionsOf(result)}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`;
}

/** In one line, what a case is about. */
export function conditionsOf({ case: { shop } }: Result): string {
	const { work, latencyMs, requestsPerSecond } = shop;
	return [
		`${rounded(work.items, 0)} items`,
		latencyMs > 0 ? `each answer takes ${latencyMs} ms` : 'answered at once',
		...(requestsPerSecond === Infinity
			? []
			: [`at most ${requestsPerSecond} requests in any second`]),
	].join(', ');
}

/** @returns a table for a terminal */
export function toText({ heads, rows }: Grid): string {
	const table = new Table({ head: heads, style: { head: [], border: [] }, wordWrap: true });
	table.push(...rows);
	return table.toString();
}

/** @returns a table in Markdown */
function toMarkdown({ heads, rows }: Grid): string {
	const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
	const rule = heads.map((_, index) => (index === 0 ? '---' : '--:'));
	return [line(heads), line(rule), ...rows.map(line)].join('\n');
}

/** @returns a sentence */
export function measuredOn({ date, version, n8n, node, machine }: Circumstances): string {
	return `Measured on ${date} with version ${version} in n8n ${n8n} on Node ${node} (${machine}).`;
}

/**
 * @param name of a contender
 * @returns what it is called in tables
 */
export function labelOf(name: string): string {
	return CONTENDERS[name]?.label ?? name;
}

/** @returns by label */
function cellsOf({ case: theCase, rounds }: Result, column: ColumnName): Map<string, string> {
	const { digits, told = 'median' } = COLUMNS[column];
	const against = rounds[theCase.against ?? ''] ?? [];
	return new Map(
		theCase.contenders.map((name) => {
			const figure = figuresOf(theCase, rounds[name] ?? [], against)[column];
			return [labelOf(name), figure ? rounded(figure[told], digits) : NONE];
		}),
	);
}

/** @returns what the worst round of each contender came to */
function worstOf({ case: theCase, rounds }: Result, column: ColumnName): number[] {
	const against = rounds[theCase.against ?? ''] ?? [];
	return theCase.contenders.map(
		(name) => figuresOf(theCase, rounds[name] ?? [], against)[column]?.max ?? NaN,
	);
}

function shown(column: ColumnName, figure: Figure | undefined) {
	return figure ? spread(figure, COLUMNS[column].digits) : NONE;
}
