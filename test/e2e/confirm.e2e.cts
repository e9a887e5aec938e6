import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Editor } from '../../dev/hosts/Editor.cts';
import type { Host, WorkflowFile } from '../../dev/hosts/Host.cts';
import { Mailbox, withMail } from '../../dev/hosts/Mailbox.cts';
import { credentialFields, openShop } from '../../dev/hosts/shop.cts';
import type { StandIn } from '../../dev/stand-in/StandIn.cts';
import { theHost } from './theHost.cts';

const EXAMPLE = join(__dirname, '../../examples/points-for-a-confirmed-form.json');

let host: Host;
let shop: StandIn;
let mailbox: Mailbox;
let editor: Editor;
let workflowId: string;
let formId: string;

beforeAll(async () => {
	host = await theHost();
	shop = await openShop();
	mailbox = await Mailbox.open();
	const credential = await host.addCredential('LoyaltyLion account', credentialFields(shop));
	const account = await host.addCredential('Mail account', mailbox.credentialFields, 'smtp');
	const example = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as WorkflowFile;
	const workflow = await host.importWorkflow(withMail(example, account), credential);
	await host.publish(workflow);
	workflowId = workflow.id;
	formId = String(example.nodes[0]?.webhookId);
	await host.call('GET', `/form/${formId}`);
	editor = await Editor.open(host);
});
afterAll(async () => {
	await editor?.close();
	await mailbox?.close();
	await shop?.stop();
});

/**
 * Sends the form as a shopper does.
 *
 * @returns what n8n answers to the browser
 */
async function answer(email: string) {
	const { page } = editor;
	await page.goto(`/form/${formId}`);
	await page.locator('input[type="email"]').fill(email);
	await page.locator('textarea').fill('The quick delivery');
	const answered = page.waitForResponse((response) => response.request().method() === 'POST');
	await press();
	const text = await (await answered).text();
	await page.getByText('We have sent you an email').waitFor();
	return text;
}

async function press() {
	await editor.page.getByRole('button', { name: 'Submit' }).click();
}

/** Takes the link out of the next mail, once it can be opened. */
async function nextLink() {
	const { to, text = '' } = await mailbox.next();
	await host.untilWaiting(workflowId);
	const [link = ''] = /http\S+/.exec(text) ?? [];
	return { to: to?.map(({ address }) => address), text, link };
}

test('whoever sends the form gets a mail, and neither the link nor points', async () => {
	expect(await answer('Ann@Example.com')).toBe('{"status":200}');

	await editor.screenshot('confirm-sent');
	expect(shop.requests).toEqual([]);
});

test('points come when the button behind the link is pressed, and no sooner', async () => {
	const { to, text, link } = await nextLink();
	expect(to).toEqual(['Ann@example.com']);
	expect(text).toContain('our form was sent with the email Ann@Example.com.');

	// As mail programs do, which look at links before their readers do.
	const opened = await fetch(link);
	expect(await opened.text()).toContain('the account with the email Ann@Example.com');
	const withoutSecret = String(new URL('?', link));
	expect(await fetch(withoutSecret)).toMatchObject({ status: 401 });
	const pressed = { method: 'POST', body: new FormData() };
	expect(await fetch(withoutSecret, pressed)).toMatchObject({ status: 401 });
	expect(shop.requests).toEqual([]);

	await editor.page.goto(link);
	await editor.screenshot('confirm-page');
	await press();

	await editor.page.getByText('50 points are on your account.').waitFor();
	await editor.screenshot('confirm-thanks');
	expect(shop.balances()).toEqual({ 6145627226296: 50 });

	await host.untilEnded(workflowId, 2);
	await editor.page.goto(link);
	await editor.page.getByText('Your response has been recorded').waitFor();
	expect(shop.balances()).toEqual({ 6145627226296: 50 });
});

test('whoever confirms a second time has the points once, and reads that they are there', async () => {
	await answer('ann@example.com');
	const { link } = await nextLink();
	await editor.page.goto(link);
	await press();

	await editor.page.getByText('Your points for this are on your account already.').waitFor();
	await editor.screenshot('confirm-again');
	expect(shop.balances()).toEqual({ 6145627226296: 50 });
});

test('who has no account sees the page of the error branch, and the shop gets a mail', async () => {
	await answer('ann@exmple.com');
	const { link } = await nextLink();
	await editor.page.goto(link);
	await press();

	await editor.page.getByText('We will look after your points').waitFor();
	const { to, text } = await mailbox.next();
	expect(to).toMatchObject([{ address: 'you@example.com' }]);
	expect(text).toContain('Email in the form: ann@exmple.com');
	expect(shop.balances()).toEqual({ 6145627226296: 50 });
});
