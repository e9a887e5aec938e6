import { Host } from '../../dev/hosts/Host.cts';
import { installChosenHost } from '../../dev/hosts/hosts.cts';
import type { Topic } from '../../dev/stand-in/topics.cts';

/** Under which LoyaltyLion reaches n8n; the stand-in finds the way. */
export const ORIGIN = 'https://n8n.example';

/** What an n8n has to be told that is reached there. */
export const REACHED = { WEBHOOK_URL: `${ORIGIN}/`, N8N_WEBHOOK_URL: `${ORIGIN}/` };

/** Starts an n8n that LoyaltyLion reaches. */
export async function startReachedHost() {
	return await Host.start({
		installed: installChosenHost(),
		tarball: String(process.env.E2E_TARBALL),
		settings: REACHED,
	});
}

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
