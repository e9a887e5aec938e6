import type { Host } from '../../dev/hosts/Host.cts';
import { credentialFields, openShop } from '../../dev/hosts/shop.cts';
import type { StandIn } from '../../dev/stand-in/StandIn.cts';
import { Model } from './Model.cts';
import { theHost } from './theHost.cts';

let host: Host;
let shop: StandIn;
let model: Model;

beforeAll(async () => {
	host = await theHost();
	shop = await openShop();
	model = await new Model({ Customer: 'ann@example.com', Points: 25, Reason: 'Quiz' }).start();
});
afterAll(async () => {
	model?.stop();
	await shop?.stop();
});
beforeEach(() => {
	shop.reset();
	model.answers = [];
});

/** An agent with the node as its only tool, behind a webhook. */
async function publishAgent(path: string) {
	const openAi = await host.addCredential(path, { apiKey: 'sk-none', url: model.url }, 'openAiApi');
	const credential = await host.addCredential(`LoyaltyLion ${path}`, credentialFields(shop));
	const to = (type: string, node: string) => ({
		[type]: [[{ node, type, index: 0 }]],
	});
	const fromAI = (name: string, type: string) => `={{ $fromAI('${name}', '', '${type}') }}`;
	const node = (
		name: string,
		type: string,
		typeVersion: number,
		parameters: object,
		more = {},
	) => ({
		id: name,
		name,
		type,
		typeVersion,
		position: [0, 0],
		parameters,
		...more,
	});
	const workflow = await host.importWorkflow(
		{
			name: path,
			nodes: [
				node(
					'Webhook',
					'n8n-nodes-base.webhook',
					2,
					{ httpMethod: 'POST', path, responseMode: 'lastNode', options: {} },
					{ webhookId: `${path}-hook` },
				),
				node('Agent', '@n8n/n8n-nodes-langchain.agent', 2, {
					promptType: 'define',
					text: 'Give Ann 25 points',
					options: {},
				}),
				node(
					'Model',
					'@n8n/n8n-nodes-langchain.lmChatOpenAi',
					1.2,
					{ model: { __rl: true, mode: 'id', value: 'stand-in' }, options: {} },
					{ credentials: { openAiApi: { id: openAi.id, name: openAi.name } } },
				),
				node(
					'Add Points',
					'n8n-nodes-loyaltylion.loyaltyLionTool',
					1,
					{
						resource: 'customer',
						operation: 'addPoints',
						customer: { __rl: true, mode: 'email', value: fromAI('Customer', 'string') },
						points: fromAI('Points', 'number'),
						reason: fromAI('Reason', 'string'),
						options: { ifUnclear: 'report' },
					},
					{ retryOnFail: true, maxTries: 3, waitBetweenTries: 100 },
				),
			],
			connections: {
				Webhook: to('main', 'Agent'),
				Model: to('ai_languageModel', 'Agent'),
				'Add Points': to('ai_tool', 'Agent'),
			},
			settings: { executionOrder: 'v1' },
		},
		credential,
	);
	await host.publish(workflow);
	return await host.call('POST', `/webhook/${path}`, {});
}

test('an agent gets the node as a tool, described well enough to be called', async () => {
	const answer = await publishAgent('agent-adds');

	expect(answer.status).toBe(200);
	expect(model.tools).toMatchObject([
		{
			type: 'function',
			function: {
				name: 'Add_Points',
				description: expect.stringMatching(/points.*customer/i),
				parameters: {
					type: 'object',
					properties: {
						Customer: { type: 'string' },
						Points: { type: 'number' },
						Reason: { type: 'string' },
					},
					required: ['Customer', 'Points', 'Reason'],
				},
			},
		},
	]);
	expect(shop.balances()).toEqual({ 6145627226296: 25 });
	expect(model.answers).toEqual([expect.stringContaining('"confirmedBy":"response"')]);
});

test('an answer that gets lost is told to the agent, and not sent again by Retry On Fail', async () => {
	shop.misbehaveFor('6145627226296', { kind: 'reset', after: true });

	await publishAgent('agent-unclear');

	expect(shop.ledger).toHaveLength(1);
	expect(model.answers).toEqual([expect.stringContaining('outcome_unknown')]);
});
