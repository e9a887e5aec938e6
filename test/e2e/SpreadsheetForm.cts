import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parse } from 'csv-parse/sync';
import type { BrowserContext, Download, Page } from 'playwright-core';
import { Editor } from '../../dev/hosts/Editor.cts';
import type { Host, WorkflowFile } from '../../dev/hosts/Host.cts';
import { SIGN_IN, withSignIn } from '../../dev/hosts/signIn.cts';
import type { Customer } from '../../dev/stand-in/StandIn.cts';
import { Example } from './Example.cts';

/** A node that only the test has. */
export const PROBE = 'Probe';

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
	static async open({ customers, host }: { customers: Record<string, Customer>; host?: Host }) {
		const example = await Example.open('award-a-spreadsheet.json', {
			customers,
			adapt: async (file, host) => withProbe(await withSignIn(file, host)),
			...(host && { host }),
		});
		await example.publish();
		await example.host.call('GET', pathOf(example));
		const context = await example.editor.browser.newContext({
			baseURL: example.host.url,
			viewport: { width: 880, height: 820 },
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

	get path() {
		return pathOf(this.example);
	}

	/** Takes a screenshot of the page, and a picture for docs/ when those are to be refreshed. */
	async picture(name: string) {
		await new Editor(this.example.editor.browser, this.page).picture(name);
	}

	/** What n8n answers to somebody who has not signed in. */
	async openAsStranger() {
		const { status } = await fetch(`${this.example.host.url}${this.path}`);
		return status;
	}

	/** Opens the form. */
	async open() {
		await this.page.goto(this.path);
	}

	/**
	 * Opens the form, and sends it.
	 *
	 * @param name of the file
	 * @param content of the file
	 * @param choices those of the form; the box After a Crash is not ticked if not given
	 */
	async upload(
		campaign: string,
		name: string,
		content: string | Buffer,
		{ isAfterCrash = false }: { isAfterCrash?: boolean } = {},
	) {
		await this.open();
		await this.page.locator('input[type="text"]').fill(campaign);
		const file = { name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) };
		await this.page.locator('input[type="file"]').setInputFiles(file);
		await this.page.locator('input[type="checkbox"]').setChecked(isAfterCrash);
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

	/** Presses Pay now. */
	async pressPay() {
		await this.page.getByRole('button', { name: 'Pay now' }).click();
	}

	/** Presses Pay now, and waits for the report. */
	async pay() {
		return await this.download(() => this.pressPay());
	}

	/**
	 * Waits for the report.
	 *
	 * @param act what makes it come
	 * @returns its name, its text, and its rows
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

function pathOf({ file }: Example) {
	return `/form/${file.nodes[0]?.webhookId}`;
}

/** Shows of each row that is paid which row of the file n8n links it to. */
function withProbe(file: WorkflowFile): WorkflowFile {
	const value = "={{ $('Look at the Rows').item.json.row }}";
	const probe = {
		id: 'probe',
		name: PROBE,
		type: 'n8n-nodes-base.set',
		typeVersion: 3.4,
		// What stands higher runs first.
		position: [260, 900],
		parameters: {
			assignments: { assignments: [{ id: 'row', name: 'row', value, type: 'number' }] },
			options: {},
		},
	};
	const connections = file.connections as Record<string, { main: object[][] }>;
	const [behind = []] = connections['Pay Every Row']?.main ?? [];
	const main = [[...behind, { node: PROBE, type: 'main', index: 0 }]];
	return {
		...file,
		nodes: [...file.nodes, probe],
		connections: { ...connections, 'Pay Every Row': { main } },
	};
}

async function readReport(download: Download) {
	const text = readFileSync(await download.path(), 'utf8');
	return { name: download.suggestedFilename(), text, rows: reportRows(text) };
}

/** The rows of a report. */
export function reportRows(text: string): ReportRow[] {
	return parse(text, { columns: true, bom: true });
}
