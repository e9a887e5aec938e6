import type { Outcome } from './outcome.cts';
import type { Csv } from './readCsv.cts';

/** What a report adds to the columns of a file. */
const ADDED = ['Outcome', 'Why', 'What to Do'];

/** Excel takes a file for UTF-8 only if it begins with this. */
const MARK = '\ufeff';

/**
 * Writes what became of a list.
 *
 * @param csv the list as it came
 * @param outcomes of its rows, in order
 * @returns a CSV: all columns of the list, and three more
 */
export function toReport({ header, rows }: Csv, outcomes: Outcome[]): string {
	const lines = rows.map(({ cells }, index) => {
		const { outcome = '', why = '', toDo = '' } = outcomes[index] ?? {};
		return [...cells, outcome, why, toDo];
	});
	const all = [[...header, ...ADDED], ...lines];
	return `${MARK}${all.map((cells) => `${cells.map(toCell).join(',')}\r\n`).join('')}`;
}

/**
 * Counts what became of a list.
 *
 * @param outcomes of its rows
 * @returns e.g. "98 paid, 2 not paid"
 */
export function countOutcomes(outcomes: Outcome[]): string {
	const counts = new Map<string, number>();
	for (const { outcome } of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
	return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}

function toCell(text: string) {
	const defused = isFormula(text) ? `'${text}` : text;
	return /[",;\t\r\n]|^\s|\s$/.test(defused) ? `"${defused.replaceAll('"', '""')}"` : defused;
}

/** Excel, and others like it, would run what begins so. They leave out what nobody sees before it. */
function isFormula(text: string) {
	return /^[\s\p{C}]*[=+\-@＝＋－＠]/u.test(text);
}
