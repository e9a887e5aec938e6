const Table = require('cli-table3');
const { COLUMNS, figuresOf, NONE, rounded, spread } = require('./columns');
const { CONTENDERS } = require('./contenders');

/**
 * @typedef {import('./columns').Figure} Figure
 * @typedef {import('./columns').Measured} Measured
 * @typedef {{ heads: string[], rows: string[][] }} Grid the first column names what the others are about
 *
 * @typedef {object} Result of one case
 * @property {import('./cases').Case} case
 * @property {Record<string, Measured[]>} rounds of each contender, by name
 *
 * @typedef {object} Circumstances
 * @property {string} date
 * @property {string} version of the package
 * @property {string} n8n its version
 * @property {string} node its version
 * @property {string} machine
 *
 * @typedef {object} Outcome
 * @property {Circumstances} circumstances
 * @property {Result[]} results of the cases
 * @property {Result[]} grown results of the sizes
 * @property {Grid} loading
 */

/** What stands between these in the README is the benchmark's. */
const README_PART = /(<!-- benchmark -->\n)[^]*(\n<!-- \/benchmark -->)/;

/**
 * A case's figures, one row for each contender.
 *
 * @param {Result} result
 * @returns {Grid}
 */
function gridOf({ case: theCase, rounds }) {
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
 * @param {Result[]} results each with one contender
 * @returns {Grid}
 */
function growthGrid(results) {
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
 *
 * @param {Result[]} results
 * @returns {Grid}
 */
function overviewGrid(results) {
	const columns = results.flatMap((result) =>
		Object.entries(result.case.headlines).map(([name, heading]) => {
			const column = /** @type {import('./columns').ColumnName} */ (name);
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
 *
 * @param {Result[]} results
 * @returns {Grid}
 */
function promiseGrid(results) {
	const rows = results.flatMap((result) =>
		Object.entries(result.case.promises ?? {}).map(([name, words]) => {
			const column = /** @type {import('./columns').ColumnName} */ (name);
			const [own = NaN, ...others] = worstOf(result, column);
			const range = new Set([Math.min(...others), Math.max(...others)]);
			return [words, rounded(own, 0), [...range].map((each) => rounded(each, 0)).join(' to ')];
		}),
	);
	return { heads: ['', 'LoyaltyLion node', 'Built by hand'], rows };
}

/**
 * @param {Outcome} outcome
 * @returns {string} the page of all figures, in Markdown
 */
function toDocument({ circumstances, results, grown, loading }) {
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
		'## How it grows',
		'The LoyaltyLion node without a limit.',
		toMarkdown(growthGrid(grown)),
		'## Loading the package',
		"What it costs n8n to load the package's node and credential, beyond n8n's own modules.",
		toMarkdown(loading),
	].join('\n\n');
}

/**
 * Puts the benchmark's figures into the README.
 *
 * @param {string} readme
 * @param {Outcome} outcome
 * @returns {string} the new README
 * @throws when it has no place for them
 */
function withFigures(readme, { results }) {
	if (!README_PART.test(readme)) throw new Error('The README has no place for the benchmark.');
	const part = toMarkdown(promiseGrid(results));
	return readme.replace(README_PART, (_, start, end) => `${start}\n${part}\n${end}`);
}

/**
 * In one line, what a case is about and how often it was measured.
 *
 * @param {Result} result
 * @returns {string}
 */
function circumstancesOf(result) {
	const { rounds } = result.case;
	return `${conditionsOf(result)}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`;
}

/**
 * In one line, what a case is about.
 *
 * @param {Result} result
 * @returns {string}
 */
function conditionsOf({ case: { shop } }) {
	const { work, latencyMs, requestsPerSecond } = shop;
	return [
		`${rounded(work.items, 0)} items`,
		latencyMs > 0 ? `each answer takes ${latencyMs} ms` : 'answered at once',
		...(requestsPerSecond === Infinity
			? []
			: [`at most ${requestsPerSecond} requests in any second`]),
	].join(', ');
}

/**
 * @param {Grid} grid
 * @returns {string} a table for a terminal
 */
function toText({ heads, rows }) {
	const table = new Table({ head: heads, style: { head: [], border: [] }, wordWrap: true });
	table.push(...rows);
	return table.toString();
}

/**
 * @param {Grid} grid
 * @returns {string} a table in Markdown
 */
function toMarkdown({ heads, rows }) {
	const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
	const rule = heads.map((_, index) => (index === 0 ? '---' : '--:'));
	return [line(heads), line(rule), ...rows.map(line)].join('\n');
}

/**
 * @param {Circumstances} circumstances
 * @returns {string} a sentence
 */
function measuredOn({ date, version, n8n, node, machine }) {
	return `Measured on ${date} with version ${version} in n8n ${n8n} on Node ${node} (${machine}).`;
}

/**
 * @param {string} name of a contender
 * @returns {string} what it is called in tables
 */
function labelOf(name) {
	return CONTENDERS[name]?.label ?? name;
}

/**
 * @param {Result} result
 * @param {import('./columns').ColumnName} column
 * @returns {Map<string, string>} by label
 */
function cellsOf({ case: theCase, rounds }, column) {
	const { digits, told = 'median' } = COLUMNS[column];
	const against = rounds[theCase.against ?? ''] ?? [];
	return new Map(
		theCase.contenders.map((name) => {
			const figure = figuresOf(theCase, rounds[name] ?? [], against)[column];
			return [labelOf(name), figure ? rounded(figure[told], digits) : NONE];
		}),
	);
}

/**
 * @param {Result} result
 * @param {import('./columns').ColumnName} column
 * @returns {number[]} what the worst round of each contender came to
 */
function worstOf({ case: theCase, rounds }, column) {
	const against = rounds[theCase.against ?? ''] ?? [];
	return theCase.contenders.map(
		(name) => figuresOf(theCase, rounds[name] ?? [], against)[column]?.max ?? NaN,
	);
}

/**
 * @param {import('./columns').ColumnName} column
 * @param {Figure | undefined} figure
 */
function shown(column, figure) {
	return figure ? spread(figure, COLUMNS[column].digits) : NONE;
}

module.exports = {
	circumstancesOf,
	conditionsOf,
	gridOf,
	growthGrid,
	labelOf,
	measuredOn,
	toDocument,
	toText,
	withFigures,
};
