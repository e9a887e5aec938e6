const { mkdirSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { chromium, selectors } = require('playwright-core');
const { aptInstall } = require('./aptInstall');
const { BROWSER_ID } = require('./Host');

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

const PARAMETER = '[data-test-id="parameter-input-field"]';

/** n8n's editor in a real browser, with the owner signed in. */
class Editor {
	/**
	 * @param {{ url: string, cookie: string }} host
	 * @param {{ dark?: boolean }} [look]
	 */
	static async open({ url, cookie }, { dark = false } = {}) {
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

	/**
	 * @param {import('playwright-core').Browser} browser
	 * @param {import('playwright-core').Page} page
	 */
	constructor(browser, page) {
		this.browser = browser;
		this.page = page;
	}

	async close() {
		await this.browser.close();
	}

	/** @param {string} name */
	async screenshot(name) {
		mkdirSync(SCREENS, { recursive: true });
		await this.page.screenshot({ path: join(SCREENS, `${name}.png`) });
	}

	/**
	 * Takes a screenshot, and when the pictures of the README are to be refreshed, puts it among them: without
	 * what passes by.
	 * @param {string} name
	 */
	async picture(name) {
		if (process.env.E2E_PICTURES) {
			await this.page.addStyleTag({
				content: '.el-notification, [data-sonner-toaster] { display: none !important; }',
			});
			mkdirSync(PICTURES, { recursive: true });
			await this.page.screenshot({ path: join(PICTURES, `${name}.png`) });
		}
		await this.screenshot(name);
	}

	/** @param {string} id of a saved workflow that has nodes */
	async openWorkflow(id) {
		await this.page.goto(`/workflow/${id}`);
		await this.page.getByTestId('canvas-node').first().waitFor();
	}

	/**
	 * Searches among the nodes that can be added behind the only one there is.
	 * @param {string} text
	 */
	async searchNodesBehind(text) {
		const search = this.page.getByTestId('node-creator-search-bar');
		if (!(await search.isVisible()))
			await this.page.getByTestId('canvas-handle-plus-wrapper').click();
		await search.fill(text);
	}

	/** @param {string} name of a node on the canvas */
	async openNode(name) {
		await this.page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`).dblclick();
		await this.page.getByTestId('node-parameters').waitFor();
	}

	/** @param {string} name of a field */
	field(name) {
		return this.page.getByTestId(`parameter-input-${name}`);
	}

	/**
	 * Chooses how a resource is found.
	 * @param {string} name of the field
	 * @param {string} mode
	 */
	async chooseMode(name, mode) {
		await this.field(name).getByTestId('rlc-mode-selector').click();
		await this.page.getByRole('option', { name: mode }).locator('visible=true').click();
	}

	/**
	 * Switches a field to Expression, and writes one into it.
	 * @param {string} name of the field
	 * @param {string} expression without its braces
	 */
	async writeExpression(name, expression) {
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

	/**
	 * Presses Retry for an execution in the list of a workflow's executions.
	 * @param {string} workflowId
	 * @param {string} executionId
	 */
	async retryExecution(workflowId, executionId) {
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
function installBrowser() {
	aptInstall({ [CHROMIUM]: ['chromium', 'fonts-dejavu-core'] });
}

module.exports = { Editor, installBrowser };
