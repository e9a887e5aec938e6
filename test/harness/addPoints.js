/**
 * @typedef {import('n8n-workflow').IDataObject} Json
 * @typedef {import('n8n-workflow').IRun} IRun
 *
 * @typedef {object} Given
 * @property {Json[]} items what comes in
 * @property {Json} [parameters] those of the LoyaltyLion node, and of its options, that are not the usual ones
 * @property {'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput'} [onError]
 * @property {import('n8n-workflow').ICredentialDataDecryptedObject | Error} credential
 * @property {Partial<import('n8n-workflow').INode>} [settings] of the LoyaltyLion node, e.g. retryOnFail
 * @property {(execution: import('p-cancelable')<IRun>) => void} [onStart]
 */

/** What keeps most tests short: as fast as can be, and no look at the history. */
const OPTIONS = { requestsPerSecond: 0, ifUnclear: 'report' };

/** The usual parameters: everything comes from the item. */
const FROM_ITEM = {
	resource: 'customer',
	operation: 'addPoints',
	customer: { __rl: true, mode: 'merchantId', value: '={{ $json.merchantId }}' },
	points: '={{ $json.points }}',
	reason: '={{ $json.reason }}',
};

/**
 * Start, then Add Points, then a probe on each of its two outputs. Each probe sees what an expression
 * downstream gets for `$('Start').item`.
 *
 * @param {Pick<Given, 'parameters' | 'onError' | 'settings'>} given
 */
function addPointsWorkflow({ parameters, onError = 'stopWorkflow', settings }) {
	return {
		nodes: [
			node('Start', 'n8n-nodes-base.manualTrigger', {}),
			{
				...node('LoyaltyLion', 'n8n-nodes-loyaltylion.loyaltyLion', {
					...FROM_ITEM,
					...parameters,
					options: { ...OPTIONS, .../** @type {Json} */ (parameters?.options) },
				}),
				credentials: { loyaltyLionApi: { id: 'credential', name: 'LoyaltyLion account' } },
				onError,
				...settings,
			},
			node('Success', 'test.probe', { sees: "={{ $('Start').item.json.row }}" }),
			node('Failure', 'test.probe', { sees: "={{ $('Start').item.json.row }}" }),
		],
		connections: {
			Start: { main: [[to('LoyaltyLion')]] },
			LoyaltyLion: { main: [[to('Success')], [to('Failure')]] },
		},
	};
}

/**
 * Runs Add Points for some items in n8n's engine.
 *
 * @param {import('../../dev/engine/N8n').N8n} n8n
 * @param {Given} given
 */
async function runAddPoints(n8n, { items, credential, onStart, ...given }) {
	const rows = items.map((json, row) => ({ json: { ...json, row }, pairedItem: { item: 0 } }));
	const run = await n8n.run(addPointsWorkflow(given), {
		pinData: { Start: rows },
		credential,
		...(onStart && { onStart }),
	});
	return outcomeOf(run);
}

/** @param {IRun} run */
function outcomeOf(run) {
	const { runData, error } = run.data.resultData;
	const last = runData.LoyaltyLion?.at(-1);
	return {
		run,
		/** What stopped the workflow, if anything did. */
		error,
		/** What came out of the first output, as seen by the node behind it. */
		succeeded: jsonOf(runData.Success),
		/** What came out of the error output, as seen by the node behind it. */
		failed: jsonOf(runData.Failure),
		/** The node's own output items, of both outputs. */
		output: last?.data?.main ?? [],
		hints: last?.hints ?? [],
	};
}

/**
 * @param {string} name
 * @param {string} type
 * @param {import('n8n-workflow').INodeParameters} parameters
 * @returns {import('n8n-workflow').INode}
 */
function node(name, type, parameters) {
	return { id: name, name, type, typeVersion: 1, position: [0, 0], parameters };
}

/**
 * @param {string} name
 * @returns {import('n8n-workflow').IConnection}
 */
function to(name) {
	return { node: name, type: 'main', index: 0 };
}

/**
 * @param {import('n8n-workflow').ITaskData[] | undefined} runs
 * @returns {Json[]}
 */
function jsonOf(runs) {
	return (runs?.at(-1)?.data?.main?.[0] ?? []).map(({ json }) => json);
}

module.exports = { addPointsWorkflow, outcomeOf, runAddPoints };
