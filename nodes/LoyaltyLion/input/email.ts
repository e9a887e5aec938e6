import { unusableValue } from './InvalidInput';

/** The longest address that mail can be sent to. */
const MAX_CHARACTERS = 254;

/**
 * Reads an email address: something, an @, and a domain. More is not asked, as LoyaltyLion is the one who
 * knows which addresses there are.
 *
 * @param value what the field came to
 * @returns the address without the blanks around it
 * @throws {InvalidInput} when it cannot be the address of anybody
 */
export function readEmail(value: unknown): string {
	const email = typeof value === 'string' ? value.trim() : '';
	const [, domain = ''] = /^.+@([^@]+)$/su.exec(email) ?? [];
	const isAddress =
		/^[^\s@]+\.[^\s@.]+$/u.test(domain) && !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(email);
	if (isAddress && email.length <= MAX_CHARACTERS) return email;
	throw unusableValue('Email', value, 'Email must be one email address, e.g. ann@example.com.');
}
