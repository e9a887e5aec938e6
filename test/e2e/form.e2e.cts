import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Editor } from '../../dev/hosts/Editor.cts';
import type { Host, WorkflowFile } from '../../dev/hosts/Host.cts';
import { credentialFields, openShop } from '../../dev/hosts/shop.cts';
import type { StandIn } from '../../dev/stand-in/StandIn.cts';
import { theHost } from './theHost.cts';

const EXAMPLE = join(__dirname, '../../examples/points-for-a-form.json');

let host: Host;
let shop: StandIn;
let editor: Editor;
let formId: string;

beforeAll(async () => {
	host = await theHost();
	shop = await openShop();
	const credential = await host.addCredential('LoyaltyLion account', credentialFields(shop));
	const example = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as WorkflowFile;
	const workflow = await host.importWorkflow(example, credential);
	await host.publish(workflow);
	formId = String(example.nodes[0]?.webhookId);
	await host.call('GET', `/form/${formId}`);
	editor = await Editor.open(host);
});
afterAll(async () => {
	await editor?.close();
	await shop?.stop();
});

/** Fills in the form as a shopper does. */
async function answer(email: string) {
	const { page } = editor;
	await page.goto(`/form/${formId}`);
	await page.locator('input[type="email"]').fill(email);
	await page.locator('textarea').fill('The quick delivery');
}

async function submit() {
	await editor.page.getByRole('button', { name: 'Submit' }).click();
}

test('a shopper who answers the form has the points', async () => {
	await answer('Ann@Example.com');
	await editor.picture('form');
	await submit();

	await editor.page.getByText('50 points are on your account.').waitFor();
	await editor.screenshot(`form-thanks-${host.installed.version}`);
	expect(shop.balances()).toEqual({ 6145627226296: 50 });
});

test('the same shopper has them once, and reads that they are there', async () => {
	await answer('ann@example.com ');
	await submit();

	await editor.page.getByText('Your points for this are on your account already.').waitFor();
	await editor.screenshot(`form-again-${host.installed.version}`);
	expect(shop.balances()).toEqual({ 6145627226296: 50 });
});

test('who has another email gets the page of the error branch', async () => {
	await answer('ann@exmple.com');
	await submit();

	await editor.page.getByText('We will look after your points').waitFor();
	await editor.screenshot(`form-promise-${host.installed.version}`);
	expect(shop.balances()).toEqual({ 6145627226296: 50 });
});
