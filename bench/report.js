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
 */

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
 * The figures that the README shows, one row for each way to do the work: the median, or of what went
 * wrong the worst round.
 *
 * @param {Result[]} results
 * @returns {Grid}
 */
function headlineGrid(results) {
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
	headlineGrid,
	labelOf,
	measuredOn,
	toMarkdown,
	toText,
};
