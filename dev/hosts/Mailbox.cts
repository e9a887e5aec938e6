import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { freePort } from './freePort.cts';
import type { WorkflowFile, SavedCredential } from './Host.cts';

/** Takes every mail that an n8n sends, to whomever, and keeps it. */
export class Mailbox {
	static async open() {
		const mailbox = new Mailbox(await freePort());
		mailbox.#server.listen(mailbox.#port, '127.0.0.1');
		await once(mailbox.#server.server, 'listening');
		return mailbox;
	}

	readonly #port: number;

	readonly #server: SMTPServer;

	/** Those that nobody has taken out yet, in the order of their arrival. */
	readonly #mails: Email[] = [];

	readonly #arrivals = new EventTarget();

	/** @param port where it is going to listen */
	private constructor(port: number) {
		this.#port = port;
		this.#server = new SMTPServer({
			authOptional: true,
			disabledCommands: ['STARTTLS'],
			onData: (stream, _session, done) => {
				this.#keep(stream).then(() => done(), done);
			},
		});
	}

	async #keep(stream: NodeJS.ReadableStream) {
		this.#mails.push(await PostalMime.parse(await buffer(stream)));
		this.#arrivals.dispatchEvent(new Event('arrival'));
	}

	/** The fields of the SMTP credential that n8n reaches it with. */
	get credentialFields() {
		return { host: '127.0.0.1', port: this.#port, secure: false, disableStartTls: true };
	}

	/** Takes the oldest mail out, once there is one. */
	async next(): Promise<Email> {
		const mail = this.#mails.shift();
		if (mail) return mail;
		await once(this.#arrivals, 'arrival');
		return await this.next();
	}

	async close() {
		const closed = once(this.#server, 'close');
		this.#server.close();
		await closed;
	}
}

/** A workflow in which every node that sends mail has its account, and is switched on. */
export function withMail(workflow: WorkflowFile, { id, name }: SavedCredential): WorkflowFile {
	const nodes = workflow.nodes.map((node) =>
		node.type === 'n8n-nodes-base.emailSend'
			? { ...node, disabled: false, credentials: { smtp: { id, name } } }
			: node,
	);
	return { ...workflow, nodes };
}
