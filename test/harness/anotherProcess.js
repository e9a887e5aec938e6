const { built } = require('./built');

/**
 * n8n's engine as it is in another process: with the node loaded anew, which remembers nothing. The looks
 * at a history are as short there as `shortLooks` makes them.
 *
 * @returns {Promise<import('../../dev/engine/N8n').N8n>}
 */
async function anotherProcess() {
	const { LOOKS_AFTER_MS: looks } = built(CHECK);
	jest.resetModules();
	built(CHECK).LOOKS_AFTER_MS.splice(0, Infinity, ...looks);
	return await require('../../dev/engine/N8n').N8n.load();
}

const CHECK = 'nodes/LoyaltyLion/adjustments/checkHistory';

module.exports = { anotherProcess };
