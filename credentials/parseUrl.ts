/**
 * Reads a web address that may be none.
 *
 * @param text anything
 * @returns what it consists of, or `undefined`
 */
export function parseUrl(text: string): URL | undefined {
	try {
		return new URL(text);
	} catch {
		return undefined;
	}
}
