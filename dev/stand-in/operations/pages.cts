/** Where a list goes on: what a cursor holds. */
interface Place {
	offset: number;
}

/**
 * Where a list begins that is asked for.
 *
 * @param cursor as an earlier page gave it
 * @param start of the first page, with all that its cursors are to remember
 */
export function placeOf<Start extends Place>(cursor: string | undefined, start: Start): Start {
	if (!cursor) return start;
	return JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Start;
}

/** The cursor of a place. */
export function cursorOf(place: Place): string {
	return Buffer.from(JSON.stringify(place)).toString('base64url');
}
