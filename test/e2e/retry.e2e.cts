import { Editor } from '../../dev/hosts/Editor.cts';
import type { Host } from '../../dev/hosts/Host.cts';
import { credentialFields, openShop } from '../../dev/hosts/shop.cts';
import type { StandIn } from '../../dev/stand-in/StandIn.cts';
import { newCredential } from '../harness/newCredential.cts';
import { rowsWorkflow } from './rows.cts';
import { theHost } from './theHost.cts';

let host: Host;
let shop: StandIn;
let credential: { id: string; name: string };

beforeAll(async () => {
	host = await theHost();
	shop = await openShop(
		Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`${1001 + index}`, {}])),
	);
});
afterAll(async () => await shop?.stop());
beforeEach(async () => {
	shop.reset();
	// n8n still knows what the test before has awarded with its key, which the history shows no more.
	const fields = { ...credentialFields(shop), ...newCredential(shop) };
	credential = await host.addCredential(`LoyaltyLion ${fields.apiKey}`, fields);
});

const ROWS = Array.from({ length: 40 }, (_, index) => ({
	merchantId: `${1001 + index}`,
	points: 10,
}));
const ONCE_EACH = Object.fromEntries(ROWS.map(({ merchantId, points }) => [merchantId, points]));

/**
 * Publishes a workflow that awards the rows which are posted to it.
 *
 * @param path of its webhook
 * @param settings of the LoyaltyLion node
 */
async function publish(path: string, settings?: object) {
	const workflow = await host.importWorkflow(rowsWorkflow(path, settings), credential);
	await host.publish(workflow);
	return workflow;
}

async function send(path: string) {
	return await host.call('POST', `/webhook/${path}`, { rows: ROWS });
}

test('Retry in the list of executions pays nobody twice', async () => {
	const workflow = await publish('retry-button');
	shop.misbehaveFor('1031', { kind: 'status', status: 422, times: 1 });
	await send('retry-button');
	const [failed] = await host.untilEnded(workflow.id, 1);
	expect(failed?.status).toBe('error');
	const first = shop.ledger.length;
	expect(first).toBeGreaterThanOrEqual(30);
	expect(first).toBeLessThan(40);

	const editor = await Editor.open(host);
	await editor.retryExecution(workflow.id, String(failed?.id));
	const [retried] = await host.untilEnded(workflow.id, 2);
	await editor.screenshot(`retried-${host.installed.version}`);
	await editor.close();

	expect(retried?.status).toBe('success');
	expect(shop.balances()).toEqual(ONCE_EACH);
	expect(shop.ledger).toHaveLength(40);
});

test('an answer that got lost is found on the retry', async () => {
	const workflow = await publish('retry-lost');
	shop.misbehaveFor('1005', { kind: 'reset', after: true, times: 1 });
	shop.misbehaveFor('1031', { kind: 'status', status: 422, times: 1 });
	await send('retry-lost');
	const [failed] = await host.untilEnded(workflow.id, 1);

	await host.api('POST', `/executions/${failed?.id}/retry`, { loadWorkflow: false });
	const [retried] = await host.untilEnded(workflow.id, 2);

	expect(retried?.status).toBe('success');
	expect(shop.balances()).toEqual(ONCE_EACH);
});

test('Retry On Fail pays nobody twice', async () => {
	const settings = { retryOnFail: true, maxTries: 3, waitBetweenTries: 100 };
	const workflow = await publish('retry-on-fail', settings);
	shop.misbehaveFor('1031', { kind: 'status', status: 422, times: 2 });

	await send('retry-on-fail');
	const [ended] = await host.untilEnded(workflow.id, 1);

	expect(ended?.status).toBe('success');
	expect(shop.balances()).toEqual(ONCE_EACH);
	expect(shop.ledger).toHaveLength(40);
});
