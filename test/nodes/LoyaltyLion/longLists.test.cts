import type { INodeExecutionData } from 'n8n-workflow';
import { errorOf } from '../../harness/errorOf.cts';
import { shop } from '../../harness/shop.cts';

/** Lists of which nothing is sent, and that could keep everything else in n8n waiting. */

const { standIn, run } = shop();

const ITEMS = Array.from({ length: 20_000 }, () => ({ merchantId: '1001', points: 'many' }));

function codesOf(output: (INodeExecutionData[] | null)[]) {
	const items = output.flatMap((part) => part ?? []);
	return items.map(({ json }) => errorOf(json).code);
}

test('the rest of n8n has its turns meanwhile', async () => {
	let turns = 0;
	const others = setInterval(() => turns++, 1);

	const { output } = await run({
		items: ITEMS,
		onError: 'continueErrorOutput',
		onStart: () => {
			turns = 0;
		},
	}).finally(() => clearInterval(others));

	expect(codesOf(output)).toEqual(Array(ITEMS.length).fill('invalid_input'));
	// Without giving way there is a handful, before and after.
	expect(turns).toBeGreaterThan(20);
});

test.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
	'%s: a cancel is heeded in the middle, and each item still comes out',
	async (onError) => {
		const { output } = await run({
			items: ITEMS,
			onError,
			// The first turn that n8n has after the node has begun.
			onStart: (execution) => void setTimeout(() => setTimeout(() => execution.cancel())),
		});

		const codes = codesOf(output);
		expect(codes).toHaveLength(ITEMS.length);
		const notSent = codes.filter((code) => code === 'not_sent');
		expect(notSent.length).toBeGreaterThan(ITEMS.length / 2);
		expect(codes.slice(-notSent.length)).toEqual(notSent);
		expect(standIn.requests).toEqual([]);
	},
);
