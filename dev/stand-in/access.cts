import type { Operation } from './Contract.cts';

export interface Accounts {
	/** Each key with its scopes. */
	apiKeys?: Record<string, string[]>;
	/** Each site token with its secret. */
	sites?: Record<string, string>;
	/** The program that a key or a site token belongs to; those of which nothing is said share one. */
	programs?: Record<string, number>;
}

/** The program of those of whom nothing is said. */
const PROGRAM_ID = 2;

export interface Identity {
	kind: 'api_key' | 'site' | 'nobody' | 'not allowed';
	scopes?: string[];
	programId?: number;
}

/**
 * Tells who makes a request, and whether they may.
 *
 * @param authorization the header
 */
export function identify(
	authorization: string,
	{ security }: Operation,
	{ apiKeys, sites, programs }: Required<Accounts>,
): Identity {
	const [, scheme, value = ''] = /^(Bearer|Basic) (\S+)$/.exec(authorization) ?? [];
	if (scheme === 'Bearer' && Object.hasOwn(apiKeys, value)) {
		const scopes = apiKeys[value] ?? [];
		const needed = security.flatMap((schemes) => schemes.ProgramApiKey ?? []);
		return isGranted(needed, scopes)
			? { kind: 'api_key', scopes, programId: programOf(value, programs) }
			: { kind: 'not allowed' };
	}
	const [token = '', ...secret] = Buffer.from(value, 'base64').toString().split(':');
	if (scheme === 'Basic' && Object.hasOwn(sites, token) && sites[token] === secret.join(':')) {
		return { kind: 'site', programId: programOf(token, programs) };
	}
	return { kind: 'nobody' };
}

/** The program that a key or a site token belongs to. */
export function programOf(value: string, programs: Required<Accounts>['programs']) {
	return programs[value] ?? PROGRAM_ID;
}

/**
 * Tells whether all scopes that are needed are there. LoyaltyLion describes a write scope as read and write.
 *
 * @param scopes those that a key has
 */
export function isGranted(needed: readonly string[], scopes: readonly string[]) {
	const granted = scopes.flatMap((scope) => [scope, scope.replace('write_', 'read_')]);
	return needed.every((scope) => granted.includes(scope));
}
