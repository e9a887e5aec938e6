import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Host } from '../../dev/hosts/Host.cts';
import { installHost } from '../../dev/hosts/hosts.cts';
import { installServices, startServices } from '../../dev/hosts/services.cts';
import { credentialFields, openShop } from '../../dev/hosts/shop.cts';
import type { StandIn } from '../../dev/stand-in/StandIn.cts';
import { rowsWorkflow } from './rows.cts';

/** As few as n8n recommends. */
const CONCURRENCY = 5;

const WORKERS = 3;

/** So many that no worker is left without, as none can take more. */
const EXECUTIONS = WORKERS * CONCURRENCY;
const ROWS_EACH = 60;
const IDS = Array.from({ length: EXECUTIONS * ROWS_EACH }, (_, index) => `${1001 + index}`);

let services: Awaited<ReturnType<typeof startServices>>;
let host: Host;
let shop: StandIn;
let credential: { id: string; name: string };
let workers: ChildProcess[];

beforeAll(async () => {
	installServices();
	services = await startServices();
	shop = await openShop(Object.fromEntries(IDS.map((id) => [id, {}])));
	host = await Host.start({
		installed: installHost('newest'),
		tarball: String(process.env.E2E_TARBALL),
		// A lock still lasts as long as n8n has it, so that nobody loses one who is merely slow.
		settings: { ...services.settings, QUEUE_WORKER_STALLED_INTERVAL: '5000' },
	});
	workers = [];
	for (let worker = 0; worker < WORKERS; worker++) workers.push(await host.addWorker(CONCURRENCY));
	credential = await host.addCredential('LoyaltyLion in queue mode', credentialFields(shop));
});
afterAll(async () => {
	await host?.stop();
	await shop?.stop();
	await services?.stop();
});
beforeEach(() => shop.reset());

/** Starts several executions at the same time, which share the rows. */
async function start(path: string) {
	const workflow = await host.importWorkflow(rowsWorkflow(path), credential);
	await host.publish(workflow);
	await Promise.all(
		Array.from({ length: EXECUTIONS }, (_, part) => {
			const ids = IDS.slice(part * ROWS_EACH, (part + 1) * ROWS_EACH);
			const rows = ids.map((merchantId) => ({ merchantId, points: 10 }));
			return host.call('POST', `/webhook/${path}`, { rows });
		}),
	);
	return workflow;
}

test('900 items over three workers that do not know of each other: each is awarded once', async () => {
	const began = performance.now();
	const workflow = await start('queue');

	const ended = await host.untilEnded(workflow.id, EXECUTIONS);

	expect(ended.map(({ status }) => status)).toEqual(Array(EXECUTIONS).fill('success'));
	expect(shop.ledger).toHaveLength(IDS.length);
	expect(shop.balances()).toEqual(Object.fromEntries(IDS.map((id) => [id, 10])));
	console.log(
		`900 items in ${((performance.now() - began) / 1000).toFixed(1)} s, ${shop.limit.refused} refused`,
	);
});

test('a worker that is killed pays nobody twice, and the list of executions says what became of it', async () => {
	const lastRows = IDS.filter((_, index) => index % ROWS_EACH === ROWS_EACH - 1);
	const held = shop.hold(({ path }) => lastRows.some((id) => path.includes(`/${id}/`)));
	const workflow = await start('queue-killed');
	// As none can end before that, each worker has its third of them in the middle now.
	await host.untilBegun(workflow.id, EXECUTIONS);
	while (shop.ledger.length < 100) await setTimeout(20);
	const [killed] = workers;
	killed?.kill('SIGKILL');
	if (killed) await once(killed, 'exit');
	held.release();

	// n8n finds out by itself that a worker is gone, once its lock has run out.
	const executions = await host.untilEnded(workflow.id, EXECUTIONS);
	const statuses = executions.map(({ status }) => status);
	console.log(`after a worker was killed: ${statuses.join(', ')}; ${shop.ledger.length} awarded`);
	const succeeded = statuses.filter((status) => status === 'success').length;
	expect(succeeded).toBe(EXECUTIONS - CONCURRENCY);
	expect(Math.max(...Object.values(shop.balances()))).toBe(10);
	expect(shop.ledger.length).toBeGreaterThanOrEqual(succeeded * ROWS_EACH);
});
