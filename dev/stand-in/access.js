/**
 * @typedef {object} Accounts
 * @property {Record<string, string[]>} [apiKeys] each key with its scopes
 * @property {Record<string, string>} [sites] each site token with its secret
 *
 * @typedef {object} Identity
 * @property {'api_key' | 'site' | 'nobody' | 'not allowed'} kind
 * @property {string[]} [scopes]
 */

/**
 * Tells who makes a request, and whether they may. LoyaltyLion describes a write scope as read and write.
 *
 * @param {string} authorization the header
 * @param {import('./Contract').Operation} operation
 * @param {Required<Accounts>} accounts
 * @returns {Identity}
 */
function identify(authorization, { security }, { apiKeys, sites }) {
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

/**
 * @param {string} pair
 * @param {Record<string, string>} sites
 */
function isSite(pair, sites) {
	const [token = '', ...secret] = pair.split(':');
	return Object.hasOwn(sites, token) && sites[token] === secret.join(':');
}

module.exports = { identify };
