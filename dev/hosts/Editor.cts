import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page, selectors } from 'playwright-core';
import { aptInstall } from './aptInstall.cts';
import { BROWSER_ID } from './Host.cts';

/** n8n's own attribute. */
selectors.setTestIdAttribute('data-test-id');

const CHROMIUM = '/usr/bin/chromium';

/** The browser is to make no request of its own: there may be no internet. */
const QUIET = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/** Where screenshots go; they are not kept in the repository. */
const SCREENS = join(tmpdir(), 'n8n-nodes-loyaltylion-e2e');

/** Where the pictures of the README are. */
const PICTURES = join(__dirname, '../../docs');

/** In the words of n8n's menu. */
const RETRY = /Retry with (original|currently saved) workflow/;

/** Runs in the browser: waits until the canvas has not moved from one frame to the next for a while. */
const UNTIL_STILL = `new Promise((resolve) => {
	const canvas = document.querySelector('.vue-flow__transformationpane');
	let still = 0;
	let before = '';
	const look = () => {
		const now = canvas.style.transform;
		still = now === before ? still + 1 : 0;
		before = now;
		if (still > 30) resolve();
		else requestAnimationFrame(look);
	};
	look();
})`;

const PARAMETER = '[data-test-id="parameter-input-field"]';

/** n8n's editor in a real browser, with the owner signed in. */
export class Editor {
	static async open(
		{ url, cookie }: { url: string; cookie: string },
		{ dark = false }: { dark?: boolean } = {},
	) {
		const browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
		const context = await browser.newContext({
			baseURL: url,
			viewport: { width: 1440, height: 810 },
			colorScheme: dark ? 'dark' : 'light',
		});
		context.setDefaultTimeout(30_000);
		const [name = '', value = ''] = cookie.split('=');
		await context.addCookies([{ name, value, url }]);
		await context.addInitScript(`localStorage.setItem('n8n-browserId', '${BROWSER_ID}')`);
		return new Editor(browser, await context.newPage());
	}

	readonly browser: Browser;

	readonly page: Page;

	constructor(browser: Browser, page: Page) {
		this.browser = browser;
		this.page = page;
	}

	async close() {
		await this.browser.close();
	}

	async screenshot(name: string) {
		mkdirSync(SCREENS, { recursive: true });
		await this.page.screenshot({ path: join(SCREENS, `${name}.png`) });
	}

	/**
	 * Takes a screenshot, and when the pictures of the README are to be refreshed, puts it among them: without
	 * what passes by.
	 */
	async picture(name: string) {
		if (process.env.E2E_PICTURES) {
			await this.page.addStyleTag({
				content: '.el-notification, [data-sonner-toaster] { display: none !important; }',
			});
			mkdirSync(PICTURES, { recursive: true });
			await this.page.screenshot({ path: join(PICTURES, `${name}.png`) });
		}
		await this.screenshot(name);
	}

	/** @param id of a saved workflow that has nodes */
	async openWorkflow(id: string) {
		await this.page.goto(`/workflow/${id}`);
		await this.page.getByTestId('canvas-node').first().waitFor();
	}

	/** Zooms until all nodes and notes are to be seen. */
	async showAll() {
		await this.page.getByTestId('zoom-to-fit').click();
		await this.page.mouse.move(0, 0);
		// The canvas glides there.
		await this.page.evaluate(UNTIL_STILL);
	}

	/** Searches among the nodes that can be added behind the only one there is. */
	async searchNodesBehind(text: string) {
		const search = this.page.getByTestId('node-creator-search-bar');
		if (!(await search.isVisible()))
			await this.page.getByTestId('canvas-handle-plus-wrapper').click();
		await search.fill(text);
	}

