/**
 * @typedef {import('../../dev/stand-in/StandIn').StandIn} StandIn
 * @typedef {{ apiKey: string, baseUrl: string }} Credential the fields of one
 */

/**
 * A new credential for each test of a file, or of a `describe` block.
 *
 * @param {StandIn} standIn
 * @returns {() => Credential} gives that of the running test
 */
function credentialForEachTest(standIn) {
	/** @type {Credential} */
	let credential;
	beforeEach(() => {
		credential = newCredential(standIn);
	});
	return () => credential;
}

/**
 * A credential that may add points, with a key of which the node remembers nothing yet: neither what was
 * awarded with it, which counts when the history is read, nor a pause that LoyaltyLion has asked for.
 *
 * @param {StandIn} standIn
 * @returns {Credential}
 */
function newCredential({ accounts, url }) {
	const apiKey = `pat_new_${Object.keys(accounts.apiKeys).length}`;
	accounts.apiKeys[apiKey] = ['write_customers'];
	return { apiKey, baseUrl: url };
}

module.exports = { credentialForEachTest, newCredential };
