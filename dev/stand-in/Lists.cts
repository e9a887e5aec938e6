export interface Page<Row> {
	rows: Row[];
	cursor: { prev: string | null; next: string | null };
}

/** The part of a list that is asked for. */
export interface Wanted {
	limit?: number;
	/** As an earlier page gave it. */
	cursor?: string;
}

/** Where a list goes on: what a cursor holds. */
interface Place {
	list: number;
	offset: number;
}

/**
 * The lists that are read page by page. A list is as it was when its first page was asked for, so that its
 * cursors remember the filters, and a long list is put in order once.
 */
export class Lists {
	#begun: unknown[][] = [];

	/**
	 * Reads a page.
	 *
	 * @param wanted with a cursor, nothing else of a query counts but the limit
	 * @param begin gives the whole list, from its beginning
	 * @returns undefined when no list gave that cursor
	 */
	page<Row>({ limit = 100, cursor }: Wanted, begin: () => Row[]): Page<Row> | undefined {
		const place = cursor === undefined ? { list: this.#begun.length, offset: 0 } : placeOf(cursor);
		const rows =
			cursor === undefined ? begin() : (this.#begun[place?.list ?? -1] as Row[] | undefined);
		if (!place || !rows) return undefined;
		const { list, offset } = place;
		const end = offset + limit;
		if (cursor === undefined && end < rows.length) this.#begun.push(rows);
		return {
			rows: rows.slice(offset, end),
			cursor: {
				prev: offset > 0 ? cursorOf({ list, offset: Math.max(0, offset - limit) }) : null,
				next: end < rows.length ? cursorOf({ list, offset: end }) : null,
			},
		};
	}
}

function cursorOf(place: Place): string {
	return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** @returns undefined for what is no cursor */
function placeOf(cursor: string): Place | undefined {
	try {
		return JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Place;
	} catch {
		return undefined;
	}
}
