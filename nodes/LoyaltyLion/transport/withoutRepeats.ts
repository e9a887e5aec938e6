/**
 * Leaves out the rows of a list that came before: a row that slips from one page to the next meanwhile
 * comes twice.
 *
 * @param rows all rows
 * @param idOf tells a row's ID; rows without a number for one are kept
 * @returns the rows, each once
 */
export function withoutRepeats<Row>(rows: Row[], idOf: (row: Row) => unknown): Row[] {
	const seen = new Set<number>();
	return rows.filter((row) => {
		const id = idOf(row);
		if (typeof id !== 'number') return true;
		const isNew = !seen.has(id);
		seen.add(id);
		return isNew;
	});
}
