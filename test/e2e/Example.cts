import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Editor } from '../../dev/hosts/Editor.cts';
import type { Host, SavedWorkflow, WorkflowFile } from '../../dev/hosts/Host.cts';
import { Mailbox, withMail } from '../../dev/hosts/Mailbox.cts';
import { credentialFields, openShop } from '../../dev/hosts/shop.cts';
import type { Customer, StandIn } from '../../dev/stand-in/StandIn.cts';
import { theHost } from './theHost.cts';

/** A workflow of examples/ in the n8n that is running, with a shop, a mailbox and a browser of its own. */
export class Example {
	/**
	 * Imports it as a user does who has read its notes: with credentials and mail accounts chosen.
	 *
	 * @param name of its file
	 * @param customers of the shop, by merchant ID; those of all tests if not given
	 * @param adapt changes what the user has to, and what only the test needs
	 * @param on the n8n to import it into; the one of all tests if not given
	 */
	static async open(
		name: string,
		{
			customers,
			adapt = async (file) => file,
			on,
		}: {
			customers?: Record<string, Customer>;
			adapt?: (file: WorkflowFile, host: Host) => Promise<WorkflowFile>;
			on?: Host;
		} = {},
	) {
		const host = on ?? (await theHost());
		const shop = await openShop(customers);
		const mailbox = await Mailbox.open();
		const credential = await host.addCredential('LoyaltyLion account', credentialFields(shop));
		const account = await host.addCredential('Mail account', mailbox.credentialFields, 'smtp');
		const path = join(__dirname, '../../examples', name);
		const file = JSON.parse(readFileSync(path, 'utf8')) as WorkflowFile;
		const adapted = await adapt(withMail(file, account), host);
		const workflow = await host.importWorkflow(adapted, credential);
		return new Example({ host, shop, mailbox, file, workflow, editor: await Editor.open(host) });
	}

	readonly host: Host;

	readonly shop: StandIn;

	readonly mailbox: Mailbox;

	/** As it is in examples/. */
	readonly file: WorkflowFile;

	readonly workflow: SavedWorkflow;

	readonly editor: Editor;

	private constructor({
		host,
		shop,
		mailbox,
		file,
		workflow,
		editor,
	}: Pick<Example, 'host' | 'shop' | 'mailbox' | 'file' | 'workflow' | 'editor'>) {
		this.host = host;
		this.shop = shop;
		this.mailbox = mailbox;
		this.file = file;
		this.workflow = workflow;
		this.editor = editor;
	}

	async publish() {
		await this.host.publish(this.workflow);
	}

	/** Takes a screenshot of all of it in the editor. */
	async screenshotCanvas(name: string) {
		await this.editor.openWorkflow(this.workflow.id);
		await this.editor.showAll();
		await this.editor.screenshot(name);
	}

	async close() {
		await this.editor.close();
		await this.mailbox.close();
		await this.shop.stop();
	}
}
