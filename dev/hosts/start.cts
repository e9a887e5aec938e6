/**
 * Opens an n8n to play with: the node is installed, a stand-in of LoyaltyLion runs beside it, and the
 * credentials and the example workflows are in place. Mails are printed, and go nowhere else. Nothing of
 * it is kept.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root.cts';
import { Host, OWNER, type WorkflowFile } from './Host.cts';
import { installHost } from './hosts.cts';
import { Mailbox, withMail } from './Mailbox.cts';
import { pack } from './pack.cts';
import { credentialFields, openShop } from './shop.cts';
import { SIGN_IN, withSignIn } from './signIn.cts';

const FORMS = [
	'points-for-a-form.json',
	'points-for-a-confirmed-form.json',
	'form-submissions.json',
	'award-a-spreadsheet.json',
];
/** They begin with an event, which does not reach this n8n from outside; each has a sample of it. */
const EVENTS = ['tier-upgraded-bonus.json', 'points-about-to-expire.json'];
const PORT = Number(process.env.PORT ?? 5678);

async function main() {
	const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
	const tarball = pack();
	const shop = await openShop();
	const mailbox = await Mailbox.open();
	const host = await Host.start({ installed: installHost('newest'), tarball, port: PORT });
	const credential = await host.addCredential('LoyaltyLion account', credentialFields(shop));
	const account = await host.addCredential('Mail account', mailbox.credentialFields, 'smtp');
	for (const name of FORMS) {
		const example = readExample(name);
		const ready = await withSignIn(withMail(example, account), host);
		await host.publish(await host.importWorkflow(ready, credential));
		console.log(`Form of ${name}: ${host.url}/form/${example.nodes[0]?.webhookId}`);
	}
	for (const name of EVENTS) {
		const { id } = await host.importWorkflow(withMail(readExample(name), account), credential);
		console.log(`${name}, to execute with its sample: ${host.url}/workflow/${id}`);
	}
	const emails = Object.values(shop.customers).map(({ email }) => email);
	console.log(`
n8n ${host.installed.version} with the LoyaltyLion node: ${host.url}
Sign in as ${OWNER.email} with the password ${OWNER.password}
The form that asks who you are: ${SIGN_IN.user}, password ${SIGN_IN.password}
Customers of the stand-in: ${emails.join(', ')}
Ctrl-C ends it.`);
	void printMails(mailbox);
	await stopped;
	await host.stop();
	await mailbox.close();
	console.log('\nPoints that were added, by merchant ID:', shop.balances());
	await shop.stop();
}

function readExample(name: string) {
	return JSON.parse(readFileSync(join(ROOT, 'examples', name), 'utf8')) as WorkflowFile;
}

/** Prints every mail that comes, for as long as any can. */
async function printMails(mailbox: Mailbox) {
	for (;;) {
		const { to = [], subject, text } = await mailbox.next();
		const addresses = to.map(({ address }) => address).join(', ');
		console.log(`\nMail to ${addresses}: ${subject}\n\n${text}`);
	}
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
