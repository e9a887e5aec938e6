const { Child } = require('./Child');

/**
 * @typedef {import('./Child').Host} Host
 * @typedef {import('./shopProcess').Shop} Shop
 * @typedef {import('./shopProcess').Ledger} Ledger
 * @typedef {import('./contenderProcess').Effort} Effort
 * @typedef {import('./loadingProcess').Loading} Loading
 * @typedef {Effort & Ledger} Measured
 */

/**
 * Lets one contender do a case's work, in a process of its own and in a shop that has one of its own.
 *
 * @param {Host} host
 * @param {import('./cases').Case} theCase
 * @param {string} contender its name
 * @returns {Promise<Measured>} what it took, and what came of it
 * @throws when one of the processes ends early
 */
async function measure({ modules, env }, theCase, contender) {
	const { shop, nodeSettings, environment, warmUp } = theCase;
	const host = { modules, env: { ...env, ...environment } };
	const n8n = new Child(host, 'contenderProcess.js');
	try {
		await n8n.ask({ modules, contender, nodeSettings });
		const work = { items: warmUp, ...(shop.work.emails && { emails: warmUp }) };
		await visit(host, n8n, { work, requestsPerSecond: Infinity, latencyMs: 0 });
		return await visit(host, n8n, shop);
	} catch (error) {
		throw new Error(`${theCase.title}: ${contender} could not be measured.`, { cause: error });
	} finally {
		n8n.kill();
	}
}

/**
 * Loads the package as n8n does, in a process of its own.
 *
 * @param {Host} host
 * @returns {Promise<Loading>} what it took
 */
async function measureLoading(host) {
	const n8n = new Child(host, 'loadingProcess.js');
	try {
		return await n8n.ask(host.modules);
	} finally {
		n8n.kill();
	}
}

/**
 * Has a contender do the work that there is in a shop.
 *
 * @param {Host} host
 * @param {Child} n8n
 * @param {Shop} shop
 * @returns {Promise<Measured>}
 */
async function visit(host, n8n, shop) {
	const place = new Child(host, 'shopProcess.js');
	try {
		const url = await place.ask(shop);
		/** @type {Effort} */
		const effort = await n8n.ask({ work: shop.work, url }, place);
		/** @type {Ledger} */
		const ledger = await place.ask('report');
		return { ...effort, ...ledger };
	} finally {
		place.kill();
	}
}

module.exports = { measure, measureLoading };
