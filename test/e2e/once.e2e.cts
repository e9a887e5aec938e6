import { Host, type SavedCredential } from '../../dev/hosts/Host.cts';
import { installChosenHost } from '../../dev/hosts/hosts.cts';
import { openChosenDatabase } from '../../dev/hosts/services.cts';
import { credentialFields, openShop } from '../../dev/hosts/shop.cts';
import type { StandIn } from '../../dev/stand-in/StandIn.cts';
import { newCredential } from '../harness/newCredential.cts';
import { addPointsNode } from './addPointsNode.cts';
import { countWords, OnceList, type OnceRow, wordsFor } from './OnceList.cts';

const ROWS: OnceRow[] = Array.from({ length: 10 }, (_, index) => ({
	merchantId: `${1001 + index}`,
	points: 10,
	order: `A-${index + 1}`,
}));
const ONCE_EACH = Object.fromEntries(ROWS.map(({ merchantId, points }) => [merchantId, points]));

/** Where the value is in the reason, its points are known in a customer's history. */
const NAMED = { reason: '=Order {{ $json.order }}' };

let database: Awaited<ReturnType<typeof openChosenDatabase>>;
let host: Host;
let shop: StandIn;
let credential: SavedCredential;

beforeAll(async () => {
	database = await openChosenDatabase();
	shop = await openShop(Object.fromEntries(ROWS.map(({ merchantId }) => [merchantId, {}])));
	host = await Host.start({
		installed: installChosenHost(),
		tarball: String(process.env.E2E_TARBALL),
		settings: database.settings,
	});
});
afterAll(async () => {
	await host?.stop();
	await shop?.stop();
	await database?.stop();
});
beforeEach(async () => {
	shop.reset();
	const fields = { ...credentialFields(shop), ...newCredential(shop) };
	credential = await host.addCredential(`LoyaltyLion ${fields.apiKey}`, fields);
});

/** The requests for points that have arrived. */
const posts = () => shop.count('addPoints');

test('a list that is paid is run again, and nothing is sent', async () => {
	const list = await OnceList.publish(host, credential, 'once-twice');

	expect(countWords(await list.run(ROWS))).toEqual({ response: 10 });
	const requests = shop.requests.length;
	expect(countWords(await list.run(ROWS))).toEqual({ alreadyAdded: 10 });

	expect(shop.requests).toHaveLength(requests);
	expect(shop.balances()).toEqual(ONCE_EACH);
});

test('a form that is sent 50 times at once: one award', async () => {
	const list = await OnceList.publish(host, credential, 'once-at-once');
	const row = ROWS.slice(0, 1);

	const told = await Promise.all(Array.from({ length: 50 }, async () => await list.run(row)));

	expect(countWords(told.flat())).toEqual({ response: 1, alreadyAdded: 49 });
	expect(shop.balances()).toEqual({ 1001: 10 });
	expect(posts()).toBe(1);
});

test('an old execution is retried after a newer one', async () => {
	const list = await OnceList.publish(host, credential, 'once-retried', {}, {});
	shop.misbehaveFor('1006', { kind: 'status', status: 422, times: 1 });
	await list.runInVain(ROWS);
	const [failed] = await host.untilEnded(list.workflow.id, 1);
	expect(failed?.status).toBe('error');
	await list.run(ROWS);
	expect(shop.balances()).toEqual(ONCE_EACH);

	await host.api('POST', `/executions/${failed?.id}/retry`, { loadWorkflow: false });
	const [retried] = await host.untilEnded(list.workflow.id, 3);

	expect(retried?.status).toBe('success');
	expect(shop.balances()).toEqual(ONCE_EACH);
	expect(shop.ledger).toHaveLength(ROWS.length);
});

test('a sub-workflow is begun anew by Retry On Fail and by Retry of its parent', async () => {
	const sub = await host.importWorkflow(subWorkflow(), credential);
	if (!host.installed.version.startsWith('1.')) await host.publish(sub);
	const parent = await host.saveWorkflow(parentWorkflow(sub.id));
	await host.publish(parent);
	shop.misbehaveFor('1006', { kind: 'status', status: 422, times: 2 });

	await host.call('POST', '/webhook/once-parent', { rows: ROWS });
	const [failed] = await host.untilEnded(parent.id, 1);
	expect(failed?.status).toBe('error');
	// Both tries of the parent have begun it.
	expect(await host.untilEnded(sub.id, 2)).toHaveLength(2);
	await host.api('POST', `/executions/${failed?.id}/retry`, { loadWorkflow: false });
	const [retried] = await host.untilEnded(parent.id, 2);

	expect(retried?.status).toBe('success');
	expect(await host.untilEnded(sub.id, 3)).toHaveLength(3);
	expect(shop.balances()).toEqual(ONCE_EACH);
	expect(shop.ledger).toHaveLength(ROWS.length);
});

