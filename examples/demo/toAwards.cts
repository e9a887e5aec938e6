import { type Csv, REFERENCE, type Row } from './readCsv.cts';
import { UserFault } from './UserFault.cts';

/** A row as the workflow takes it. */
export interface Award {
	Email: string;
	Points: string;
	Reason: string;
	/** For what the customer gets points once. */
	onlyOncePer: string;
}

/** So many groups of rows are named at the most. */
const MAX_NAMED = 5;

/**
 * Makes awards of rows that are paid once in a campaign. A row is known by its Reference, else by its email with
 * its points. That is put into its reason as well, by which its entry in the customer's history is known after a
 * crash.
 *
 * @param csv the rows
 * @param campaign its name; capitals make no difference
 * @returns one for each row, in order
 * @throws {UserFault} when rows cannot be told apart, naming them
 */
export function toAwards({ file, rows }: Csv, campaign: string): Award[] {
	refuseEqual(file, rows);
	return rows.map((row) => {
		const { Email = '', Points = '', Reason = '' } = row.values;
		const label = labelOf(row, campaign);
		return { Email, Points, Reason: `${Reason} ${label}`.trim(), onlyOncePer: folded(label) };
	});
}

/**
 * Two different rows or campaigns never have the same: a single slash stands only between campaign and reference.
 * The customer is known to the node, so that the email need not be in it.
 */
function labelOf({ values }: Row, campaign: string) {
	const reference = inOneLine(values[REFERENCE]);
	const kept = withoutSingleSlash(inOneLine(campaign));
	return reference === ''
		? `[${kept}: ${withoutSingleSlash(pointsOf(values))} points]`
		: `[${kept} / ${withoutSingleSlash(reference)}]`;
}

function refuseEqual(file: string, rows: Row[]) {
	const groups = new Map<string, Row[]>();
	for (const row of rows) {
		// Whoever has no email gets no points.
		if (inOneLine(row.values.Email) === '') continue;
		const key = folded(nameOf(row));
		groups.set(key, [...(groups.get(key) ?? []), row]);
	}
	const equal = [...groups.values()].filter((group) => group.length > 1);
	if (equal.length === 0) return;
	const named = equal.slice(0, MAX_NAMED).map((group) => {
		const numbers = group.map(({ number }) => number);
		return `rows ${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)} have ${group[0] && nameOf(group[0])}`;
	});
	const others = equal.length > named.length ? `; and ${equal.length - named.length} more` : '';
	throw new UserFault(
		`${file} holds rows that cannot be told apart, so nobody was paid: ${named.join('; ')}${others}. Take out what is there twice, or give each row a ${REFERENCE} of its own.`,
	);
}

function nameOf({ values }: Row) {
	const reference = inOneLine(values[REFERENCE]);
	return reference === ''
		? `the email ${inOneLine(values.Email)} and ${pointsOf(values)} points`
		: `the ${REFERENCE} ${reference}`;
}

/** Zeros in front make no other number. */
function pointsOf({ Points }: Row['values']) {
	return inOneLine(Points).replace(/^0+(?=\d)/, '');
}

function inOneLine(text = '') {
	return text.normalize('NFC').replace(/\s+/g, ' ').trim();
}

function folded(text: string) {
	return text.toLowerCase();
}

function withoutSingleSlash(text: string) {
	return text.replaceAll('/', '//');
}
