import type { Topic } from '../../dev/stand-in/topics.cts';

/** Under which LoyaltyLion reaches n8n; the stand-in finds the way. */
export const ORIGIN = 'https://n8n.example';

/**
 * A workflow that events start.
 *
 * @param path of its address, as n8n makes up one for each trigger
 */
export function eventsWorkflow(path: string, events: Topic[]) {
	return {
		name: path,
		nodes: [
			{
				id: 'trigger',
				name: 'LoyaltyLion Trigger',
				type: 'n8n-nodes-loyaltylion.loyaltyLionTrigger',
				typeVersion: 1,
				position: [0, 0],
				webhookId: path,
				parameters: { events, options: {} },
			},
			{
				id: 'end',
				name: 'End',
				type: 'n8n-nodes-base.noOp',
				typeVersion: 1,
				position: [220, 0],
				parameters: {},
			},
		],
		connections: { 'LoyaltyLion Trigger': { main: [[{ node: 'End', type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
	};
}
