import { Editor } from '../../dev/hosts/Editor.cts';
import { freePort } from '../../dev/hosts/freePort.cts';
import type { Host } from '../../dev/hosts/Host.cts';
import { credentialFields, openShop } from '../../dev/hosts/shop.cts';
import type { StandIn } from '../../dev/stand-in/StandIn.cts';
import { addPointsNode } from './addPointsNode.cts';
import { theHost } from './theHost.cts';

let host: Host;
let shop: StandIn;
let editor: Editor;

beforeAll(async () => {
	host = await theHost();
	shop = await openShop({
		1001: { email: 'ann@example.com' },
		1002: { email: 'family@example.com' },
		1003: { email: 'family@example.com' },
		1004: { email: 'sam@example.com', blocked: true },
	});
	editor = await Editor.open(host);
});
afterAll(async () => {
	await editor?.close();
	await shop?.stop();
});
beforeEach(() => shop.reset());

/**
 * What goes wrong for each code of the README's table, and the headline that the user reads. An item that
 * was not sent has no panel of its own: its execution was canceled.
 */
const MISTAKES: {
	code: string;
	item?: { email?: string; points?: unknown };
	credential?: () => Promise<Record<string, string>> | Record<string, string>;
	misbehave?: () => void;
	says: string;
	advises: string;
}[] = [
	{
		code: 'invalid_input',
		item: { points: 'fifty' },
		says: 'Points can\'t be "fifty" [item 0]',
		advises: 'Points must be a whole number from 1 to 1,000,000',
	},
	{
		code: 'rejected_by_api',
		misbehave: () =>
			shop.misbehaveFor('1001', {
				kind: 'status',
				status: 400,
				body: '{"error":{"message":"Invalid request","details":{"reason":"is too long"}}}',
			}),
		says: 'LoyaltyLion did not accept the values for customer ann@example.com [item 0]',
		advises: 'reason: is too long.',
	},
	{
		code: 'not_authenticated',
		credential: () => ({ apiKey: 'pat_mistyped' }),
		says: 'LoyaltyLion does not accept the API key [item 0]',
		advises: 'Look for it in LoyaltyLion under Manage > API keys',
	},
	{
		code: 'not_permitted',
		credential: () => ({ apiKey: 'pat_reader' }),
		says: 'The API key may not add points [item 0]',
		advises: 'add write_customers',
	},
	{
		code: 'customer_not_found',
		item: { email: 'ann@exmple.com' },
		says: 'No LoyaltyLion customer has the email ann@exmple.com [item 0]',
		advises: 'Check how the email is written.',
	},
	{
		code: 'customer_ambiguous',
		item: { email: 'family@example.com' },
		says: 'Several LoyaltyLion customers have the email family@example.com [item 0]',
		advises: 'merchant ID 1002',
	},
	{
		code: 'lookup_failed',
		misbehave: () => shop.misbehaveAt('listCustomers', { kind: 'status', status: 500 }),
		says: 'LoyaltyLion could not be asked who the customer is [item 0]',
		advises: 'Try again a little later.',
	},
	{
		code: 'refused',
		item: { email: 'sam@example.com' },
		says: 'The customer with the email sam@example.com is blocked in LoyaltyLion [item 0]',
		advises: 'Unblock the customer there',
	},
	{
		code: 'rate_limited',
		misbehave: () => shop.misbehaveFor('1001', { kind: 'status', status: 429 }),
		says: 'LoyaltyLion took no more requests, as there were too many [item 0]',
		advises: 'Find out what else sends requests',
	},
	{
		code: 'not_reached',
		credential: async () => ({ baseUrl: `http://127.0.0.1:${await freePort()}` }),
		says: 'LoyaltyLion could not be reached [item 0]',
		advises: 'The connection was refused.',
	},
	{
		code: 'outcome_unknown',
		misbehave: () => shop.misbehaveFor('1001', { kind: 'reset', after: true }),
		says: 'Unclear whether customer ann@example.com got 50 points [item 0]',
		advises: "Look at the customer's points history in LoyaltyLion",
	},
];

test.each(MISTAKES)('$code', async ({ code, item, credential, misbehave, says, advises }) => {
	const chosen = await host.addCredential(`Mistake ${code}`, {
		...credentialFields(shop),
		...(await credential?.()),
	});
	misbehave?.();
	const workflow = await host.importWorkflow(mistakenWorkflow(code, item), chosen);

	await editor.openWorkflow(workflow.id);
	await editor.page.getByTestId('execute-workflow-button').first().click();
	await editor.page
		.getByText(/Problem in node/)
		.first()
		.waitFor({ timeout: 60_000 });
	await editor.openNode('LoyaltyLion');
	const output = editor.page.getByTestId('output-panel');
	await output.getByText(says).first().waitFor();
	await editor.screenshot(`mistake-${code}`);

	expect(await output.innerText()).toContain(advises);
});

function mistakenWorkflow(name: string, item?: object) {
	return {
		name,
		nodes: [
			{
				parameters: {},
				id: 'trigger',
				name: 'Form Answers',
				type: 'n8n-nodes-base.manualTrigger',
				typeVersion: 1,
				position: [0, 0],
			},
			addPointsNode({
				customer: { __rl: true, mode: 'email', value: '={{ $json.email }}' },
				options: { ifUnclear: 'report' },
			}),
		],
		connections: {
			'Form Answers': { main: [[{ node: 'LoyaltyLion', type: 'main', index: 0 }]] },
		},
		settings: { executionOrder: 'v1' },
		pinData: { 'Form Answers': [{ json: { email: 'ann@example.com', points: 50, ...item } }] },
	};
}
