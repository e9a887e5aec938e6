import { shop } from '../../harness/shop.cts';

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