	/** @param name of a node on the canvas */
	async openNode(name: string) {
		await this.page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`).dblclick();
		await this.page.getByTestId('node-parameters').waitFor();
	}

	/** @param name of a field */
	field(name: string) {
		return this.page.getByTestId(`parameter-input-${name}`);
	}

	/**
	 * Chooses how a resource is found.
	 *
	 * @param name of the field
	 */
	async chooseMode(name: string, mode: string) {
		await this.field(name).getByTestId('rlc-mode-selector').click();
		await this.page.getByRole('option', { name: mode }).locator('visible=true').click();
	}

	/**
	 * Chooses from the list of a resource by searching.
	 *
	 * @param name of the field
	 * @param search what is typed
	 * @param item what is chosen
	 */
	async chooseFromList(name: string, search: string, item: string) {
		const { page } = this;
		await this.chooseMode(name, 'From List');
		await this.field(name).getByTestId('rlc-input').click();
		await page.getByTestId('rlc-search').locator('visible=true').fill(search);
		await page.getByTestId('rlc-item').filter({ hasText: item }).locator('visible=true').click();
	}

	/**
	 * Types a value into a field.
	 *
	 * @param name of the field
	 */
	async fill(name: string, value: string) {
		const input = this.field(name).locator('input:not([readonly]), textarea');
		await input.locator('visible=true').last().fill(value);
		await this.leaveField();
	}

	/** Leaves a field: while one is in use, n8n lays tips and lists over the next. */
	async leaveField() {
		await this.page.getByTestId('tab-params').click();
	}

	/**
	 * Chooses among the options of a field.
	 *
	 * @param name of the field
	 * @param options one, or several where the field takes several
	 */
	async choose(name: string, ...options: string[]) {
		await this.field(name).click();
		for (const option of options) {
			await this.page
				.locator('.el-select-dropdown__item:visible')
				.getByText(option, { exact: true })
				.click();
		}
		await this.leaveField();
	}

	/** Turns a switch on or off. */
	async toggle(name: string) {
		await this.field(name).locator('.el-switch').click();
	}

	/**
	 * Adds one of the fields that stand behind a button.
	 *
	 * @param collection the label above the button, e.g. "Options"
	 * @param field its label
	 */
	async addOption(collection: string, field: string) {
		const { page } = this;
		const below = page.getByText(collection, { exact: true });
		const items = page.getByTestId('parameter-item').filter({ has: below });
		await items.last().getByTestId('collection-parameter-add').click();
		const option = page.getByTestId('collection-parameter-option').locator('visible=true');
		await option.getByText(field, { exact: true }).click();
	}

	/**
	 * Switches a field to Expression, and writes one into it.
	 *
	 * @param name of the field
	 * @param expression without its braces
	 */
	async writeExpression(name: string, expression: string) {
		await this.field(name).hover();
		const options = this.page.getByTestId(`${name}-parameter-input-options-container`);
		await options.getByTestId('radio-button-expression').click();
		// What is typed counts once the editor has saved it by itself.
		const saved = this.page.waitForRequest((request) =>
			Boolean(request.postData()?.includes(expression)),
		);
		await this.field(name).locator('.cm-content').click();
		await this.page.keyboard.press('ControlOrMeta+A');
		// The editor adds the closing braces.
		await this.page.keyboard.type(`{{ ${expression}`, { delay: 20 });
		await this.page.keyboard.press('Escape');
		await saved;
	}

	/** Presses Retry for an execution in the list of a workflow's executions. */
	async retryExecution(workflowId: string, executionId: string) {
		const { page } = this;
		await page.goto(`/workflow/${workflowId}/executions/${executionId}`);
		// In older versions the button has another name, which is that of an icon in the newer ones.
		const button = page.getByTestId('execution-preview-retry-button');
		const older = page.getByTestId('retry-execution-button').first();
		await button.or(older).first().waitFor();
		await ((await button.isVisible()) ? button : older).click();
		await page.getByText(RETRY).locator('visible=true').first().click();
	}

	/** What is to be filled in in the credential's window. */
	credentialFields() {
		return this.page.locator(
			`.el-dialog ${PARAMETER}:visible, [role="dialog"] ${PARAMETER}:visible`,
		);
	}
}

/** Installs the browser where it is missing. */
export function installBrowser() {
	aptInstall({ [CHROMIUM]: ['chromium', 'fonts-dejavu-core'] });
}
