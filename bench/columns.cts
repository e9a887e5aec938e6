import { max, median, min } from 'simple-statistics';
import type { Case } from './cases.cts';
import type { Measured } from './measure.cts';
import type { Shop } from './shopProcess.cts';

export type ColumnName =
	| 'awarded'
	| 'lost'
	| 'doubled'
	| 'wrong'
	| 'requests'
	| 'refused'
	| 'seconds'
	| 'perSecond'
	| 'share'
	| 'timesFaster'
	| 'cpuPerItem'
	| 'memory'
	| 'memoryShare'
	| 'memoryPerItem';

interface Column {
	heading: string;
	/** How many to show after the point. */
	digits: number;
	/** Of one round, given what the contender to compare with came to in the same round. */
	value: (measured: Measured, given: { against: Measured; shop: Shop }) => number;
	/** Of the rounds, where one figure has to do; the median if not given. */
	told?: keyof Figure;
}

/** Over the rounds. */
export type Figure = { median: number; min: number; max: number };

const MB = 1e6;

/** Shown where there is no figure. */
export const NONE = '–';

export const COLUMNS: Record<ColumnName, Column> = {
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
 * @param rounds the contender's
 * @param against those of the contender to compare with
 * @returns for each column of the case
 */
export function figuresOf(
	{ columns, shop }: Case,
	rounds: Measured[],
	against: Measured[],
): { [column in ColumnName]?: Figure } {
	const figures = columns.map((name) => {
		const values = rounds.map((measured, round) =>
			COLUMNS[name].value(measured, { against: against[round] ?? measured, shop }),
		);
		return [name, figureOf(values)] as const;
	});
	return Object.fromEntries(figures);
}

/**
 * @param values of the rounds
 * @returns all of it NaN if one of them is
 */
export function figureOf(values: number[]): Figure {
	if (values.some(Number.isNaN)) return { median: NaN, min: NaN, max: NaN };
	return { median: median(values), min: min(values), max: max(values) };
}

/**
 * Writes a figure down.
 *
 * @param digits after the point
 * @returns the median, and in brackets from where to where the rounds went
 */
export function spread({ median: middle, min: least, max: most }: Figure, digits: number): string {
	if (Number.isNaN(middle)) return NONE;
	const [shown, from, to] = [middle, least, most].map((value) => rounded(value, digits));
	return from === to ? `${shown}` : `${shown} (${from} – ${to})`;
}

/**
 * @param digits after the point
 * @returns the number, or a dash for NaN
 */
export function rounded(value: number, digits: number): string {
	if (Number.isNaN(value)) return NONE;
	return value.toLocaleString('en', {
		minimumFractionDigits: digits,
		maximumFractionDigits: digits,
	});
}

function count(heading: string, value: (measured: Measured) => number): Column {
	return { heading, digits: 0, value };
}

/** There is no speed to speak of where the work was not done, or not right. */
function perSecond({ awarded, lost, wrong, seconds }: Measured) {
	return lost + wrong > 0 ? NaN : awarded / seconds;
}
