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
