import { Host, type SavedWorkflow } from '../../dev/hosts/Host.cts';
import { installHost } from '../../dev/hosts/hosts.cts';
import { installServices, startServices } from '../../dev/hosts/services.cts';
import { credentialFields, openShop } from '../../dev/hosts/shop.cts';
import type { StandIn } from '../../dev/stand-in/StandIn.cts';
import { eventsWorkflow, ORIGIN, REACHED } from './events.cts';

const EVENTS = 20;

let services: Awaited<ReturnType<typeof startServices>>;
let host: Host;
let shop: StandIn;
let workflow: SavedWorkflow;

beforeAll(async () => {
	installServices();
	services = await startServices();
	shop = await openShop();
	host = await Host.start({
		installed: installHost('newest'),
		tarball: String(process.env.E2E_TARBALL),
		settings: {
			...services.settings,
			...REACHED,
			// The main process leaves it to the other one.
			N8N_DISABLE_PRODUCTION_MAIN_PROCESS: 'true',
		},
	});
	await host.addWorker(5);
	shop.deliveries.routes[ORIGIN] = await host.addWebhookProcess();
	const credential = await host.addCredential('LoyaltyLion account', credentialFields(shop));
	const file = eventsWorkflow('queued', ['customers/update']);
	workflow = await host.importWorkflow(file, credential);
	await host.publish(workflow);
	await host.until('the webhook to be made', async () => shop.hooks.length > 0 || undefined);
});
afterAll(async () => {
	await host?.stop();
	await shop?.stop();
	await services?.stop();
});

test('a webhook process of its own takes each event once, and refuses what is forged', async () => {
	// How fast this machine is does not matter here.
	shop.deliveries.timeoutMs = 60_000;
	const events = Array.from({ length: EVENTS }, async () => await shop.happens('customers/update'));
	const deliveries = (await Promise.all(events)).flat();
	for (const delivery of deliveries) await shop.deliveries.send(delivery);
	shop.deliveries.signing = 'otherSecret';
	const [forged] = await shop.happens('customers/update');

	const statuses = deliveries.map(({ answers }) => answers.map(({ status }) => status));
	expect(statuses).toEqual(Array(EVENTS).fill([200, 200]));
	expect(forged?.answers.map(({ status }) => status)).toEqual([401]);
	const executions = await host.untilEnded(workflow.id, EVENTS);
	expect(executions.map(({ status }) => status)).toEqual(Array(EVENTS).fill('success'));
	await host.unpublish(workflow);
	await host.until('no webhook to be left', async () => shop.hooks.length === 0 || undefined);
});
