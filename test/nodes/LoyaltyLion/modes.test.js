const { shop } = require('../../harness/shop');

const { standIn, run } = shop();

test('50,000 items come out once each, in input order on their output, linked to their input', async () => {
	const items = Array.from({ length: 50_000 }, (_, index) =>
		index % 100 === 0 ? { merchantId: '1001', points: 1 } : { merchantId: '1001', points: 'many' },
	);

	const rows = [...items.keys()];

	const { succeeded, failed, output, hints } = await run({ items, onError: 'continueErrorOutput' });

	expect(succeeded.map(({ sees }) => sees)).toEqual(rows.filter((row) => row % 100 === 0));
	expect(failed.map(({ sees }) => sees)).toEqual(rows.filter((row) => row % 100 !== 0));
	expect(output[1]?.at(-1)?.pairedItem).toEqual({ item: 49_999 });
	expect(standIn.balances()).toEqual({ 1001: 500 });
	expect(hints).toHaveLength(1);
});

test('no items in, no items out, no request', async () => {
	const { error } = await run({ items: [] });

	expect(error).toBeUndefined();
	expect(standIn.requests).toEqual([]);
});

describe('a canceled execution', () => {
	const items = ['1001', '1002', '1003'].map((merchantId) => ({ merchantId, points: 5 }));

	/**
	 * Cancels the execution as soon as the second item's request is there.
	 * @param {Partial<import('../../harness/addPoints').Given>} given
	 */
	async function canceled(given) {
		const arrived = standIn.arrival('/v2/customers/1002/points');
		return await run({
			items,
			onStart: (execution) => void arrived.then(() => execution.cancel()),
			...given,
		});
	}

	test('sends nothing more, and says of every item what became of it', async () => {
		standIn.misbehaveFor('1002', { kind: 'silence' });

		const { output } = await canceled({ onError: 'continueErrorOutput' });

		expect(output[0]).toMatchObject([{ json: { success: true, merchantId: '1001' } }]);
		expect(output[1]).toMatchObject([
			{
				json: {
					merchantId: '1002',
					error: { code: 'outcome_unknown', pointsMayHaveBeenAdded: true },
				},
			},
			{
				json: {
					merchantId: '1003',
					error: { code: 'not_sent', pointsMayHaveBeenAdded: false, merchantId: '1003', points: 5 },
				},
			},
		]);
		expect(standIn.requests).toHaveLength(2);
	});

	test('stops with the item that was on its way, when it is to stop', async () => {
		standIn.misbehaveFor('1002', { kind: 'silence' });

		const { run: execution } = await canceled({ onError: 'stopWorkflow' });

		expect(execution.data.executionData?.nodeExecutionStack.map(({ node }) => node.name)).toContain(
			'LoyaltyLion',
		);
		expect(execution.data.executionData?.contextData['node:LoyaltyLion']).toMatchObject({
			loyaltyLionRuns: {
				0: {
					0: { done: { merchantId: '1001' } },
					1: { unclear: { facts: { code: 'outcome_unknown' } } },
				},
			},
		});
		expect(standIn.requests).toHaveLength(2);
	});
});
