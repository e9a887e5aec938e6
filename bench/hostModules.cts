import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What a running n8n has one copy of: its own, whoever asks for it. */
const OF_THE_HOST =
	/^(n8n-core|n8n-workflow|n8n-nodes-base|@n8n\/(config|di)|reflect-metadata)(\/|$)/;

/**
 * From now on, everything in this process that asks for n8n gets an installed n8n's own modules, this
 * package and the engine of the tests included.
 *
 * @param modules the `node_modules` folder of that n8n
 */
export function useHostModules(modules: string) {
	const parentURL = pathToFileURL(join(modules, 'n8n', 'package.json')).href;
	registerHooks({
		resolve: (specifier, context, next) =>
			next(specifier, OF_THE_HOST.test(specifier) ? { ...context, parentURL } : context),
	});
}