test('n8n is killed while points are on their way: paid ones stay so, and nothing else is sent blindly', async () => {
	const check = await OnceList.publish(host, credential, 'once-killed');
	const sendAgain = await OnceList.publish(host, credential, 'once-killed-named', {
		...NAMED,
		options: { ifUnclear: 'checkThenSend' },
	});
	// Each list has customers of its own: paid ones, one whose points arrive, and one whose points do not.
	const [half, otherHalf] = [ROWS.slice(0, 5), ROWS.slice(5)];
	await Promise.all([check.run(half.slice(0, 3)), sendAgain.run(otherHalf.slice(0, 3))]);
	const arriving = holdPointsOf(shop, ['1004', '1009']);
	const lost = holdPointsOf(shop, ['1005', '1010']);
	const runs = [check.runInVain(half), sendAgain.runInVain(otherHalf)];
	await Promise.all([arriving.arrivals(2), lost.arrivals(2)]);

	await host.kill();
	arriving.release();
	lost.forget();
	await Promise.all(runs);
	await host.restart();
	const [checked, sentAgain] = await Promise.all([check.run(half), sendAgain.run(otherHalf)]);

	expect(wordsFor(checked)).toEqual([
		...Array<string>(3).fill('alreadyAdded'),
		'outcome_unknown',
		'outcome_unknown',
	]);
	expect(wordsFor(sentAgain)).toEqual([...Array<string>(4).fill('alreadyAdded'), 'response']);
	const { 1005: lostOne, ...others } = ONCE_EACH;
	expect(lostOne).toBe(10);
	expect(shop.balances()).toEqual(others);
	expect(shop.ledger).toHaveLength(9);
});

/** Holds the requests for points of some customers. */
function holdPointsOf(shop: StandIn, ids: string[]) {
	return shop.hold(({ path }) =>
		ids.some((id) => path.includes(`/${id}/`) && path.endsWith('/points')),
	);
}

const to = (node: string) => ({ main: [[{ node, type: 'main', index: 0 }]] });

/** Pays what is handed to it. */
function subWorkflow() {
	return {
		name: 'once-sub',
		nodes: [
			{
				parameters: { inputSource: 'passthrough' },
				id: 'trigger',
				name: 'Trigger',
				type: 'n8n-nodes-base.executeWorkflowTrigger',
				typeVersion: 1.1,
				position: [0, 0],
			},
			addPointsNode({
				customer: { __rl: true, mode: 'merchantId', value: '={{ $json.merchantId }}' },
				onlyOncePer: '={{ $json.order }}',
				options: {},
			}),
		],
		connections: { Trigger: to('LoyaltyLion') },
		settings: { executionOrder: 'v1' },
	};
}

/** Hands the rows that are posted to it to the sub-workflow, twice if need be. */
function parentWorkflow(subId: string) {
	return {
		name: 'once-parent',
		nodes: [
			{
				parameters: { httpMethod: 'POST', path: 'once-parent', options: {} },
				id: 'webhook',
				name: 'Webhook',
				type: 'n8n-nodes-base.webhook',
				typeVersion: 2,
				position: [0, 0],
				webhookId: 'once-parent-hook',
			},
			{
				parameters: { fieldToSplitOut: 'body.rows', options: {} },
				id: 'split',
				name: 'Rows',
				type: 'n8n-nodes-base.splitOut',
				typeVersion: 1,
				position: [220, 0],
			},
			{
				parameters: {
					workflowId: { __rl: true, mode: 'id', value: subId },
					mode: 'once',
					options: {},
				},
				id: 'sub',
				name: 'Sub',
				type: 'n8n-nodes-base.executeWorkflow',
				typeVersion: 1.2,
				position: [440, 0],
				retryOnFail: true,
				maxTries: 2,
				waitBetweenTries: 100,
			},
		],
		connections: { Webhook: to('Rows'), Rows: to('Sub') },
		settings: { executionOrder: 'v1' },
	};
}
