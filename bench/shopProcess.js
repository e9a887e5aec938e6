/** The process of the stand-in: keeps a shop for one measurement, then tells what has happened in it. */
const { once } = require('node:events');
const { StandIn } = require('../dev/stand-in/StandIn');
const { CREDENTIAL, customersOf, rowsOf } = require('./work');

/**
 * @typedef {object} Shop
 * @property {import('./work').Work} work
 * @property {number} requestsPerSecond
 * @property {number} latencyMs
 * @property {number} [loseEvery] of every so many awards, the first answer to one is lost after the award
 *
 * @typedef {object} Ledger what was asked of the shop, and what came of it
 * @property {number} awarded items whose customer has their points
 * @property {number} wrong items of which another customer has the points, or the customer has others
 * @property {number} lost items of which nobody has the points
 * @property {number} doubled awards beyond the first for the same item
 * @property {number} requests
 * @property {number} refused answered with 429
 * @property {string[]} breaches of the contract
 * @property {number[]} times of the awards, in ms after the first
 */

async function main() {
	process.once('disconnect', () => process.exit());
	/** @type {[Shop]} */
	const [shop] = /** @type {never} */ (await once(process, 'message'));
	const { work, requestsPerSecond, latencyMs, loseEvery } = shop;
	const standIn = new StandIn({
		apiKeys: { [CREDENTIAL.apiKey]: ['write_customers'] },
		customers: customersOf(work),
		requestsPerSecond,
		latencyMs,
	});
	if (loseEvery) loseAnswers(standIn, work, loseEvery);
	await standIn.start();
	process.send?.(standIn.url);

	await once(process, 'message');
	process.send?.(ledgerOf(standIn, work));
}

/**
 * @param {StandIn} standIn
 * @param {import('./work').Work} work
 * @param {number} every
 */
function loseAnswers(standIn, work, every) {
	const unlucky = rowsOf(work).filter((_, index) => index % every === every - 1);
	for (const { merchantId } of unlucky) {
		standIn.misbehaveFor(merchantId, { kind: 'reset', after: true, times: 1 });
	}
}

/**
 * @param {StandIn} standIn
 * @param {import('./work').Work} work
 * @returns {Ledger}
 */
function ledgerOf(standIn, work) {
	const rows = new Map(rowsOf(work).map((row) => [row.reason, row]));
	const reached = new Set(standIn.ledger.map(({ reason }) => reason));
	const right = standIn.ledger.filter(({ reason, merchantId, points }) => {
		const row = rows.get(reason ?? '');
		return row?.merchantId === merchantId && row.points === points;
	});
	const awarded = new Set(right.map(({ reason }) => reason)).size;
	const times = standIn.awardTimes();
	return {
		awarded,
		wrong: reached.size - awarded,
		lost: work.items - reached.size,
		doubled: standIn.ledger.length - reached.size,
		requests: standIn.requests.length,
		refused: standIn.limit.refused,
		breaches: standIn.breaches,
		times: times.map((time) => time - (times[0] ?? 0)),
	};
}

void main();
