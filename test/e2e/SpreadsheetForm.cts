import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parse } from 'csv-parse/sync';
import type { BrowserContext, Download, Page } from 'playwright-core';
import type { Host, WorkflowFile } from '../../dev/hosts/Host.cts';
import { Example } from './Example.cts';

const PATH = '/form/award-a-spreadsheet';
const SIGN_IN = { user: 'marketing', password: '0f1e2d3c4b5a69788796a5b4c3d2e1f0' };

/** A row of the report, by column. */
export type ReportRow = Record<string, string>;

/** As much of the spreadsheet library of n8n as is used here. */
interface Xlsx {
	utils: {
		aoa_to_sheet: (rows: unknown[][]) => object;
		book_new: () => object;
		book_append_sheet: (book: object, sheet: object) => void;
	};
	write: (book: object, options: { type: 'buffer'; bookType: 'xlsx' }) => Buffer;
}

/** The example with a spreadsheet, and a marketer in front of its form. */
export class SpreadsheetForm {
	/** Imports it, chooses its credentials, and publishes it; the marketer is signed in. */
	static async open(setUp: Parameters<typeof Example.open>[1] = {}) {
		const example = await Example.open('award-a-spreadsheet.json', { ...setUp, adapt: withSignIn });
		await example.publish();
		await example.host.call('GET', PATH);
		const context = await example.editor.browser.newContext({
			baseURL: example.host.url,
			viewport: { width: 1000, height: 820 },
			httpCredentials: { username: SIGN_IN.user, password: SIGN_IN.password },
		});
		context.setDefaultTimeout(60_000);
		return new SpreadsheetForm(example, context, await context.newPage());
	}

	readonly example: Example;

	readonly #context: BrowserContext;

	readonly page: Page;

	private constructor(example: Example, context: BrowserContext, page: Page) {
		this.example = example;
		this.#context = context;
		this.page = page;
	}

	/** What n8n answers to somebody who has not signed in. */
	async openAsStranger() {
		const { status } = await fetch(`${this.example.host.url}${PATH}`);
		return status;
	}

	/** Opens the form. */
	async open() {
		await this.page.goto(PATH);
	}

	/**
	 * Opens the form, and sends it.
	 *
	 * @param name of the file
	 * @param content of the file
	 */
	async upload(campaign: string, name: string, content: string | Buffer) {
		await this.open();
		await this.page.locator('input[type="text"]').fill(campaign);
		const file = { name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) };
		await this.page.locator('input[type="file"]').setInputFiles(file);
		await this.page.getByRole('button', { name: 'Check the rows' }).click();
	}

	/**
	 * Waits for a page of the form.
	 *
	 * @param title of it
	 * @returns what is to be read on it
	 */
	async untilPage(title: string) {
		await this.page.getByRole('heading', { name: title }).waitFor();
		return await this.page.locator('body').innerText();
	}

	/** Presses Pay now, and waits for the last page and its report. */
	async pay() {
		return await this.download(async () => {
			await this.page.getByRole('button', { name: 'Pay now' }).click();
		});
	}

	/**
	 * Waits for the report.
	 *
	 * @param act what makes it come
	 * @returns its rows, and its text as it was downloaded
	 */
	async download(act: () => Promise<unknown>) {
		const [download] = await Promise.all([this.page.waitForEvent('download'), act()]);
		return await readReport(download);
	}

	/** Makes an XLSX with the library that n8n reads it with. */
	xlsx(rows: unknown[][]) {
		const { utils, write } = createRequire(`${this.example.host.installed.modules}/`)(
			'@e965/xlsx',
		) as Xlsx;
		const book = utils.book_new();
		utils.book_append_sheet(book, utils.aoa_to_sheet(rows));
		return write(book, { type: 'buffer', bookType: 'xlsx' });
	}

	async close() {
		await this.#context.close();
		await this.example.close();
	}
}

/** Chooses who may open the form. */
async function withSignIn(file: WorkflowFile, host: Host) {
	const { id, name } = await host.addCredential('Marketing', SIGN_IN, 'httpBasicAuth');
	const nodes = file.nodes.map((node) =>
		node.type === 'n8n-nodes-base.formTrigger'
			? { ...node, credentials: { httpBasicAuth: { id, name } } }
			: node,
	);
	return { ...file, nodes };
}

async function readReport(download: Download) {
	const text = readFileSync(await download.path(), 'utf8');
	return { name: download.suggestedFilename(), text, rows: reportRows(text) };
}

/** The rows of a report. */
export function reportRows(text: string): ReportRow[] {
	return parse(text, { columns: true, bom: true });
}
