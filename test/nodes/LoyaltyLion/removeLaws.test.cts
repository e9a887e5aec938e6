import fc, { type Arbitrary } from 'fast-check';
import type { Fault } from '../../../dev/stand-in/faults.cts';
import { awarding } from '../../harness/awarding.cts';
import { REMOVING } from '../../harness/doing.cts';
import { expectSeen, holdsFor, NUM_RUNS } from '../../harness/holdsFor.cts';
import { impatient } from '../../harness/impatient.cts';
import { newCredential } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';
import { claimOf } from '../../harness/Tries.cts';

const theShop = shop({ 1: {} }, REMOVING);
const { standIn } = theShop;
let credential = { apiKey: '', baseUrl: '' };
const { award: remove, retry } = awarding(theShop, () => credential, REMOVING);
impatient();
shortLooks();
jest.setTimeout(120_000 + NUM_RUNS * 2_000);

const fault: Arbitrary<Fault> = fc
	.oneof(
		fc.record({ kind: fc.constantFrom('reset' as const), after: fc.boolean() }),
		fc.constant({ kind: 'none' as const }),
		fc.constantFrom(422, 404).map((status) => ({ kind: 'status' as const, status })),
		fc.constant({ kind: 'status' as const, status: 502, after: true }),
	)
	.map((each) => ({ ...each, times: 1 }));

const given = fc.record({
	balance: fc.integer({ min: 0, max: 12 }),
	ifTooFew: fc.constantFrom('refuse' as const, 'stopAtZero' as const, 'goBelowZero' as const),
	points: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }),
	ifUnclear: fc.constantFrom('check', 'checkThenSend', 'checkThenSend', 'report'),
	faults: fc.array(fault, { minLength: 2, maxLength: 8 }),
	isRetried: fc.boolean(),
});

test('however few points there are, no more are removed than the items say', async () => {
	const seen = { done: 0, unclear: 0, maybeTwice: 0, cut: 0 };
	await holdsFor(given, async ({ balance, ifTooFew, points, ifUnclear, faults, isRetried }) => {
		standIn.reset();
		credential = newCredential(standIn);
		standIn.customers['1'] = { points: balance };
		standIn.ifTooFew = ifTooFew;
		standIn.misbehaveOn('removePoints', '1', ...faults);
		const items = points.map((each) => ({ merchantId: '1', points: each, reason: 'Return' }));
		const options = { ifUnclear };

		// What stopped the first try is retried, and everything comes out then.
		const onError = 'continueErrorOutput' as const;
		const first = await remove(items, isRetried ? { options } : { options, onError });
		const last = first.error ? await retry(first.run, { options, onError }) : first;

		const out = [...last.succeeded, ...last.failed];
		expect(out.map(({ sees }) => Number(sees)).sort()).toEqual([...items.keys()]);
		const claims = out.map((json) => claimOf(`item ${Number(json.sees)}`, json, REMOVING));
		const most = out.reduce((sum, { sees }, index) => {
			const asked = items[Number(sees)]?.points ?? 0;
			return sum + asked * (claims[index]?.atMost ?? 0);
		}, 0);
		const removed = standIn.ledger.reduce((sum, award) => sum - award.points, 0);
		expect(removed).toBeLessThanOrEqual(most);
		expect(standIn.breaches).toEqual([]);
		seen.done += last.succeeded.length;
		seen.unclear += claims.filter(({ atLeast, atMost }) => atLeast < atMost).length;
		seen.maybeTwice += claims.filter(({ atMost }) => atMost > 1).length;
		seen.cut += standIn.ledger.filter((award) => !points.includes(-award.points)).length;
	});
	expectSeen(seen);
});
