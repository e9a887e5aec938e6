/**
 * Makes text from elsewhere fit to show in one line: control characters, invisible ones and halves of
 * characters become blanks, and what is too long is cut.
 *
 * @param text anything
 * @param maxCharacters the longest that is shown, counted in whole characters
 * @returns the text, with "…" at its end if it was cut
 */
export function plainText(text: string, maxCharacters: number): string {
	const plain = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, ' ').trim();
	const characters = [...plain];
	return characters.length > maxCharacters
		? `${characters.slice(0, maxCharacters).join('')}…`
		: plain;
}

/**
 * Tells whether a text holds what nobody sees, such as a line break or a zero-width blank that came along
 * when it was copied.
 *
 * @param text anything
 * @returns whether it does
 */
export function hasInvisible(text: string): boolean {
	return /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text);
}
