import { Editor } from '../../dev/hosts/Editor.cts';
import type { Host, SavedCredential } from '../../dev/hosts/Host.cts';
import { API_KEY, openShop } from '../../dev/hosts/shop.cts';
import type { StandIn } from '../../dev/stand-in/StandIn.cts';
import { theHost } from './theHost.cts';

const TRIGGER = 'Quiz Answers';

let host: Host;
let shop: StandIn;
let editor: Editor;

/** Each test goes on where the one before it has left the editor, as a user does. */
beforeAll(async () => {
	host = await theHost();
	for (const { id } of await host.api<SavedCredential[]>('GET', '/credentials')) {
		await host.api('DELETE', `/credentials/${id}`);
	}
	shop = await openShop();
	const workflow = await host.saveWorkflow({
		name: 'Points for a quiz',
		nodes: [
			{
				parameters: {},
				id: 'trigger',
				name: TRIGGER,
				type: 'n8n-nodes-base.manualTrigger',
				typeVersion: 1,
				position: [0, 0],
			},
		],
		connections: {},
		settings: { executionOrder: 'v1' },
		pinData: {
			[TRIGGER]: [
				{ json: { Email: 'ann@example.com', Score: 9 } },
				{ json: { Email: 'li.wei@example.com', Score: 7 } },
				{ json: { Email: 'maria.lopez@exmple.com', Score: 8 } },
			],
		},
	});
	editor = await Editor.open(host);
	await editor.openWorkflow(workflow.id);
});
afterAll(async () => {
	await editor?.close();
	await shop?.stop();
});

test.each(['add points', 'loyalty'])('the node is found by "%s"', async (text) => {
	await editor.searchNodesBehind(text);

	await editor.page.getByTestId('node-creator').getByText('LoyaltyLion', { exact: true }).waitFor();
	expect(await editor.page.getByTestId('node-creator').innerText()).toContain('LoyaltyLion');
	await editor.screenshot(`search-${text.replace(' ', '-')}`);
});

test('it is added as "Add points to customer"', async () => {
	const { page } = editor;
	await page.getByTestId('node-creator').getByText('LoyaltyLion', { exact: true }).click();
	await page.getByText('Add points to customer').first().click();
	await page.getByTestId('node-parameters').waitFor();

	const shown = await page.getByTestId('node-parameters').innerText();
	for (const words of ['Customer', 'Points', 'Reason', 'The shopper sees this text', 'Options']) {
		expect(shown).toContain(words);
	}
	await editor.screenshot('node');
});

test('a bad key is refused in plain words, a good one is tested and saved', async () => {
	const { page } = editor;
	await page
		.getByText(/Connect to LoyaltyLion|Set up credential|Create new credential/)
		.first()
		.click();
	const [key, url] = [editor.credentialFields().first(), editor.credentialFields().last()];
	await key.fill('pat_mistyped');
	await url.fill(shop.url);
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByText('More details').locator('visible=true').click();
	await page
		.getByText('LoyaltyLion does not accept this credential. The key may be mistyped')
		.locator('visible=true')
		.waitFor();
	await editor.screenshot('credential-bad');

	await key.fill(API_KEY);
	await page.getByRole('button', { name: 'Save' }).click();
	await page.locator('.el-dialog:visible').waitFor({ state: 'hidden' });

	const asked = shop.requests.map(({ path }) => path);
	expect(asked).toContain('/v2/identity/whoami');
});

test('a customer is picked from the list by searching', async () => {
	const { page } = editor;
	await editor.chooseMode('customer', 'From List');
	await page.getByTestId('rlc-input').locator('visible=true').first().click();
	await page.getByTestId('rlc-item').first().waitFor();
	await page.getByTestId('rlc-search').locator('visible=true').fill('ann@');
	await page.getByTestId('rlc-item').filter({ hasText: 'Li Wei' }).waitFor({ state: 'hidden' });
	await page.getByTestId('rlc-item').filter({ hasText: '(ann@' }).waitFor();
	expect(await page.getByTestId('rlc-item').allInnerTexts()).toEqual([
		expect.stringContaining('Jo Ann Kim (joann@example.com)'),
		expect.stringContaining('Ann Lee (ann@example.com)'),
	]);
	await editor.picture('list');

	await page.getByTestId('rlc-item').filter({ hasText: '(ann@' }).click();
});

test('points come from an expression, and the output says what was added', async () => {
	const { page } = editor;
	await editor.writeExpression('points', '$json.Score');
	await page.getByTestId('node-execute-button').click();
	await page.getByTestId('node-run-status-success').waitFor();
	await editor.screenshot('output');

	await page.getByTestId('output-panel').getByText('confirmedBy').first().waitFor();
	expect(shop.balances()).toEqual({ 6145627226296: 24 });
});

test('by email, with the error output, the failing row is there with its input', async () => {
	const { page } = editor;
	shop.reset();
	await editor.chooseMode('customer', 'By Email');
	await editor.writeExpression('customer', '$json.Email');
	await editor.field('reason').locator('input, textarea').first().fill('Thanks for playing');
	await page.getByTestId('tab-settings').click();
	await editor.field('onError').click();
	await page.getByText('Continue (using error output)').locator('visible=true').first().click();
	await page.getByTestId('tab-params').click();
	await page.getByTestId('node-execute-button').click();
	await page.getByTestId('tab-1').waitFor();

	expect(shop.balances()).toEqual({ 6145627226296: 9, 6145627226298: 7 });
	await page.getByTestId('tab-1').click();
	const output = page.getByTestId('output-panel');
	await output
		.getByText('No LoyaltyLion customer has the email maria.lopez@exmple.com')
		.first()
		.waitFor();
	const said = await output.innerText();
	for (const words of [
		'2 of 3 items got their points, 1 did not.',
		'maria.lopez@exmple.com',
		'customer_not_found',
		'Check how the email is written.',
	]) {
		expect(said).toContain(words);
	}
	await editor.picture('errors');
	await page.getByTestId('tab-0').click();
	await output.getByText('li.wei@example.com').first().waitFor();
	await editor.picture('node');
});

test('with Continue, the failing row has the columns of the others', async () => {
	const { page } = editor;
	await page.getByTestId('tab-settings').click();
	await editor.field('onError').click();
	await page.getByText('Continue', { exact: true }).locator('visible=true').first().click();
	await page.getByTestId('tab-params').click();
	await page.getByTestId('node-execute-button').click();
	await page.getByTestId('tab-1').waitFor({ state: 'hidden' });

	const output = page.getByTestId('output-panel');
	await output.getByText('customer_not_found').first().waitFor();
	await editor.screenshot('report');

	const said = await output.innerText();
	for (const words of ['success', 'email', 'merchantId', 'points', 'reason', 'maria.lopez']) {
		expect(said).toContain(words);
	}
	// How the editor shows a column that a row does not have.
	expect(said.match(/undefined/g) ?? []).toHaveLength(2 + 1);
});
