/**
 * A workflow that awards the rows which are posted to its webhook.
 *
 * @param {string} path of the webhook
 * @param {object} settings of the LoyaltyLion node
 * @param {object} [options] of the LoyaltyLion node
 */
function rowsWorkflow(path, settings, options = {}) {
	const to = (/** @type {string} */ node) => ({ main: [[{ node, type: 'main', index: 0 }]] });
	return {
		name: path,
		nodes: [
			{
				parameters: { httpMethod: 'POST', path, options: {} },
				id: 'webhook',
				name: 'Webhook',
				type: 'n8n-nodes-base.webhook',
				typeVersion: 2,
				position: [0, 0],
				webhookId: `${path}-hook`,
			},
			{
				parameters: { fieldToSplitOut: 'body.rows', options: {} },
				id: 'split',
				name: 'Rows',
				type: 'n8n-nodes-base.splitOut',
				typeVersion: 1,
				position: [220, 0],
			},
			{
				parameters: {
					resource: 'customer',
					operation: 'addPoints',
					customer: { __rl: true, mode: 'merchantId', value: '={{ $json.merchantId }}' },
					points: '={{ $json.points }}',
					reason: 'Quiz',
					options,
				},
				id: 'loyaltylion',
				name: 'LoyaltyLion',
				type: 'n8n-nodes-loyaltylion.loyaltyLion',
				typeVersion: 1,
				position: [440, 0],
				...settings,
			},
		],
		connections: { Webhook: to('Rows'), Rows: to('LoyaltyLion') },
		settings: { executionOrder: 'v1' },
	};
}

module.exports = { rowsWorkflow };
