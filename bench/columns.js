const { max, median, min } = require('simple-statistics');

/**
 * @typedef {import('./measure').Measured} Measured
 * @typedef {import('./cases').Case} Case
 * @typedef {'awarded' | 'lost' | 'doubled' | 'wrong' | 'requests' | 'refused' | 'seconds' | 'perSecond' | 'share' | 'timesFaster' | 'cpuPerItem' | 'memory' | 'memoryShare' | 'memoryPerItem'} ColumnName
 *
 * @typedef {object} Column
 * @property {string} heading
 * @property {number} digits how many to show after the point
 * @property {(measured: Measured, given: { against: Measured, shop: import('./shopProcess').Shop }) => number} value
 *   of one round, given what the contender to compare with came to in the same round
 * @property {keyof Figure} [told] of the rounds, where one figure has to do; the median if not given
 *
 * @typedef {{ median: number, min: number, max: number }} Figure over the rounds
 */

const MB = 1e6;

/** Shown where there is no figure. */
const NONE = '–';

/** @type {Record<ColumnName, Column>} */
const COLUMNS = {
	awarded: count('Awarded', ({ awarded }) => awarded),
	lost: { ...count('Lost', ({ lost }) => lost), told: 'max' },
	doubled: { ...count('Doubled', ({ doubled }) => doubled), told: 'max' },
	wrong: { ...count('To somebody else', ({ wrong }) => wrong), told: 'max' },
	requests: count('Requests', ({ requests }) => requests),
	refused: count('429s', ({ refused }) => refused),
	seconds: { heading: 'Seconds', digits: 1, value: ({ seconds }) => seconds },
	perSecond: { heading: 'Awards per second', digits: 1, value: perSecond },
	share: {
		heading: 'Share of the limit (%)',
		digits: 1,
		value: (measured, { shop }) => (100 * perSecond(measured)) / shop.requestsPerSecond,
	},
	timesFaster: {
		heading: 'Times as fast as HTTP Request',
		digits: 2,
		value: (measured, { against }) => perSecond(measured) / perSecond(against),
	},
	cpuPerItem: {
		heading: 'Processor time per item (ms)',
		digits: 2,
		value: ({ cpuMs }, { shop }) => cpuMs / shop.work.items,
	},
	memory: { heading: 'Memory (MB)', digits: 0, value: ({ memoryBytes }) => memoryBytes / MB },
	memoryShare: {
		heading: 'Of the memory of HTTP Request',
		digits: 2,
		value: ({ memoryBytes }, { against }) => memoryBytes / against.memoryBytes,
	},
	memoryPerItem: {
		heading: 'Memory per item (kB)',
		digits: 1,
		value: ({ memoryBytes }, { shop }) => memoryBytes / 1000 / shop.work.items,
	},
};

/**
 * Sums up what one contender came to in all rounds.
 *
 * @param {Case} theCase
 * @param {Measured[]} rounds the contender's
 * @param {Measured[]} against those of the contender to compare with
 * @returns {{ [column in ColumnName]?: Figure }} for each column of the case
 */
function figuresOf({ columns, shop }, rounds, against) {
	const figures = columns.map((name) => {
		const values = rounds.map((measured, round) =>
			COLUMNS[name].value(measured, { against: against[round] ?? measured, shop }),
		);
		return [name, figureOf(values)];
	});
	return Object.fromEntries(figures);
}

/**
 * @param {number[]} values of the rounds
 * @returns {Figure} all of it NaN if one of them is
 */
function figureOf(values) {
	if (values.some(Number.isNaN)) return { median: NaN, min: NaN, max: NaN };
	return { median: median(values), min: min(values), max: max(values) };
}

/**
 * Writes a figure down.
 *
 * @param {Figure} figure
 * @param {number} digits after the point
 * @returns {string} the median, and in brackets from where to where the rounds went
 */
function spread({ median: middle, min: least, max: most }, digits) {
	if (Number.isNaN(middle)) return NONE;
	const [shown, from, to] = [middle, least, most].map((value) => rounded(value, digits));
	return from === to ? `${shown}` : `${shown} (${from} – ${to})`;
}

/**
 * @param {number} value
 * @param {number} digits after the point
 * @returns {string} the number, or a dash for NaN
 */
function rounded(value, digits) {
	if (Number.isNaN(value)) return NONE;
	return value.toLocaleString('en', {
		minimumFractionDigits: digits,
		maximumFractionDigits: digits,
	});
}

/**
 * @param {string} heading
 * @param {(measured: Measured) => number} value
 * @returns {Column}
 */
function count(heading, value) {
	return { heading, digits: 0, value };
}

/**
 * There is no speed to speak of where the work was not done, or not right.
 *
 * @param {Measured} measured
 */
function perSecond({ awarded, lost, wrong, seconds }) {
	return lost + wrong > 0 ? NaN : awarded / seconds;
}

module.exports = { COLUMNS, figureOf, figuresOf, NONE, rounded, spread };
