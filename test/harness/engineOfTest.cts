/**
 * Has a process of a test use the n8n engine that the test runs in, as jest.config.js does for the test
 * itself. It has to be imported first.
 */
import Module from 'node:module';

/** Node's own, which everything goes through that is required. */
interface Resolver {
	_resolveFilename(request: string, ...others: unknown[]): string;
}

const [, , core = '', workflow = ''] = process.argv;
const engine = new Map([
	['n8n-core', core],
	['n8n-workflow', workflow],
]);

const resolver = Module as unknown as Resolver;
const resolve = resolver._resolveFilename.bind(Module);
resolver._resolveFilename = (request, ...others) =>
	engine.get(request) ?? resolve(request, ...others);
