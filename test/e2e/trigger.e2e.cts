import { setTimeout } from 'node:timers/promises';
import type { Host, SavedCredential, SavedWorkflow } from '../../dev/hosts/Host.cts';
import { credentialFields, openShop } from '../../dev/hosts/shop.cts';
import type { StandIn } from '../../dev/stand-in/StandIn.cts';
import { TOPICS, type Topic } from '../../dev/stand-in/topics.cts';
import { eventsWorkflow, ORIGIN, startReachedHost } from './events.cts';

const ALL = Object.keys(TOPICS) as Topic[];
const FEW: Topic[] = ['customers/update', 'program_events/customer.tier_upgraded'];

let host: Host;
let shop: StandIn;
let credential: SavedCredential;

beforeAll(async () => {
	shop = await openShop();
	host = await startReachedHost();
	credential = await host.addCredential('LoyaltyLion account', credentialFields(shop));
});
afterAll(async () => {
	await host?.stop();
	await shop?.stop();
});
beforeEach(() => {
	shop.reset();
	shop.deliveries.routes = { [ORIGIN]: host.url };
});

/**
 * Publishes a workflow as n8n does: in its own time.
 *
 * @param others webhooks that are there already, by the path of their address
 * @returns once LoyaltyLion has just the webhooks for it
 */
async function publish(path: string, events: Topic[], others: Record<string, Topic[]> = {}) {
	const workflow = await host.importWorkflow(eventsWorkflow(path, events), credential);
	await host.publish(workflow);
	await untilHooked({ ...others, [path]: events });
	return workflow;
}

/** @returns once no webhook is left that is not named */
async function unpublish(workflow: SavedWorkflow, left: Record<string, Topic[]> = {}) {
	await host.unpublish(workflow);
	await untilHooked(left);
}

/** Waits until LoyaltyLion has just these webhooks, by the path of their address. */
async function untilHooked(wanted: Record<string, Topic[]>) {
	const expected = Object.entries(wanted).flatMap(([path, topics]) =>
		topics.map((topic) => `${topic} to ${ORIGIN}/webhook/${path}/webhook`),
	);
	expect(shop.breaches).toEqual([]);
	const isSo = () => hooks().join() === expected.sort().join();
	await host.until(expected.join(), async () => isSo() || undefined);
}

function hooks() {
	return shop.hooks.map(({ topic, address }) => `${topic} to ${address}`).sort();
}

/** What has started a workflow, newest first. */
async function received(workflow: SavedWorkflow, count: number) {
	const executions = await host.untilEnded(workflow.id, count);
	expect(executions.map(({ status }) => status)).toEqual(Array(count).fill('success'));
	const outputs = executions.map(async ({ id }) => await host.output(id, 'LoyaltyLion Trigger'));
	return (await Promise.all(outputs)).flat();
}

test('each event starts the workflow once, and when that is unpublished, no webhook is left', async () => {
	const workflow = await publish('every-event', ALL);

	for (const topic of ALL) {
		const [delivery] = await shop.happens(topic);
		expect(delivery?.answers.map(({ status }) => status)).toEqual([200]);
	}

	const items = await received(workflow, ALL.length);
	expect(items.map(({ topic }) => topic).sort()).toEqual([...ALL].sort());
	expect(items.map(({ site_domain: site }) => site)).toEqual(ALL.map(() => 'shop.example'));
	const address = String(shop.hooks[0]?.address);
	await unpublish(workflow);
	const late = await shop.deliveries.deliver({ address, topic: ALL[0] ?? '', body: '{}' });
	expect(late.status).toBe(404);
});

