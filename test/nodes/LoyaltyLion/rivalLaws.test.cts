import fc, { type Arbitrary } from 'fast-check';
import type { INodeExecutionData, IRun } from 'n8n-workflow';
import type PCancelable from 'p-cancelable';
import type { Fault } from '../../../dev/stand-in/faults.cts';
import { awarding } from '../../harness/awarding.cts';
import { holdsFor } from '../../harness/holdsFor.cts';
import { newCredential } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';
import { counting, DOINGS } from '../../harness/doing.cts';

describe.each(DOINGS)('$operation', (doing) => {
	type Remembered = { unclear?: unknown; secondSend?: string };

	const theShop = shop({ 1: {} }, doing);
	const { standIn } = theShop;
	const { ledger, misbehaveFor } = counting(standIn, doing);
	let credential = { apiKey: '', baseUrl: '' };
	const { award, retry } = awarding(theShop, () => credential, doing);
	shortLooks();
	jest.setTimeout(180_000);

	/** Each takes as long as several checks. */
	const DRAWS = 50;

	const fault: Arbitrary<Fault> = fc
		.constantFrom(
			{ kind: 'status' as const, status: 201, body: '""', after: true },
			{ kind: 'reset' as const, after: true },
			{ kind: 'reset' as const, after: false },
			{ kind: 'status' as const, status: 502, after: true },
			{ kind: 'status' as const, status: 429, headers: { 'Retry-After': '0' } },
		)
		.map((each) => ({ ...each, times: 1 }));

	const ifUnclear = fc.constantFrom('check', 'checkThenSend', 'checkThenSend', 'report');

	const given = fc.record({
		executions: fc.array(
			fc.record({
				count: fc.integer({ min: 1, max: 3 }),
				ifUnclear,
				/** With which of all requests to add points it is canceled, if at all. */
				cancelAt: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 3 }),
			}),
			{ minLength: 2, maxLength: 3 },
		),
		faults: fc.array(fault, { minLength: 2, maxLength: 16 }),
		retries: fc.array(fc.record({ of: fc.nat({ max: 2 }), ifUnclear, ofTheFirst: fc.boolean() }), {
			minLength: 1,
			maxLength: 5,
		}),
		atOnce: fc.boolean(),
		/** How late the history shows what was added; much too late at times. */
		lagMs: fc.constantFrom(0, 40, 3_600_000, 3_600_000),
		namesReason: fc.boolean(),
	});

	test('of executions that award the same, none takes the row of another, and none sends a third time', async () => {
		const seen = { success: 0, twice: 0, unclear: 0 };
		await holdsFor(
			given,
			async (drawn) => {
				standIn.reset();
				credential = newCredential(standIn);
				// What was canceled on its way may still arrive when the next draw has begun.
				const merchantId = String(Object.keys(standIn.customers).length + 1);
				standIn.customers[merchantId] = { points: 1_000_000 };
				const item = { merchantId, points: 5, reason: 'Quiz' };
				const added = () => ledger().filter((row) => row.merchantId === merchantId).length;
				standIn.historyLagMs = drawn.lagMs;
				if (!drawn.namesReason) standIn.describeAdjustment = () => ({});
				misbehaveFor(merchantId, ...drawn.faults);
				/** By execution and item. */
				const awards: Record<string, { most: number; isPaid: boolean }> = {};
				const note = (
					execution: number,
					{ run, error, output }: Awaited<ReturnType<typeof award>>,
				) => {
					const items = memoryOf(run);
					const count = drawn.executions[execution]?.count ?? 0;
					for (let place = 0; place < count; place++) {
						const name = `${execution} ${place}`;
						const before = awards[name] ?? { most: 0, isPaid: false };
						const after = error ? ofMemory(items[place]) : ofOutput(output[0]?.[place]);
						awards[name] = {
							most: Math.max(before.most, after.most),
							isPaid: before.isPaid || after.isPaid,
						};
					}
				};

				const firsts = await Promise.all(
					drawn.executions.map(({ count, cancelAt, ...options }) =>
						award(Array<typeof item>(count).fill(item), {
							options: { ifUnclear: options.ifUnclear },
							onStart: (execution) =>
								void (cancelAt && cancelWith(execution, merchantId, cancelAt)),
						}),
					),
				);
				firsts.forEach((outcome, execution) => note(execution, outcome));
				const latest = firsts.map(({ run }) => run);
				const retryOne = async (each: (typeof drawn.retries)[number]) => {
					const execution = each.of % firsts.length;
					const first = firsts[execution];
					const last = latest[execution];
					if (!first?.error || !last) return;
					const count = drawn.executions[execution]?.count ?? 0;
					// What was not sent at all is an award of its own in each retry.
					const isAllKnown = Object.keys(memoryOf(first.run)).length === count;
					const saved = isAllKnown && each.ofTheFirst ? first.run : last;
					if (!saved.data.resultData.error) return;
					const outcome = await retry(saved, { options: { ifUnclear: each.ifUnclear } });
					note(execution, outcome as never);
					latest[execution] = outcome.run;
				};
				const isAllKnown = firsts.every(
					({ run, error }, place) =>
						!error || Object.keys(memoryOf(run)).length === drawn.executions[place]?.count,
				);
				if (drawn.atOnce && isAllKnown) await Promise.all(drawn.retries.map(retryOne));
				else for (const each of drawn.retries) await retryOne(each);

				const all = Object.values(awards);
				const paid = all.filter(({ isPaid }) => isPaid).length;
				const most = all.reduce((sum, each) => sum + each.most, 0);
				seen.success += paid;
				seen.twice += all.filter((each) => each.most === 2).length;
				seen.unclear += all.filter((each) => each.most > 0 && !each.isPaid).length;
				expect(paid).toBeLessThanOrEqual(added());
				expect(added()).toBeLessThanOrEqual(most);
			},
			DRAWS,
		);
		for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
	});

	/** How many rows an award can have by what is remembered of it. */
	function ofMemory(item: Remembered | undefined) {
		if (!item) return { most: 0, isPaid: false };
		const { unclear, secondSend = 'refused' } = item;
		return { most: secondSend === 'refused' ? 1 : 2, isPaid: !unclear };
	}

	/** The same by what it came to. */
	function ofOutput(item: INodeExecutionData | undefined) {
		const { success, [doing.flags.mayBeTwice]: maybeTwice } = item?.json ?? {};
		return { most: maybeTwice ? 2 : 1, isPaid: success === true };
	}

	async function cancelWith(execution: PCancelable<unknown>, merchantId: string, requests: number) {
		const path = doing.path(merchantId);
		for (let left = requests; left > 0; left--) await standIn.arrival(path);
		execution.cancel();
	}

	function memoryOf({ data }: IRun): Record<string, Remembered> {
		const { [doing.memory]: runs = {} } = data.executionData?.contextData['node:LoyaltyLion'] ?? {};
		const [items = {}] = Object.values(runs as Record<string, Record<string, Remembered>>);
		return items;
	}
});
