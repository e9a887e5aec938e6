import { Editor } from '../../dev/hosts/Editor.cts';
import type { Host } from '../../dev/hosts/Host.cts';
import { theHost } from './theHost.cts';

const TYPE = 'n8n-nodes-loyaltylion.loyaltyLion';

let host: Host;
beforeAll(async () => {
	host = await theHost();
});

test('n8n has the node and the credential under their true names', async () => {
	const nodes = await (await host.request('GET', '/types/nodes.json')).json();
	const credentials = await (await host.request('GET', '/types/credentials.json')).json();

	expect(nodes).toContainEqual(
		expect.objectContaining({ name: TYPE, displayName: 'LoyaltyLion', usableAsTool: true }),
	);
	expect(credentials).toContainEqual(
		expect.objectContaining({ name: 'loyaltyLionApi', displayName: 'LoyaltyLion API' }),
	);
});

test.each([
	{ theme: 'light', dark: false, file: 'loyaltyLion.svg' },
	{ theme: 'dark', dark: true, file: 'loyaltyLion.dark.svg' },
])('the icon is there in the $theme theme', async ({ theme, dark, file }) => {
	const workflow = await host.saveWorkflow({
		name: `Icon ${theme}`,
		nodes: [
			{
				parameters: {},
				id: 'loyaltylion',
				name: 'LoyaltyLion',
				type: TYPE,
				typeVersion: 1,
				position: [0, 0],
			},
		],
		connections: {},
		settings: {},
	});
	const editor = await Editor.open(host, { dark });

	await editor.openWorkflow(workflow.id);
	const icon = editor.page.getByTestId('canvas-node').locator('img').first();
	await icon.waitFor();

	expect(await icon.getAttribute('src')).toMatch(new RegExp(`/${file}$`));
	const width = await icon.evaluate((image): unknown => Reflect.get(image, 'naturalWidth'));
	expect(width).toBeGreaterThan(0);
	await editor.screenshot(`icon-${theme}-${host.installed.version}`);
	await editor.close();
});
