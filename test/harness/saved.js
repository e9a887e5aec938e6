/**
 * What an execution keeps of the LoyaltyLion node's items when n8n saves it.
 *
 * @typedef {import('n8n-workflow').IRun} IRun
 * @typedef {{ unclear?: object, clock?: { process: string } }} Remembered
 */

/**
 * @param {Pick<IRun, 'data'>} saved
 * @returns {Record<string, Remembered>} by the item's place
 */
function remembered({ data }) {
	const context = data.executionData?.contextData['node:LoyaltyLion'] ?? {};
	return Object.assign({}, ...Object.values(Object(context.loyaltyLionRuns)));
}

/**
 * The same execution as if another process had run it.
 * @param {Pick<IRun, 'data'>} saved
 * @returns {Pick<IRun, 'data'>}
 */
function ofAnotherProcess(saved) {
	const copy = JSON.parse(JSON.stringify({ data: saved.data }));
	for (const { clock } of Object.values(remembered(copy))) {
		if (clock) clock.process = 'another';
	}
	return copy;
}

module.exports = { ofAnotherProcess, remembered };
