import type { Host } from '../../dev/hosts/Host.cts';

/** Ends the n8n that startHost.cts started. */
export default async () => {
	await (Reflect.get(globalThis, 'e2eHost') as Host).stop();
};
