import type { Operation } from './Contract.cts';

export interface Accounts {
	/** Each key with its scopes. */
	apiKeys?: Record<string, string[]>;
	/** Each site token with its secret. */
	sites?: Record<string, string>;
}

export interface Identity {
	kind: 'api_key' | 'site' | 'nobody' | 'not allowed';
	scopes?: string[];
}

/**
 * Tells who makes a request, and whether they may. LoyaltyLion describes a write scope as read and write.
 *
 * @param authorization the header
 */
export function identify(
	authorization: string,
	{ security }: Operation,
	{ apiKeys, sites }: Required<Accounts>,
): Identity {
	const [, scheme, value = ''] = /^(Bearer|Basic) (\S+)$/.exec(authorization) ?? [];
	if (scheme === 'Bearer' && Object.hasOwn(apiKeys, value)) {
		const scopes = apiKeys[value] ?? [];
		const granted = scopes.flatMap((scope) => [scope, scope.replace('write_', 'read_')]);
		const needed = security.flatMap((schemes) => schemes.ProgramApiKey ?? []);
		return needed.every((scope) => granted.includes(scope))
			? { kind: 'api_key', scopes }
			: { kind: 'not allowed' };
	}
	if (scheme === 'Basic' && isSite(Buffer.from(value, 'base64').toString(), sites))
		return { kind: 'site' };
	return { kind: 'nobody' };
}

function isSite(pair: string, sites: Record<string, string>) {
	const [token = '', ...secret] = pair.split(':');
	return Object.hasOwn(sites, token) && sites[token] === secret.join(':');
}