test('what does not come from LoyaltyLion starts nothing, and n8n goes on', async () => {
	const workflow = await publish('attacked', FEW);
	const address = `${ORIGIN}/webhook/attacked/webhook`;
	const [topic = ''] = FEW;
	const event = JSON.stringify({ id: 'forged', topic, payload: {} });
	const deep = `{"id":"deep","topic":"${topic}","x":${'['.repeat(400_000)}${']'.repeat(400_000)}}`;
	const form = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n';

	const answers: Record<string, number | undefined> = {};
	for (const [name, sending] of Object.entries({
		forged: { body: event, headers: { 'x-loyaltylion-hmac-sha256': 'AAAA' } },
		unsigned: { body: event, headers: { 'x-loyaltylion-hmac-sha256': undefined } },
		form: { body: form, headers: { 'content-type': 'multipart/form-data; boundary=x' } },
		'no JSON': { body: '{"id":' },
		'a list': { body: '[]' },
		large: { body: JSON.stringify({ id: 'large', topic, x: 'x'.repeat(1_000_000) }) },
		deep: { body: deep },
		'of no event': { body: '{"id":"1","topic":"orders/new"}' },
	})) {
		answers[name] = (await shop.deliveries.deliver({ address, topic, ...sending })).status;
	}

	expect(answers).toEqual({
		forged: 401,
		unsigned: 401,
		form: 401,
		'no JSON': 422,
		'a list': 400,
		large: 413,
		deep: 400,
		'of no event': 200,
	});
	expect(await host.executions(workflow.id)).toEqual([]);
	const [delivery] = await shop.happens('customers/update');
	expect(delivery?.answers.map(({ status }) => status)).toEqual([200]);
	await received(workflow, 1);
	await unpublish(workflow);
});

test('an event that is delivered again starts nothing again', async () => {
	const workflow = await publish('repeated', FEW);
	const [first] = await shop.happens('customers/update');
	if (first) await shop.deliveries.send(first);
	shop.deliveries.copies = 5;
	const [second] = await shop.happens('customers/update');

	expect(first?.answers.map(({ status }) => status)).toEqual([200, 200]);
	expect(second?.answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
	await received(workflow, 2);
	await unpublish(workflow);
});

test('n8n that is killed and started again keeps the webhooks', async () => {
	const workflow = await publish('killed', FEW);
	const kept = shop.hooks.map(({ id }) => id);

	await host.kill();
	await host.restart();
	const [delivery] = await deliveredAfterStart('customers/update');

	expect(shop.hooks.map(({ id }) => id)).toEqual(kept);
	expect(delivery?.answers.at(-1)?.status).toBe(200);
	await received(workflow, 1);
	await unpublish(workflow);
});

test('a webhook that LoyaltyLion has dropped is made again when the workflow is published anew', async () => {
	const workflow = await publish('dropped', FEW);
	const [kept, dropped] = shop.hooks;
	if (dropped) shop.unhook(dropped);
	await unpublish(workflow);
	if (kept) shop.hook(kept);

	await host.publish(workflow);
	await untilHooked({ dropped: FEW });

	expect(shop.hooks.map(({ id }) => id)).not.toContain(dropped?.id);
	await unpublish(workflow);
});

/** n8n opens the addresses of its workflows in its own time; LoyaltyLion tries again, too. */
async function deliveredAfterStart(topic: Topic) {
	const deliveries = await shop.happens(topic);
	await shop.deliveries.sendUntilDone(async () => await setTimeout(100));
	return deliveries;
}

test('what is changed, renamed, copied and published several times ends in the webhooks that are wanted', async () => {
	const workflow = await publish('changed', FEW);
	const others: Topic[] = ['customers/update', 'program_events/customer.points_earned'];
	const { nodes } = await host.api<ReturnType<typeof eventsWorkflow>>(
		'GET',
		`/workflows/${workflow.id}`,
	);
	const changed = nodes.map((node) =>
		node.name === 'LoyaltyLion Trigger'
			? { ...node, parameters: { events: others, options: {} } }
			: node,
	);
	await host.republish(workflow, { nodes: changed });
	await untilHooked({ changed: others });
	await host.republish(workflow, { name: 'Under another name' });
	await untilHooked({ changed: others });
	const copy = await publish('copied', FEW, { changed: others });
	const saved = await host.api<SavedWorkflow>('GET', `/workflows/${workflow.id}`);
	await Promise.allSettled([host.publish(saved), host.publish(saved), host.publish(saved)]);
	const [delivery] = await deliveredAfterStart('program_events/customer.points_earned');

	expect(delivery?.answers.at(-1)?.status).toBe(200);
	await untilHooked({ changed: others, copied: FEW });
	await unpublish(copy, { changed: others });
	await unpublish(workflow);
});
