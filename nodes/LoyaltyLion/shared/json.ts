/**
 * Tells whether a value has properties to look at.
 *
 * @param value anything
 * @returns whether it is an object or a list
 */
export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null;
}

/**
 * Reads JSON that may be none.
 *
 * @param text anything
 * @returns what it holds, or `undefined`
 */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
