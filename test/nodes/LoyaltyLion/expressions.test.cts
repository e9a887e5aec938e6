import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { errorOf } from '../../harness/errorOf.cts';
import { holdsFor } from '../../harness/holdsFor.cts';
import { shop } from '../../harness/shop.cts';

const { run, standIn } = shop();

const ROW = { merchantId: '1001', points: 5, reason: 'Quiz', nested: { points: 7 }, list: [1, 2] };

describe('Expressions in the fields', () => {
	it('come to each item what the item holds', async () => {
		const items = [
			{ merchantId: '1001', points: 1, reason: 'one' },
			{ merchantId: '1002', points: '2', reason: null },
			{ merchantId: '1003', points: 3 },
			{ merchantId: '1001', points: 4, reason: 'four' },
		];
		const { succeeded } = await run({ items });
		expect(succeeded).toMatchObject([
			{ merchantId: '1001', points: 1, reason: 'one' },
			{ merchantId: '1002', points: 2, reason: null },
			{ merchantId: '1003', points: 3, reason: null },
			{ merchantId: '1001', points: 4, reason: 'four' },
		]);
	});

	it('come to the same where another field of some item does not work', async () => {
		const parameters = {
			reason: '={{ $json.quiz.name }}',
			points: "={{ $('Start').item.json.points }}",
		};
		const items = [
			{ ...ROW, quiz: { name: 'a' } },
			{ ...ROW, quiz: { name: 'b' } },
			{ ...ROW },
			{ ...ROW, quiz: { name: 'd' }, points: 9 },
		];
		const { succeeded } = await run({ items, parameters });
		expect(succeeded.map(({ reason, points }) => [reason, points])).toEqual([
			['a', 5],
			['b', 5],
			[null, 5],
			['d', 9],
		]);
	});

	it.each([
		['a field that n8n cannot evaluate', { points: '={{ $json.points + }}' }],
		['a reference to a node that is not there', { reason: "={{ $('Nowhere').item.json.a }}" }],
	])('fail the same way for each item: %s', async (_name, parameters) => {
		const { failed } = await run({
			items: [ROW, ROW, ROW],
			parameters,
			onError: 'continueErrorOutput',
		});
		const said = failed.map((item) => errorOf(item).message?.replace(/\d\]$/, ''));
		expect(said).toHaveLength(3);
		expect(new Set(said)).toEqual(new Set([said[0]]));
		expect(standIn.ledger).toEqual([]);
	});

	// What a field comes to for the first item of a run, n8n says; for those after it the node may know it.
	it('come to the same for an item in a list as for the item alone', async () => {
		const fields = fc.tuple(field(), field(), field());
		const rows = fc.array(row(), { minLength: 2, maxLength: 4 });
		await holdsFor(fc.tuple(fields, rows), async ([[customer, points, reason], items]) => {
			const given = {
				parameters: {
					customer: { __rl: true, mode: 'merchantId', value: customer },
					points,
					reason,
				},
				onError: 'continueRegularOutput' as const,
			};
			const together = await run({ items, ...given });
			const awards = standIn.ledger;
			standIn.reset();
			const alone = [];
			for (const item of items) alone.push(...(await run({ items: [item], ...given })).succeeded);
			expect(together.succeeded.map(comparable)).toEqual(alone.map(comparable));
			expect(new Set(awards)).toEqual(new Set(standIn.ledger));
			standIn.reset();
		});
	});
});

/** What an item came to, without what tells its place in the list. */
function comparable(json: IDataObject) {
	const error = json.error && errorOf(json);
	const message = error && error.message?.replace(/\[item \d\]/g, '');
	return { ...json, row: 0, sees: 0, error: error && { ...error, message } };
}

/** An item, with what forms give and what they should not. */
function row() {
	const value = fc.oneof(
		{ weight: 3, arbitrary: fc.constantFrom('1001', '1002', 5, '7', 'Quiz', '') },
		fc.constantFrom(null, true, 1.5, 1001, '={{ 1 }}', [1], { points: 2 }, '\u2028'),
	);
	const nested = fc.oneof(fc.record({ points: value }, { requiredKeys: [] }), value);
	return fc.record(
		{
			merchantId: value,
			points: value,
			reason: value,
			nested,
			'Your points?': value,
			constructor: value,
			list: fc.constant([1, 2]),
		},
		{ requiredKeys: [] },
	);
}

/** What users write into a field, and what they should not. */
function field() {
	const code = fc.constantFrom(
		' $json.points ',
		'$json.merchantId',
		'$json["merchantId"]',
		" $json['Your points?'] ",
		' $json.nested["points"] ',
		' $json.nested?.points ',
		' $json.constructor ',
		' $json["constructor"] ',
		' $json.__proto__ ',
		' $json.toString ',
		' $json.list[0] ',
		' $json.list["1"] ',
		' $json.merchantId.length ',
		' $json["a}}b"] ',
		" $json['points' ] ",
		' $json .points ',
		' $json.points\n',
		' $json.reason ',
		' $json.nested.points ',
		' $json.nothing ',
		' $json.nothing.more ',
		' $json.list ',
		' $json.list.length ',
		' $json ',
		' null ',
		' "1001" ',
		" '1002' // for Ann",
		' 3 /* three */ ',
		' 1, 2 ',
		' 4; ',
		' (5 ',
		' 6) ',
		' 6), (7 ',
		' `8',
		' 9` ',
		' /* 1 ',
		' */ 2 ',
		' [1, 2] ',
		' ...[1, 2] ',
		' { a: 1 }.a ',
		' (() => 10)() ',
		' () => 10 ',
		' const a = 1; a ',
		' $today ',
		' new Date(0) ',
		' true ',
		' 12n ',
		' $json.reason.toUpperCase() ',
		' $json["points"] * 2 ',
		' $json.points > 3 ? 1 : 2 ',
		" $('Start').item.json.points ",
		" $('Nowhere').item.json.points ",
		' $parameter.points ',
		' $itemIndex * 0 + 11 ',
		' "\\u007d\\u007d" ',
		'',
		' ',
		'\n\t$json.points\n',
	);
	const sole = code.map((text) => `={{${text}}}`);
	const mixed = fc.tuple(code, code).map(([one, other]) => `=1{{${one}}}{{${other}}}`);
	const plain = fc.constantFrom('1001', '5', '=7', 'Quiz', '==', '={{', '}}');
	return fc.oneof({ weight: 6, arbitrary: sole }, mixed, plain);
}
