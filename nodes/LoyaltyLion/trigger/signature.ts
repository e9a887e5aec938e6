import { createHmac, timingSafeEqual } from 'crypto';

/** Where LoyaltyLion puts the signature of an event (Admin API, Webhooks). */
export const SIGNATURE_HEADER = 'x-loyaltylion-hmac-sha256';

/**
 * Tells whether LoyaltyLion has signed an event: its signature is the HMAC-SHA256 of the body, byte by byte as it
 * was sent, in base64, made with the secret of the site (Admin API, Webhooks).
 *
 * @param rawBody the body as it came
 * @param signature what its header holds
 * @param siteSecrets the secrets of the program's sites
 * @returns whether one of them made it; how long that takes does not depend on how much of it is right
 */
export function isSignedWith(rawBody: Buffer, signature: string, siteSecrets: string[]): boolean {
	const given = Buffer.from(signature);
	const matches = siteSecrets.map((secret) => {
		const expected = Buffer.from(createHmac('sha256', secret).update(rawBody).digest('base64'));
		return expected.length === given.length && timingSafeEqual(expected, given);
	});
	return matches.includes(true);
}
