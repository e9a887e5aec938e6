import { unknownOutcome, type Award } from './answers';
import { ItemFailure } from './ItemFailure';

/**
 * What a request that brought no answer means.
 *
 * Only a failure that proves that the request never left counts as "not reached": anything else may
 * have come after LoyaltyLion had added the points.
 *
 * @param error what n8n's HTTP helper threw; the causes below it carry Node's own code
 * @param award whose points, and how many
 * @param timeoutMs how long the answer was waited for
 */
export function networkFailure(error: unknown, award: Award, timeoutMs: number): ItemFailure {
	const causes = causesOf(error);
	const notSent = firstOf(causes, reasonNotSent);
	if (notSent) {
		return new ItemFailure({
			code: 'not_reached',
			message: 'LoyaltyLion could not be reached',
			description: `${notSent} Nothing was sent, so no points were added for customer ${award.merchantId}. Check n8n's internet connection and the Base URL of the LoyaltyLion credential, then send the item again.`,
		});
	}
	const why =
		firstOf(causes, (cause) => reasonUnclear(cause, timeoutMs)) ??
		'The request ended without an answer.';
	return new ItemFailure(unknownOutcome(award, why));
}

interface Cause {
	code: string;
	message: string;
	name: string;
	syscall: string;
}

/** Codes of Node's dns, net and tls modules that are raised before the first byte of a request. */
const REASONS_NOT_SENT: Record<string, string> = {
	ECONNREFUSED: 'The connection was refused.',
	ENOTFOUND: 'The address of its host is not known.',
	EAI_AGAIN: 'The address of its host could not be looked up.',
	EHOSTUNREACH: 'There is no way to its host.',
	EHOSTDOWN: 'There is no way to its host.',
	ENETUNREACH: 'There is no network.',
	ENETDOWN: 'There is no network.',
};

const NO_SECURE_CONNECTION = 'A secure connection could not be set up.';

/** Certificate checks: OpenSSL's verification results as Node names them, all before any request byte. */
const CERTIFICATE_CODE =
	/^(CERT_|ERR_TLS_CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)|INVALID_CA|HOSTNAME_MISMATCH)/;

/** Handshake failures; other TLS failures can come later, when the request is already out. */
const HANDSHAKE_MESSAGE =
	/before secure TLS connection was established|wrong version number|packet length too long|handshake failure|unrecognized name|unsupported protocol|alert protocol version|no protocols available/i;

function reasonNotSent({ code, message, name, syscall }: Cause): string | undefined {
	if (REASONS_NOT_SENT[code]) return REASONS_NOT_SENT[code];
	if (code === 'ETIMEDOUT' && syscall === 'connect')
		return 'The connection could not be made in time.';
	if (CERTIFICATE_CODE.test(code) || HANDSHAKE_MESSAGE.test(message)) return NO_SECURE_CONNECTION;
	if (name.startsWith('SsrfBlocked')) return 'This n8n does not allow requests to its host.';
	return undefined;
}

function reasonUnclear({ code }: Cause, timeoutMs: number): string | undefined {
	if (code === 'ECONNABORTED' || code === 'ETIMEDOUT') {
		return `LoyaltyLion did not answer in time (${timeoutMs / 1000} s).`;
	}
	if (code === 'ECONNRESET' || code === 'EPIPE')
		return 'The connection broke off before an answer came.';
	if (code === 'ERR_CANCELED')
		return 'The execution was canceled while the request was on its way.';
	return undefined;
}

const MAX_CAUSES = 6;

/**
 * The error and the errors it was made from, outermost first. A `NodeApiError` of n8n 1.x keeps the
 * error it was made from as `errorResponse`, and Node's code as `httpCode`.
 */
function causesOf(error: unknown): Cause[] {
	const causes: Cause[] = [];
	let current = error;
	while (isRecord(current) && causes.length < MAX_CAUSES) {
		causes.push({
			code: textOf(current.code ?? current.httpCode),
			message: wordsOf(current),
			name: textOf(current.name),
			syscall: textOf(current.syscall),
		});
		current = current.cause ?? current.errorResponse ?? firstInner(current.errors);
	}
	return causes;
}

/** A `NodeApiError` replaces a message that it knows, and keeps the old one in `messages`. */
function wordsOf({ message, messages }: Record<string, unknown>): string {
	return [message, ...(Array.isArray(messages) ? messages : [])].map(textOf).join('\n');
}

/** A connection that is tried over IPv6 and IPv4 fails with one error that lists both. */
function firstInner(errors: unknown): unknown {
	return Array.isArray(errors) ? errors[0] : undefined;
}

function firstOf<T>(causes: Cause[], reason: (cause: Cause) => T | undefined): T | undefined {
	for (const cause of causes) {
		const found = reason(cause);
		if (found !== undefined) return found;
	}
	return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string {
	return typeof value === 'string' ? value : '';
}
