import { Host } from '../../dev/hosts/Host.cts';
import { installChosenHost } from '../../dev/hosts/hosts.cts';

/** The n8n that is running for all tests. */
export async function theHost(): Promise<Host> {
	const port = Number(new URL(String(process.env.E2E_URL)).port);
	const host = new Host(installChosenHost(), String(process.env.E2E_FOLDER), port, {});
	// n8n lets the owner sign in a few times a minute only.
	host.cookie = String(process.env.E2E_COOKIE);
	return host;
}
