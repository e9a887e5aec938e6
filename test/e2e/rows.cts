import { addPointsNode } from './addPointsNode.cts';

/**
 * A workflow that awards the rows which are posted to its webhook.
 *
 * @param path of the webhook
 * @param settings of the LoyaltyLion node
 * @param parameters more of them, of the LoyaltyLion node
 * @param webhook parameters of the webhook, e.g. when it answers
 */
export function rowsWorkflow(
	path: string,
	settings?: object,
	parameters: object = {},
	webhook: object = {},
) {
	const to = (node: string) => ({ main: [[{ node, type: 'main', index: 0 }]] });
	return {
		name: path,
		nodes: [
			{
				parameters: { httpMethod: 'POST', path, options: {}, ...webhook },
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
			addPointsNode(
				{
					customer: { __rl: true, mode: 'merchantId', value: '={{ $json.merchantId }}' },
					options: {},
					...parameters,
				},
				settings,
			),
		],
		connections: { Webhook: to('Rows'), Rows: to('LoyaltyLion') },
		settings: { executionOrder: 'v1' },
	};
}
