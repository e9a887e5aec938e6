import { hasInvisible } from '../shared/plainText';
import { unusableValue } from './InvalidInput';

/** The longest address that mail can be sent to. */
const MAX_CHARACTERS = 254;

/** Anything in double quotes; without them no blank, and no sign that lists or wraps addresses. */
const LOCAL_PART = /^("[^"]+"|[^\s"(),:;<>@[\\\]]+)$/u;

/** Letters, digits and hyphens of any script, with a dot in between. */
const DOMAIN = /^[\p{L}\p{M}\p{N}-]+(\.[\p{L}\p{M}\p{N}-]+)+$/u;

/**
 * Reads an email address. Whether there is such a mailbox is not asked; whether it is one address is, as
 * two in one field, or one with a name around it, would be nobody's.
 *
 * @param value what the field came to
 * @returns the address without the blanks around it
 * @throws {InvalidInput} when it is not one address
 */
export function readEmail(value: unknown): string {
	const email = typeof value === 'string' ? value.trim() : '';
	const at = email.lastIndexOf('@');
	const isAddress =
		LOCAL_PART.test(email.slice(0, Math.max(0, at))) && DOMAIN.test(email.slice(at + 1));
	if (isAddress && !hasInvisible(email) && email.length <= MAX_CHARACTERS) return email;
	throw unusableValue('Email', value, 'Email must be one email address, e.g. ann@example.com.');
}
