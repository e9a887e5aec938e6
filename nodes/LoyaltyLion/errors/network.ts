import { isRecord } from '../shared/json';

/** The headline of a request that never left. */
export const NOT_REACHED = 'LoyaltyLion could not be reached';

/**
 * Why a request never left, if that is certain. Only a failure that proves it counts: anything else may
 * have come after LoyaltyLion had done what was asked for.
 *
 * @param error what n8n's HTTP helper threw
 * @returns a sentence, or `undefined` when the request may have arrived
 */
export function reasonNotSent(error: unknown): string | undefined {
	return firstOf(causesOf(error), stepBeforeSending);
}

/**
 * Why no answer came to a request that may have arrived.
 *
 * @param error what n8n's HTTP helper threw
 * @param timeoutMs how long the answer was waited for
 * @returns a sentence
 */
export function reasonNoAnswer(error: unknown, timeoutMs: number): string {
	return (
		firstOf(causesOf(error), (cause) => interruption(cause, timeoutMs)) ??
		'The request ended without an answer.'
	);
}

interface Cause {
	code: string;
	message: string;
	name: string;
}

/**
 * Failures before the first byte of a request. Node names the step in the message, and the same codes
 * also come from an established connection ("read EHOSTUNREACH"), when the request may have arrived.
 */
const STEPS_BEFORE_SENDING: [RegExp, string][] = [
	[/\bconnect ECONNREFUSED\b/, 'The connection was refused.'],
	[/\bconnect E(HOST|NET)(UNREACH|DOWN)\b/, 'Its server cannot be reached from this n8n.'],
	[/\bconnect ETIMEDOUT\b/, 'The connection could not be made in time.'],
	[/\bgetaddrinfo ENOTFOUND\b/, 'The host name in the Base URL is not known.'],
	[/\bgetaddrinfo EAI_AGAIN\b/, 'The host name in the Base URL could not be looked up.'],
	[/before secure TLS connection was established/, 'A secure connection could not be set up.'],
	[/The request was blocked because/, 'This n8n is set up not to allow requests to its host.'],
];

/** Certificate checks: OpenSSL's verification results as Node names them, all before any request byte. */
const CERTIFICATE_CODE =
	/^(CERT_|ERR_TLS_CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)|INVALID_CA|HOSTNAME_MISMATCH)/;

/**
 * OpenSSL's words for a failed handshake. Some of them also come up later, on a broken record; Node gives
 * the code EPROTO to a failed handshake only.
 */
const HANDSHAKE_MESSAGE =
	/wrong version number|packet length too long|handshake failure|unrecognized name|unsupported protocol|alert protocol version|no protocols available/i;

function stepBeforeSending({ code, message }: Cause): string | undefined {
	const step = STEPS_BEFORE_SENDING.find(([pattern]) => pattern.test(message));
	if (step) return step[1];
	if (CERTIFICATE_CODE.test(code) || (code === 'EPROTO' && HANDSHAKE_MESSAGE.test(message))) {
		return 'A secure connection could not be set up.';
	}
	return undefined;
}

function interruption({ code, name }: Cause, timeoutMs: number): string | undefined {
	if (code === 'ECONNABORTED' || code === 'ETIMEDOUT' || name === 'TimeoutError') {
		return `LoyaltyLion did not answer in time (${timeoutMs / 1000} s).`;
	}
	if (code === 'ECONNRESET' || code === 'EPIPE') {
		return 'The connection broke off before an answer came.';
	}
	if (code === 'ERR_CANCELED') {
		return 'The execution was canceled while the request was on its way.';
	}
	return undefined;
}

const MAX_CAUSES = 6;

/**
 * The error and the errors it was made from, outermost first. A `NodeApiError` of n8n 1.x drops the error
 * it was made from, and keeps of it the code as `httpCode` and the message in `messages`.
 */
function causesOf(error: unknown): Cause[] {
	const causes: Cause[] = [];
	let current = error;
	while (isRecord(current) && causes.length < MAX_CAUSES) {
		causes.push({
			code: textOf(current.code ?? current.httpCode),
			message: wordsOf(current),
			name: textOf(current.name),
		});
		current = current.cause ?? firstInner(current.errors);
	}
	return causes;
}

function wordsOf({ message, messages }: Record<string, unknown>): string {
	const others: unknown[] = Array.isArray(messages) ? messages : [];
	return [message, ...others].map(textOf).join('\n');
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

function textOf(value: unknown): string {
	return typeof value === 'string' ? value : '';
}
