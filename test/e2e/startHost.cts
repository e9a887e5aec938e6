import { Host } from '../../dev/hosts/Host.cts';
import { installChosenHost } from '../../dev/hosts/hosts.cts';

/** Starts the n8n that E2E_HOST names, for all tests of a run. */
export default async () => {
	const host = await Host.start({
		installed: installChosenHost(),
		tarball: String(process.env.E2E_TARBALL),
	});
	Reflect.set(globalThis, 'e2eHost', host);
	process.env.E2E_FOLDER = host.folder;
	process.env.E2E_URL = host.url;
	process.env.E2E_COOKIE = host.cookie;
};
