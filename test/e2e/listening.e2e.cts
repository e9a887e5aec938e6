import { Editor } from '../../dev/hosts/Editor.cts';
import type { Host, SavedCredential, SavedWorkflow } from '../../dev/hosts/Host.cts';
import { credentialFields, openShop } from '../../dev/hosts/shop.cts';
import type { Delivery } from '../../dev/stand-in/Deliveries.cts';
import type { StandIn } from '../../dev/stand-in/StandIn.cts';
import { eventsWorkflow, ORIGIN, startReachedHost } from './events.cts';

let host: Host;
let shop: StandIn;
let credential: SavedCredential;
let workflow: SavedWorkflow;
let editor: Editor;

beforeAll(async () => {
	shop = await openShop();
	host = await startReachedHost();
	shop.deliveries.routes[ORIGIN] = host.url;
	credential = await host.addCredential('LoyaltyLion account', credentialFields(shop));
	const file = eventsWorkflow('listening', ['customers/update']);
	workflow = await host.importWorkflow(file, credential);
	editor = await Editor.open(host);
	await editor.openWorkflow(workflow.id);
});
afterAll(async () => {
	await editor?.close();
	await host?.stop();
	await shop?.stop();
});

/** Waits for a test event, as the button of the editor does. */
async function listen() {
	await editor.page.getByTestId('execute-workflow-button').first().click();
	await host.until('the webhook', async () => shop.hooks.length > 0 || undefined);
}

/** What became of each delivery, once no webhook is left of the listening. */
async function statusesOf(deliveries: Delivery[]) {
	await host.until('no webhook to be left', async () => shop.hooks.length === 0 || undefined);
	return deliveries.flatMap(({ answers }) => answers.map(({ status }) => status));
}

test('a test event starts the workflow in the editor, and no webhook is left', async () => {
	await listen();

	expect(await statusesOf(await shop.happens('customers/update'))).toEqual([200]);
	await editor.page.getByText(/Workflow executed successfully/).waitFor();
	await editor.screenshot(`listened-${host.installed.version}`);
});

test('what is not signed is refused, and the editor says why', async () => {
	await listen();
	shop.deliveries.signing = 'otherSecret';

	expect(await statusesOf(await shop.happens('customers/update'))).toEqual([401]);
	await editor.page
		.getByText(/signature does not fit the Site Secret/)
		.first()
		.waitFor();
	await editor.screenshot(`listened-forged-${host.installed.version}`);
	const [execution] = await host.untilEnded(workflow.id, 2);
	expect(execution?.status).toBe('error');

	shop.deliveries.signing = 'siteSecret';
	await listen();
	expect(await statusesOf(await shop.happens('customers/update'))).toEqual([200]);
});
