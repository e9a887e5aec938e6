const { addPointsWorkflow, outcomeOf } = require('./addPoints');

/**
 * @typedef {import('n8n-workflow').IDataObject} Json
 * @typedef {import('n8n-workflow').IRun} IRun
 * @typedef {ReturnType<typeof import('./shop').shop>} Shop
 * @typedef {Partial<import('./addPoints').Given> & { options?: Json }} Given
 */

/**
 * What the tests share that are about awards whose outcome is unclear.
 *
 * @param {Pick<Shop, 'standIn' | 'n8n' | 'run'>} shop
 * @param {() => import('./newCredential').Credential} credential that of the running test
 */
function awarding({ standIn, n8n, run }, credential) {
	/** @param {RegExp} pattern @param {string} method */
	const count = (pattern, method) =>
		standIn.requests.filter((each) => each.method === method && pattern.test(each.path)).length;
	return {
		/**
		 * Runs Add Points.
		 * @param {Json[]} items
		 * @param {Given} [given]
		 */
		award: (items, { options, parameters, ...given } = {}) =>
			run({
				items,
				credential: credential(),
				parameters: { ...parameters, options: { timeout: 2, ...options } },
				...given,
			}),
		/**
		 * Does what the Retry button does with a saved execution, in this process unless another is given.
		 * @param {IRun} saved
		 * @param {Given & { host?: import('../../dev/engine/N8n').N8n }} [given]
		 */
		retry: async (saved, { options, parameters, host = n8n(), ...given } = {}) => {
			const workflow = addPointsWorkflow({
				parameters: { ...parameters, options: { timeout: 2, ...options } },
				...given,
			});
			const retried = await host.retry(workflow, saved, { credential: credential(), ...given });
			return outcomeOf(retried);
		},
		/** How often points were sent. */
		posts: () => count(/\/points$/, 'POST'),
		/** How often a history was read. */
		looks: () => count(/\/transactions/, 'GET'),
		/**
		 * Comes to pass when so many more requests have arrived at an address.
		 * @param {string} path
		 * @param {number} times
		 */
		arrivals: async (path, times) => {
			for (let left = times; left > 0; left--) await standIn.arrival(path);
		},
	};
}

module.exports = { awarding };
