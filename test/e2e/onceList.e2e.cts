import fc from 'fast-check';
import { setTimeout } from 'node:timers/promises';
import { Host } from '../../dev/hosts/Host.cts';
import { installChosenHost } from '../../dev/hosts/hosts.cts';
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

const ROWS = 1000;

/** So that many rows are left when n8n is killed for the last time. */
const MAX_SENT_BETWEEN = 100;

/** When n8n is killed: after it has sent so many more requests for points, and a moment later. */
const kills = fc.array(
	fc.record({
		sent: fc.integer({ min: 1, max: 2 * MAX_SENT_BETWEEN }),
		thenMs: fc.integer({ min: 0, max: 300 }),
	}),
	{ minLength: 5, maxLength: 5 },
);

let host: Host;
let shop: StandIn;

beforeAll(async () => {
	const ids = [...rowsFrom(10_001), ...rowsFrom(20_001)].map(({ merchantId }) => merchantId);
	shop = await openShop(Object.fromEntries(ids.map((id) => [id, {}])), Infinity);
	host = await Host.start({
		installed: installChosenHost(),
		tarball: String(process.env.E2E_TARBALL),
	});
});
afterAll(async () => {
	await host?.stop();
	await shop?.stop();
});

function rowsFrom(first: number): OnceRow[] {
	return Array.from({ length: ROWS }, (_, index) => ({
		merchantId: String(first + index),
		points: 10,
		order: `A-${first + index}`,
	}));
}

/** @param path of the webhook */
async function publish(path: string, options: object, parameters: object = {}) {
	const fields = { ...credentialFields(shop), ...newCredential(shop) };
	const credential = await host.addCredential(path, fields);
	const given = { ...parameters, options: { requestsPerSecond: 0, ...options } };
	return await OnceList.publish(host, credential, path, given);
}

test('n8n is killed five times in lists of 1,000 rows: nobody is paid twice, nobody is forgotten', async () => {
	const seed = Number(process.env.E2E_SEED ?? Date.now() % 2 ** 31);
	const [moments = []] = fc.sample(kills, { seed, numRuns: 1 });
	console.log(`E2E_SEED=${seed}: killed at ${JSON.stringify(moments)}`);
	const [rows, namedRows] = [rowsFrom(10_001), rowsFrom(20_001)];
	// Without looks, which would keep each run for a while from the rows that n8n can be killed in.
	const list = await publish('once-list', { ifUnclear: 'report' });
	const named = await publish(
		'once-list-named',
		{ ifUnclear: 'checkThenSend' },
		{ reason: '=Order {{ $json.order }}' },
	);
	const paidAtKills: number[] = [];
	const began = performance.now();

	for (const { sent, thenMs } of moments) {
		const reached = untilSent(shop, sent);
		const runs = Promise.all([list.runInVain(rows), named.runInVain(namedRows)]);
		await Promise.race([reached, runs]);
		await setTimeout(thenMs);
		await host.kill();
		await runs;
		paidAtKills.push(shop.ledger.length);
		await host.restart();
	}
	const killed = performance.now();
	const [told, toldNamed] = await Promise.all([list.run(rows), named.run(namedRows)]);

	const unclear = toMerchantIds(told.filter(({ error }) => error?.code === 'outcome_unknown'));
	const succeeded = toMerchantIds(told.filter(({ success }) => success));
	const paid = shop.ledger.map(({ merchantId }) => merchantId);
	const took = [killed - began, performance.now() - killed].map((ms) => (ms / 1000).toFixed(1));
	console.log(
		`paid when killed: ${paidAtKills.join(', ')}; then ${words(told)}; with the value in the reason ${words(toldNamed)}; ${took.join(' + ')} s`,
	);
	expect(Math.max(...timesPaid(rows, shop.ledger))).toBe(1);
	expect(succeeded.size + unclear.size).toBe(ROWS);
	expect([...succeeded].filter((id) => !paid.includes(id))).toEqual([]);
	expect(toldNamed.filter(({ success }) => success)).toHaveLength(ROWS);
	expect(timesPaid(namedRows, shop.ledger)).toEqual(Array(ROWS).fill(1));
});

function toMerchantIds(outcomes: OnceOutcome[]) {
	return new Set(outcomes.map(({ merchantId }) => merchantId));
}

function words(told: OnceOutcome[]) {
	return JSON.stringify(countWords(told));
}
