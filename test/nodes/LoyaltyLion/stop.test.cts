import type { IDataObject } from 'n8n-workflow';
import type { Fault } from '../../../dev/stand-in/faults.cts';
import { addPointsWorkflow, outcomeOf } from '../../harness/addPoints.cts';
import { credentialForEachTest } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';

/** What a workflow says that a failing item stops. */

const IDS = Array.from({ length: 30 }, (_, index) => `${1001 + index}`);
const { standIn, n8n, run } = shop(
	Object.fromEntries([...IDS, 'canceled-7'].map((id) => [id, { email: `${id}@example.com` }])),
);
const credential = credentialForEachTest(standIn);

function itemsOf(count: number) {
	return IDS.slice(0, count).map((merchantId) => ({ merchantId, points: 5 }));
}

/** Runs items of which all are on their way when LoyaltyLion begins to answer. */
async function runAllAtOnce(items: { merchantId: string; points: number }[]) {
	const holds = items.map(({ merchantId }) =>
		standIn.hold(({ path }) => path === `/v2/customers/${merchantId}/points`),
	);
	const running = run({ items, credential: credential() });
	await Promise.all(holds.map(({ arrived }) => arrived));
	for (const hold of holds) hold.release();
	return await running;
}

describe('the items behind the failing one that got their points', () => {
	test('are named, so that nobody sends them again', async () => {
		standIn.misbehaveFor('1003', { kind: 'status', status: 422 });
		standIn.misbehaveFor('1012', { kind: 'status', status: 422 });
		standIn.misbehaveFor('1014', { kind: 'reset', after: true });

		const { error } = await runAllAtOnce(itemsOf(20));

		expect(error?.message).toMatch(/ \[item 2\]$/);
		expect(error?.description).toContain(
			'Items behind this one that got their points: 3 to 10, 12, 14 to 19. Do not send those again: Retry in the list of executions leaves them out. Items that got their points: 17. Failed: items 2, 11. Unclear: item 13. Not sent any more: 0.',
		);
		expect(error).toMatchObject({ context: { itemsBehindThatSucceeded: '3 to 10, 12, 14 to 19' } });
	});

	test('are those that Retry leaves out', async () => {
		standIn.misbehaveFor('1001', { kind: 'status', status: 422, times: 1 });
		const { error, run: failed } = await runAllAtOnce(itemsOf(5));
		expect(error).toMatchObject({ context: { itemsBehindThatSucceeded: '1 to 4' } });

		const { succeeded } = outcomeOf(
			await n8n().retry(addPointsWorkflow({}), failed, { credential: credential() }),
		);

		expect(succeeded.map(({ confirmedBy }) => confirmedBy)).toEqual([
			'response',
			...Array(4).fill('earlierTry'),
		]);
		expect(standIn.ledger).toHaveLength(5);
	});

	test('are not spoken of when there are none', async () => {
		standIn.misbehaveFor('1005', { kind: 'status', status: 422 });

		const { error } = await runAllAtOnce(itemsOf(5));

		expect(error?.description).not.toContain('behind');
		expect(error).not.toHaveProperty('context.itemsBehindThatSucceeded');
	});

	test('of a long list are counted from some number on', async () => {
		const items = itemsOf(30);
		IDS.forEach((id, index) => {
			if (index % 2 === 0) standIn.misbehaveFor(id, { kind: 'status', status: 422 });
		});

		const { error } = await runAllAtOnce(items);

		expect(error?.description).toContain(
			`that got their points: ${Array.from({ length: 15 }, (_, index) => 2 * index + 1).join(', ')}. Do`,
		);
	});
});

test('a customer who is read back for an item behind it is not waited for', async () => {
	const failing = standIn.hold(({ path }) => path === '/v2/customers/1001/points');
	const readBack = standIn.hold(({ path }) => path.startsWith('/v2/customers/1002/transactions'));
	standIn.misbehaveFor('1001', { kind: 'status', status: 422 });
	const running = run({
		items: itemsOf(2),
		parameters: { options: { includeCustomer: true } },
		credential: credential(),
	});
	await Promise.all([failing.arrived, readBack.arrived]);
	failing.release();

	const { error } = await running;

	expect(error).toMatchObject({ context: { itemsBehindThatSucceeded: '1' } });
	expect(standIn.balances()).toEqual({ 1002: 5 });
});

describe('a value with the word by which n8n knows a canceled execution', () => {
	test.each<{ what: string; item: IDataObject; mode?: string; fault?: Fault }>([
		{ what: 'a merchant ID that is not known', item: { merchantId: 'canceled-8', points: 5 } },
		{ what: 'points', item: { merchantId: '1001', points: 'canceled' } },
		{
			what: 'an email that is not known',
			item: { email: 'ann.canceled@example.com', points: 5 },
			mode: 'email',
		},
		{
			what: 'an email that is none',
			item: { email: 'canceled canceled', points: 5 },
			mode: 'email',
		},
		{
			what: 'a merchant ID that is refused',
			item: { merchantId: 'canceled-7', points: 5 },
			fault: { kind: 'status', status: 422, body: '{"error":"The program was canceled"}' },
		},
		{
			what: 'a merchant ID whose outcome is unclear',
			item: { merchantId: 'canceled-7', points: 5 },
			fault: { kind: 'reset', after: true },
		},
	])('$what leaves the execution failed, with its Retry', async ({ item, mode, fault }) => {
		if (fault) standIn.misbehaveFor('canceled-7', fault);
		const value = `={{ $json.${mode ?? 'merchantId'} }}`;
		const parameters = { customer: { __rl: true, mode: mode ?? 'merchantId', value } };

		const { run: execution, error } = await run({
			items: [item],
			parameters,
			credential: credential(),
		});

		expect(execution.status).toBe('error');
		expect(error?.message).toMatch(/Canceled.* \[item 0\]$/);
	});

	test('stands in the item as it is', async () => {
		const { failed } = await run({
			items: [{ merchantId: 'canceled-8', points: 5 }],
			onError: 'continueErrorOutput',
			credential: credential(),
		});

		expect(failed).toMatchObject([
			{ error: { merchantId: 'canceled-8', code: 'customer_not_found' } },
		]);
	});

	test('is left to an execution that really was canceled', async () => {
		const { run: execution } = await run({
			items: itemsOf(1),
			credential: credential(),
			onStart: (running) => running.cancel(),
		});

		expect(execution.status).toBe('canceled');
		expect(standIn.requests).toEqual([]);
	});
});
