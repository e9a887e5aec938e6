import type { IHttpRequestOptions } from 'n8n-workflow';
import { CredentialFault } from './connection';
import { parseUrl } from './parseUrl';

/** A request that n8n is about to send. Its legacy helper names the address `uri`. */
export type OutgoingRequest = IHttpRequestOptions & { uri?: string };

/**
 * Keeps a request with the credential's own host, before the credential is added to it. n8n's HTTP
 * Request node can use this credential for any address, and with any options, that its user types.
 *
 * @param request the request that n8n is about to send
 * @param origin the credential's own scheme, host and port
 * @returns the same request, following no redirect and checking certificates
 * @throws {CredentialFault} when it may go anywhere else, in any of n8n's request helpers: they differ in
 *   which of two addresses they take, and in how they put one together (n8n-core, `parseRequestObject` and
 *   `convertN8nRequestToAxios`; axios, `buildFullPath`)
 */
export function keepToOwnHost(request: OutgoingRequest, origin: string): OutgoingRequest {
	const { agentOptions } = request;
	const staysHere =
		hasOwnAddress(request, origin) &&
		!namesAnotherHost(request.headers, origin) &&
		!isReadOnTheWay(request, origin);
	if (!staysHere) {
		throw new CredentialFault(
			'address',
			`This credential is only sent to ${origin}, and the request goes somewhere else. Use an address that starts with ${origin}, or another credential.`,
		);
	}
	return {
		...request,
		...OWN_HOST_ONLY,
		...(agentOptions && { agentOptions: { ...certificatesOf(agentOptions), ...CHECKED } }),
	};
}

type AgentOptions = NonNullable<IHttpRequestOptions['agentOptions']>;

const CHECKED = { rejectUnauthorized: true };

/**
 * n8n puts the `Authorization` header back on a redirect to another host, so none is followed; and the host
 * has to prove who it is. n8n's `httpRequest` helper and its legacy one have different words for both.
 */
const OWN_HOST_ONLY = {
	disableFollowRedirect: true,
	followRedirect: false,
	followAllRedirects: false,
	skipSslCertificateValidation: false,
	...CHECKED,
};

/**
 * Those that n8n's SSL Certificates set. Of the others, many lead elsewhere: Node takes the agent's `host`,
 * `port` and `socketPath` rather than the request's, and looks for its `servername` in the certificate.
 */
const CERTIFICATES = ['ca', 'cert', 'key', 'passphrase'] as const;

function certificatesOf(options: AgentOptions): AgentOptions {
	const given = CERTIFICATES.filter((name) => options[name] !== undefined);
	return Object.fromEntries(given.map((name) => [name, options[name]]));
}

/** Which of the addresses is used depends on the helper, so each that is there has to be the host's own. */
function hasOwnAddress({ url, uri, baseURL }: OutgoingRequest, origin: string): boolean {
	const addresses: unknown[] = [url, uri].filter((text) => text !== undefined && text !== null);
	if (baseURL) {
		return isAt(baseURL, origin) && addresses.every((text) => isPath(text) || isAt(text, origin));
	}
	return addresses.length > 0 && addresses.every((text) => isAt(text, origin));
}

function isAt(text: unknown, origin: string): boolean {
	if (typeof text !== 'string') return false;
	// The slash ends the host, so that there is nothing left to parse.
	if (text.startsWith(`${origin}/`)) return true;
	// Scheme and host as typed, e.g. in capitals, with nothing in them that a parser may read otherwise.
	const [typed] = /^https?:\/\/[^\s\p{Cc}/\\?#@]+(?=[/?#]|$)/iu.exec(text) ?? [];
	return typed !== undefined && parseUrl(typed)?.origin === origin;
}

/** n8n and axios put it behind the base in ways that agree on nothing else. */
function isPath(text: unknown): boolean {
	return typeof text === 'string' && /^(\/(?!\/)[^\\\p{Cc}]*)?$/u.test(text);
}

/**
 * A front that many hosts share goes by the `Host` header, and where n8n names no host to prove, Node takes
 * it from there. axios also takes headers from groups, such as `common`, and trims their names.
 */
function namesAnotherHost(headers: object | undefined, origin: string): boolean {
	return Object.entries(headers ?? {}).some(([name, value]: [string, unknown]) => {
		if (name.trim().toLowerCase() === 'host') return !isHost(value, origin);
		return typeof value === 'object' && value !== null && namesAnotherHost(value, origin);
	});
}

function isHost(value: unknown, origin: string): boolean {
	return typeof value === 'string' && value.toLowerCase() === parseUrl(origin)?.host;
}

/** A proxy reads what is not encrypted, and what is, if the request also says whose certificates count. */
function isReadOnTheWay({ proxy, agentOptions }: OutgoingRequest, origin: string): boolean {
	return Boolean(proxy && (agentOptions?.ca || !origin.startsWith('https:')));
}
