import { unreadableList } from '../errors/lookups';
import { hasInvisible } from '../shared/plainText';
import { isRecord } from '../shared/isRecord';

/**
 * Reads from a page of a list whether there is another (LoyaltyLion Admin API, Pagination).
 *
 * @param body the JSON object of the answer
 * @param isShort whether the page holds fewer rows than were asked for
 * @returns the cursor that leads to the next page, or `undefined` on the last one
 * @throws {ItemFailure} `lookup_failed` when the page does not say
 */
export function nextCursor(
	{ cursor }: Record<string, unknown>,
	isShort: boolean,
): string | undefined {
	const next = isRecord(cursor) ? cursor.next : undefined;
	if (typeof next === 'string' && next !== '' && !hasInvisible(next)) return next;
	const isLast = next === null || (cursor === undefined && isShort);
	if (isLast) return undefined;
	throw unreadableList();
}

/**
 * Writes the query of an address.
 *
 * @param parameters their values by name; those without a value are left out
 * @returns the query without its question mark, percent-encoded: a bare plus sign would be read as a blank
 */
export function toQuery(parameters: Record<string, string | undefined>): string {
	return Object.entries(parameters)
		.flatMap(([name, value]) => (value ? [`${name}=${encodeURIComponent(value)}`] : []))
		.join('&');
}
