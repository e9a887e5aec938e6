const { Host } = require('./Host');
const { installHost } = require('./hosts');

/** The n8n that is running for all tests. @returns {Promise<Host>} */
async function theHost() {
	const which = /** @type {keyof typeof import('./hosts').N8N_VERSIONS} */ (
		process.env.E2E_HOST ?? 'newest'
	);
	const port = Number(new URL(String(process.env.E2E_URL)).port);
	const host = new Host(installHost(which), String(process.env.E2E_FOLDER), port, {});
	// n8n lets the owner sign in a few times a minute only.
	host.cookie = String(process.env.E2E_COOKIE);
	return host;
}

module.exports = { theHost };
