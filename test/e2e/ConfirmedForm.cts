import { Example } from './Example.cts';

/** An example form whose answer is confirmed by mail, with a shopper in front of it. */
export class ConfirmedForm {
	/**
	 * Imports it, and publishes it.
	 *
	 * @param name of its file
	 * @param setUp of the shop and the workflow
	 */
	static async open(name: string, setUp?: Parameters<typeof Example.open>[1]) {
		const example = await Example.open(name, setUp);
		await example.publish();
		const form = new ConfirmedForm(example);
		await example.host.call('GET', form.#path);
		return form;
	}

	readonly example: Example;

	private constructor(example: Example) {
		this.example = example;
	}

	get #path() {
		return `/form/${this.example.file.nodes[0]?.webhookId}`;
	}

	get page() {
		return this.example.editor.page;
	}

	/**
	 * Sends the form.
	 *
	 * @returns what n8n answers to the browser
	 */
	async answer(email: string) {
		const { page } = this;
		await page.goto(this.#path);
		await page.locator('input[type="email"]').fill(email);
		const question = page.locator('textarea');
		if (await question.isVisible()) await question.fill('The quick delivery');
		const answered = page.waitForResponse((response) => response.request().method() === 'POST');
		await this.press();
		const text = await (await answered).text();
		await page.getByText('We have sent you an email').waitFor();
		return text;
	}

	/** Presses the only button of the page. */
	async press() {
		await this.page.getByRole('button', { name: 'Submit' }).click();
	}

	/** Takes the link out of the next mail, once it can be opened. */
	async nextLink() {
		const { host, mailbox, workflow } = this.example;
		const { to, text = '' } = await mailbox.next();
		await host.untilWaiting(workflow.id);
		const [link = ''] = /http\S+/.exec(text) ?? [];
		return { to: to?.map(({ address }) => address), text, link };
	}

	/** Sends the form, opens the link of the mail, and presses the button behind it. */
	async confirm(email: string) {
		await this.answer(email);
		const { link } = await this.nextLink();
		await this.page.goto(link);
		await this.press();
	}

	async close() {
		await this.example.close();
	}
}
