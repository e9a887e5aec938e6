/**
 * The LoyaltyLion node as n8n saves it in a workflow: it adds the points that its item says.
 *
 * @param parameters which customer it adds them to, and its options
 * @param settings e.g. retryOnFail
 */
export function addPointsNode(parameters: object, settings: object = {}) {
	return {
		parameters: {
			resource: 'customer',
			operation: 'addPoints',
			points: '={{ $json.points }}',
			reason: 'Quiz',
			...parameters,
		},
		id: 'loyaltylion',
		name: 'LoyaltyLion',
		type: 'n8n-nodes-loyaltylion.loyaltyLion',
		typeVersion: 1,
		position: [440, 0],
		...settings,
	};
}
