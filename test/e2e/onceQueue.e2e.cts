import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Host, type SavedCredential } from '../../dev/hosts/Host.cts';
import { installHost } from '../../dev/hosts/hosts.cts';
import { installServices, startServices } from '../../dev/hosts/services.cts';
import { credentialFields, openShop } from '../../dev/hosts/shop.cts';
import type { StandIn } from '../../dev/stand-in/StandIn.cts';
import { newCredential } from '../harness/newCredential.cts';
import {
	countWords,
	OnceList,
	type OnceOutcome,
	type OnceRow,
	timesPaid,
	untilSent,
} from './OnceList.cts';

const ROWS: OnceRow[] = Array.from({ length: 200 }, (_, index) => ({
	merchantId: `${1001 + index}`,
	points: 10,
	order: `A-${1001 + index}`,
}));

/** In this order a worker is about other rows than the one beside it, until they meet. */
const FROM_BEHIND = [...ROWS].reverse();

/** In the middle of the list, when both workers have paid some. */
const SENT_BEFORE_KILL = 100;

let services: Awaited<ReturnType<typeof startServices>>;
let host: Host;
let shop: StandIn;
let credential: SavedCredential;
let workers: ChildProcess[];

beforeAll(async () => {
	installServices();
	services = await startServices();
	const ids = ROWS.map(({ merchantId }) => merchantId);
	shop = await openShop(Object.fromEntries(ids.map((id) => [id, {}])), Infinity);
	host = await Host.start({
		installed: installHost('newest'),
		tarball: String(process.env.E2E_TARBALL),
		// A lock still lasts as long as n8n has it, so that nobody loses one who is merely slow.
		settings: { ...services.settings, QUEUE_WORKER_STALLED_INTERVAL: '5000' },
	});
	workers = [];
});
afterAll(async () => {
	await host?.stop();
	await shop?.stop();
	await services?.stop();
});
beforeEach(async () => {
	shop.reset();
	// Of two executions each takes one, as neither works on two at a time.
	while (workers.length < 2) workers.push(await host.addWorker(1));
	const fields = { ...credentialFields(shop), ...newCredential(shop) };
	credential = await host.addCredential(`LoyaltyLion ${fields.apiKey}`, fields);
});

/** @param path of the webhook */
async function publish(path: string, options: object = {}, parameters: object = {}) {
	const given = { ...parameters, options: { requestsPerSecond: 0, ...options } };
	return await OnceList.publish(host, credential, path, given);
}

/** Kills the worker that was started last when so many requests for points have been sent. */
async function killWorkerAt(sent: number) {
	await untilSent(shop, sent);
	const killed = workers.pop();
	killed?.kill('SIGKILL');
	if (killed) await once(killed, 'exit');
}

/** Whoever succeeds is paid once, and whoever is not paid fails as unclear. */
function expectPaidOnceOrUnclear(outcomes: OnceOutcome[]) {
	expect(Math.max(...timesPaid(ROWS, shop.ledger))).toBe(1);
	const paid = shop.ledger.map(({ merchantId }) => merchantId);
	const isPaid = new Set(paid);
	expect(outcomes.filter(({ success, merchantId }) => success && !isPaid.has(merchantId))).toEqual(
		[],
	);
	const codes = outcomes.filter(({ success }) => !success).map(({ error }) => error?.code);
	expect(codes.filter((code) => code !== 'outcome_unknown')).toEqual([]);
}

test.each([
	['in the same order', 'once-workers', ROWS],
	['from behind', 'once-workers-from-behind', FROM_BEHIND],
])(
	'the same list on two workers at once, on the other %s: each customer is paid by one of them',
	async (_, path, other) => {
		const list = await publish(path);

		const told = await Promise.all([list.run(ROWS), list.run(other)]);

		const again = await list.run(ROWS);

		report('two workers', ...told, again);
		expect(told.map(({ length }) => length)).toEqual([ROWS.length, ROWS.length]);
		expectPaidOnceOrUnclear(told.flat());
		expect(shop.ledger).toHaveLength(ROWS.length);
		expect(countWords(told.flat()).response).toBe(ROWS.length);
	},
);

test('one of two workers is killed, and the list run again: each customer is paid once, or unclear', async () => {
	const list = await publish('once-worker-killed');
	const told = await runWhileOneIsKilled(list);
	const toldAgain = await list.run(ROWS);

	report('one of two workers was killed', told, toldAgain);
	expect([told.length, toldAgain.length]).toEqual([ROWS.length, ROWS.length]);
	expectPaidOnceOrUnclear([...told, ...toldAgain]);
});

test('the same with the value in the reason: each customer is paid once', async () => {
	const list = await publish(
		'once-worker-killed-named',
		{ ifUnclear: 'checkThenSend' },
		{ reason: '=Order {{ $json.order }}' },
	);
	const told = await runWhileOneIsKilled(list);
	const toldAgain = await list.run(ROWS);

	report('one of two workers was killed, with the value in the reason', told, toldAgain);
	expect(toldAgain.filter(({ success }) => success)).toHaveLength(ROWS.length);
	expect(timesPaid(ROWS, shop.ledger)).toEqual(Array(ROWS.length).fill(1));
});

/**
 * Runs a list on both workers, and kills one of them in the middle.
 *
 * @returns what the other one says of each row
 */
async function runWhileOneIsKilled(list: OnceList) {
	const runs = [ROWS, FROM_BEHIND].map(async (rows) => await list.run(rows));
	await killWorkerAt(SENT_BEFORE_KILL);
	// Of the execution of the one that was killed n8n says only much later what became of it.
	return await Promise.any(runs);
}

function report(what: string, ...told: OnceOutcome[][]) {
	console.log(`${what}: ${told.map((each) => JSON.stringify(countWords(each))).join(' and ')}`);
}
