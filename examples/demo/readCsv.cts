import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { inOneLine, UserFault } from './UserFault.cts';

/** A file of rows to award. */
export interface Csv {
	/** Its path. */
	file: string;
	/** The names of its columns, in order; a name may be there twice. */
	header: string[];
	rows: Row[];
}

export interface Row {
	/** As a spreadsheet counts: the names of the columns are row 1. */
	number: number;
	/** In the order of the columns, as they came. */
	cells: string[];
	/** By column. */
	values: Record<string, string>;
}

/** Whose cells are the fields of the workflow. */
const COLUMNS = ['Email', 'Points', 'Reason'];

/** What tells rows apart, where there is such a column. */
export const REFERENCE = 'Reference';

/**
 * Reads a file of rows to award.
 *
 * @param file its path
 * @returns its rows, at least one, without those that are empty
 * @throws {UserFault} when it cannot be read, is no CSV in UTF-8, or lacks rows or columns; says what to do
 */
export function readCsv(file: string): Csv {
	const [first, ...others] = records(file);
	if (!first)
		throw new UserFault(`${file} is empty. Its first row has to be: ${COLUMNS.join(',')}.`);
	if (others.length === 0)
		throw new UserFault(
			`${file} holds no rows. Put one row for each award below the names of the columns.`,
		);
	const header = first.cells;
	checkHeader(file, header);
	const rows = others.map(({ number, cells }) => {
		if (cells.length !== header.length)
			throw new UserFault(
				`${file} is no CSV: row ${number} has ${cells.length} cells, and row 1 has ${header.length}. ${QUOTE}`,
			);
		const values = Object.fromEntries(header.map((name, index) => [name, cells[index] ?? '']));
		return { number, cells, values };
	});
	return { file, header, rows };
}

function records(file: string): Omit<Row, 'values'>[] {
	const bytes = inOneLine(`${file} cannot be read`, () => readFileSync(file));
	const text = inOneLine(
		`${file} is no CSV in UTF-8`,
		() => new TextDecoder('utf-8', { fatal: true }).decode(bytes),
		SAVE_AS,
	);
	const options = { relax_column_count: true, skip_empty_lines: false };
	const all: string[][] = inOneLine(`${file} is no CSV`, () => parse(text, options), QUOTE);
	return all
		.map((cells, index) => ({ number: index + 1, cells }))
		.filter(({ cells }) => cells.length > 1 || cells[0]?.trim());
}

function checkHeader(file: string, header: string[]) {
	const [only = ''] = header;
	if (header.length === 1 && /[;\t]/.test(only))
		throw new UserFault(
			`${file} separates its columns with ${only.includes(';') ? 'semicolons' : 'tabs'}. ${COMMAS}`,
		);
	const missing = COLUMNS.filter((column) => !header.includes(column));
	if (missing.length > 0)
		throw new UserFault(
			`${file} lacks the column ${missing.join(', ')}. It needs: ${COLUMNS.join(', ')}. It has: ${header.join(', ')}.`,
		);
	const isTwice = (column: string) => header.filter((name) => name === column).length > 1;
	const twice = [...COLUMNS, REFERENCE].filter(isTwice);
	if (twice.length > 0)
		throw new UserFault(
			`${file} has the column ${twice.join(', ')} twice. Rename the one that does not count.`,
		);
}

const SAVE_AS =
	'Save it anew: in Excel as "CSV UTF-8 (Comma delimited)", in Google Sheets by File > Download > Comma Separated Values.';

const COMMAS =
	'Save it with commas: in Google Sheets by File > Download > Comma Separated Values; Excel takes the separator from the region that your computer is set to.';

const QUOTE = 'A text that holds a comma or a quotation mark has to stand in quotation marks.';
