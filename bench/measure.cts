import { ROOT } from '../dev/root.cts';
import type { Case } from './cases.cts';
import { Child, type Host } from './Child.cts';
import type { Effort } from './contenderProcess.cts';
import type { Loading } from './loadingProcess.cts';
import type { Ledger, Shop } from './shopProcess.cts';

export type Measured = Effort & Ledger;

/**
 * Lets one contender do a case's work, in a process of its own and in a shop that has one of its own.
 *
 * @param contender its name
 * @returns what it took, and what came of it
 * @throws when one of the processes ends early
 */
export async function measure(
	{ modules, env, processes }: Host,
	theCase: Case,
	contender: string,
): Promise<Measured> {
	const { shop, nodeSettings, environment, warmUp } = theCase;
	const host = { modules, processes, env: { ...env, ...environment } };
	const n8n = new Child(host, 'contenderProcess');
	try {
		await n8n.ask({ modules, root: ROOT, contender, nodeSettings });
		const work = { items: warmUp, ...(shop.work.emails && { emails: warmUp }) };
		await visit(host, n8n, { work, requestsPerSecond: Infinity, latencyMs: 0 });
		return await visit(host, n8n, shop);
	} catch (error) {
		throw new Error(`${theCase.title}: ${contender} could not be measured.`, { cause: error });
	} finally {
		n8n.kill();
	}
}

/**
 * Loads the package as n8n does, in a process of its own.
 *
 * @returns what it took
 */
export async function measureLoading(host: Host): Promise<Loading> {
	const n8n = new Child(host, 'loadingProcess');
	try {
		return await n8n.ask<Loading>({ modules: host.modules, root: ROOT });
	} finally {
		n8n.kill();
	}
}

/** Has a contender do the work that there is in a shop. */
async function visit(host: Host, n8n: Child, shop: Shop): Promise<Measured> {
	const place = new Child(host, 'shopProcess');
	try {
		const url = await place.ask<string>(shop);
		const effort = await n8n.ask<Effort>({ work: shop.work, url }, place);
		const ledger = await place.ask<Ledger>('report');
		return { ...effort, ...ledger };
	} finally {
		place.kill();
	}
}
