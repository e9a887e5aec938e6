/**
 * Makes text from elsewhere fit to show in one line: control characters, invisible ones and halves of
 * characters become blanks, and what is too long is cut.
 *
 * @param text anything
 * @param maxCharacters the longest that is shown, counted in whole characters
 * @returns the text, with "…" at its end if it was cut
 */
export function plainText(text: string, maxCharacters: number): string {
	const plain = text.replace(UNFIT, ' ').trim();
	const characters = [...plain];
	return characters.length > maxCharacters
		? `${characters.slice(0, maxCharacters).join('')}…`
		: plain;
}

const UNFIT = /[\p{Cc}\p{Cf}\p{Cs}\s]+/gu;
