import fc, { type Arbitrary } from 'fast-check';
import { holdsFor, NUM_RUNS } from '../../harness/holdsFor.cts';
import { type KillAt } from '../../harness/killAt.cts';
import { killable } from '../../harness/killable.cts';
import { newCredential } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';
import { counting, POINTS_DOINGS } from '../../harness/doing.cts';

describe.each(POINTS_DOINGS)('$operation', (doing) => {
	const IDS = Array.from({ length: 60 }, (_, index) => `${index + 1}`);
	const { standIn } = shop(Object.fromEntries(IDS.map((id) => [id, {}])), doing);
	const { ledger } = counting(standIn, doing);
	const { run, processedData } = killable(standIn);
	shortLooks();

	/** Each is a process that takes seconds to begin. */
	const LISTS = Math.ceil(NUM_RUNS / 75);
	const KILLS = 5;
	jest.setTimeout(300_000 + LISTS * 120_000);

	const given = (ids: string[], credential: ReturnType<typeof newCredential>) => ({
		items: ids.map((merchantId) => ({ merchantId, points: 5, reason: `Order ${merchantId}` })),
		credential,
		parameters: {
			...doing.parameters,
			onlyOncePer: '={{ $json.merchantId }}',
			options: { ifUnclear: 'checkThenSend' },
		},
		onError: 'continueErrorOutput' as const,
	});

	const nth = fc.integer({ min: 1, max: 12 });

	const killAt: Arbitrary<KillAt> = fc.oneof(
		fc.record({ store: fc.constantFrom('beforeRead', 'beforeWrite', 'afterWrite'), nth }),
		fc.record({ points: fc.constantFrom('beforeAdding', 'beforeAnswer', 'afterAnswer'), nth }),
	);

	test.each<[string, KillAt]>([
		['before the claim', { store: 'beforeRead', nth: 1 }],
		['in the middle of the claim', { store: 'beforeWrite', nth: 1 }],
		['after the claim', { store: 'afterWrite', nth: 1 }],
		['before the points are added', { points: 'beforeAdding', nth: 1 }],
		['before the answer', { points: 'beforeAnswer', nth: 1 }],
		['after the answer', { points: 'afterAnswer', nth: 1 }],
		['before the mark', { store: 'beforeRead', method: 'removeProcessed', nth: 1 }],
		['after the mark', { store: 'afterWrite', method: 'removeProcessed', nth: 1 }],
	])('killed %s, and run again: paid once', async (_when, at) => {
		const credential = newCredential(standIn);

		const first = await run({ ...given(['1'], credential), killAt: at });
		const second = await run(given(['1'], credential));

		expect(first).toEqual({ wasKilled: true });
		expect(second).toMatchObject({ wasKilled: false, failed: [], succeeded: [{ success: true }] });
		expect(ledger()).toEqual([{ merchantId: '1', points: 5, reason: 'Order 1' }]);
	});

	test('a list that is killed five times, and run again until it is done: each is paid once', async () => {
		await holdsFor(
			fc.array(killAt, { minLength: KILLS, maxLength: KILLS }),
			async (kills) => {
				standIn.reset();
				processedData.table.clear();
				const credential = newCredential(standIn);

				for (const at of kills) await run({ ...given(IDS, credential), killAt: at });
				const last = await run(given(IDS, credential));

				expect(last).toMatchObject({ wasKilled: false, failed: [] });
				expect(
					ledger()
						.map(({ merchantId }) => merchantId)
						.sort(),
				).toEqual([...IDS].sort());
			},
			LISTS,
		);
	});
});
