import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { parseUrl } from './parseUrl';

/** The host that a credential speaks to, and how it identifies itself there. */
export interface Connection {
	/** Scheme, host and port, e.g. `https://api.loyaltylion.com`; no path, no trailing slash. */
	origin: string;
	/** The value of the `Authorization` header. */
	authorization: string;
	/** What the user has to look after: an API key, or the older site token and secret. */
	method: 'apiKey' | 'siteToken';
	/**
	 * What LoyaltyLion may have signed its events with: the secret of each site of the program. With an API key they
	 * are never sent (LoyaltyLion Admin API, Webhooks).
	 */
	siteSecrets: string[];
	/** Whether its field also holds what cannot be one. */
	hasOddSiteSecret: boolean;
	/** Every text that must never be shown: key, token, secrets, and the header made of them. */
	secrets: string[];
}

/** Which part of the credential cannot be used: its host, or what it identifies itself with. */
export type CredentialPart = 'address' | 'identity';

/**
 * A credential that cannot be used as it stands. `message` says what is wrong with which field and
 * how to mend it; it never holds a value of the credential, since any field may hold a pasted secret.
 */
export class CredentialFault extends Error {
	constructor(
		readonly part: CredentialPart,
		message: string,
	) {
		super(message);
	}
}

export const DEFAULT_BASE_URL = 'https://api.loyaltylion.com';

/**
 * Reads the fields of a LoyaltyLion credential.
 *
 * @param credential the decrypted fields, as n8n hands them out
 * @returns where to send requests, and the header that authorizes them: Bearer for an API key, Basic
 *   for a site token and secret (LoyaltyLion's OpenAPI fragment for Add Points, `securitySchemes`)
 * @throws {CredentialFault} when a needed field is empty, or holds what cannot be sent
 */
export function readConnection(credential: ICredentialDataDecryptedObject): Connection {
	const known = CONNECTIONS.get(credential);
	if (known) return known;
	const connection = toConnection(credential);
	CONNECTIONS.set(credential, connection);
	return connection;
}

/** The same credential is read for each of many requests. n8n hands out a new object when it has changed. */
const CONNECTIONS = new WeakMap<ICredentialDataDecryptedObject, Connection>();

function toConnection(credential: ICredentialDataDecryptedObject): Connection {
	const origin = readOrigin(credential.baseUrl);
	if (credential.authentication === 'siteToken') {
		const token = readSecretText('Site Token', credential.siteToken);
		const secret = readSecretText('Site Secret', credential.siteSecret);
		const pair = Buffer.from(`${token}:${secret}`).toString('base64');
		return {
			origin,
			authorization: `Basic ${pair}`,
			method: 'siteToken',
			siteSecrets: [secret],
			hasOddSiteSecret: false,
			secrets: [pair, secret, token],
		};
	}
	const key = readSecretText('API Key', withoutBearer(credential.apiKey));
	const given = splitAtCommas(credential.siteSecret);
	const siteSecrets = given.filter(isSiteSecret);
	return {
		origin,
		authorization: `Bearer ${key}`,
		method: 'apiKey',
		siteSecrets,
		// It keeps nobody from sending requests.
		hasOddSiteSecret: siteSecrets.length < given.length,
		secrets: [key, ...siteSecrets],
	};
}

/**
 * LoyaltyLion does not say how long its secrets are; what is shorter is a piece of one, or a placeholder, with which
 * anybody could sign.
 */
const MIN_SITE_SECRET_CHARACTERS = 6;

function isSiteSecret(text: string): boolean {
	return isSecretText(text) && text.length >= MIN_SITE_SECRET_CHARACTERS;
}

function splitAtCommas(value: unknown): string[] {
	const text = typeof value === 'string' ? value : '';
	return text
		.split(',')
		.map((part) => part.trim())
		.filter(Boolean);
}

function readOrigin(value: unknown): string {
	const text = typeof value === 'string' ? value.trim() : (value ?? '');
	if (text === '') return DEFAULT_BASE_URL;
	if (typeof text !== 'string' || /[\s\\]/.test(text)) throw addressFault('is not a web address');
	const url = parseUrl(text);
	if (!url || !/^https?:\/\//i.test(text)) throw addressFault('is not a web address');
	if (/[@?#]/.test(text) || url.pathname !== '/') {
		throw addressFault('holds more than a host: a path, a query, or a user name');
	}
	if (url.protocol !== 'https:' && !isLoopback(url.hostname)) {
		throw addressFault('does not start with https://');
	}
	return url.origin;
}

function addressFault(what: string): CredentialFault {
	return new CredentialFault(
		'address',
		`The Base URL of the LoyaltyLion credential ${what}. It must be https:// and a host, nothing after it, e.g. ${DEFAULT_BASE_URL}`,
	);
}

function isLoopback(hostname: string): boolean {
	return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function withoutBearer(value: unknown): unknown {
	return typeof value === 'string' ? value.trim().replace(/^Bearer\s+/i, '') : value;
}

/** LoyaltyLion's are visible ASCII. */
function isSecretText(text: string): boolean {
	return /^[\x21-\x7e]+$/.test(text);
}

/** Anything but visible ASCII would break, or add to, the request's headers. */
function readSecretText(field: string, value: unknown): string {
	const text = typeof value === 'string' ? value.trim() : '';
	if (text === '') {
		throw new CredentialFault(
			'identity',
			`${field} is empty in the LoyaltyLion credential. Fill it in.`,
		);
	}
	if (!isSecretText(text)) {
		throw new CredentialFault(
			'identity',
			`${field} in the LoyaltyLion credential holds a blank or a character that cannot be sent. Copy it again from LoyaltyLion.`,
		);
	}
	return text;
}
