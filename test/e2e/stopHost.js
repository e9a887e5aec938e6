/** Ends the n8n that startHost.js started. */
module.exports = async () => {
	await /** @type {import('../../dev/hosts/Host').Host} */ (
		Reflect.get(globalThis, 'e2eHost')
	).stop();
};
