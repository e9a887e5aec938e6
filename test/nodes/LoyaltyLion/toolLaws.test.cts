import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { runAgent } from '../../../dev/engine/agents.cts';
import { CUSTOMERS, ifUnclear, item, loyaltyLion, often, setUp } from '../../harness/draws.cts';
import { errorOf } from '../../harness/errorOf.cts';
import { expectSeen, holdsFor, NUM_RUNS } from '../../harness/holdsFor.cts';
import { impatient } from '../../harness/impatient.cts';
import { newCredential } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';
import { claimOf, unexplained } from '../../harness/Tries.cts';

const { standIn, n8n } = shop(CUSTOMERS);
impatient();
shortLooks();
jest.setTimeout(300_000 + NUM_RUNS * 2_000);

const agent = fc.record({
	by: fc.constantFrom('test.callingAgent' as const, 'test.requestingAgent' as const),
	fetches: fc.array(fc.array(item, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
	atOnce: fc.boolean(),
	wrapped: often(false, fc.constant(true)),
	readsItem: often(false, fc.constant(true)),
	ifUnclear,
	retryOnFail: fc.boolean(),
});

const given = fc.record({
	store: loyaltyLion,
	agents: fc.array(agent, { minLength: 1, maxLength: 2 }),
});

test('each tool call is answered for its own customer or refused, and none pays twice without saying so', async () => {
	const seen = {
		paid: 0,
		paidByItem: 0,
		mixedUp: 0,
		ofAnyItem: 0,
		unclear: 0,
		history: 0,
		maybeTwice: 0,
		sideBySide: 0,
	};
	await holdsFor(given, async ({ store, agents }) => {
		await setUp(standIn, store);
		const credential = newCredential(standIn);

		const answered = await Promise.all(
			agents.map(async ({ by, atOnce, wrapped, readsItem, ifUnclear, retryOnFail, ...plan }) => {
				const fetches = readsItem ? plan.fetches.map(forOneCustomer) : plan.fetches;
				const asked = fetches.flat();
				const answers = await runAgent(n8n(), {
					by,
					plan: { fetches: fetches.map((calls) => calls.map(toArguments)), atOnce, wrapped },
					items: fetches.map(([first]) => ({ ...first })),
					fields: readsItem ? BY_ITEM : {},
					options: { ifUnclear },
					settings: { retryOnFail, maxTries: 3, waitBetweenTries: 1 },
					credential,
				});
				expect(answers).toHaveLength(asked.length);
				return answers.map((answer, index) => ({ asked: asked[index], answer, readsItem }));
			}),
		);

		const calls = answered.flat();
		const claims = calls.map(({ answer }, index) => claimOf(`call ${index}`, answer));
		if (agents.length > 1) seen.sideBySide++;
		const paid = calls.filter(({ answer }) => answer.success);
		seen.paid += paid.length;
		seen.paidByItem += paid.filter(({ readsItem }) => readsItem).length;
		seen.mixedUp += calls.filter(({ answer }) => MIXED_UP.test(refusalOf(answer))).length;
		seen.ofAnyItem += calls.filter(({ answer }) => OF_ANY_ITEM.test(refusalOf(answer))).length;
		seen.unclear += claims.filter(({ atLeast, atMost }) => atLeast < atMost).length;
		seen.history += calls.filter(({ answer }) => answer.confirmedBy === 'history').length;
		seen.maybeTwice += claims.filter(({ atMost }) => atMost > 1).length;

		expect(standIn.breaches).toEqual([]);
		for (const { asked, answer } of calls.filter(({ answer }) => !refusalOf(answer))) {
			const { merchantId, points } = { ...asked };
			expect(answer.success ? answer : answer.error).toMatchObject({ merchantId, points });
		}
		expect(unexplained(standIn.ledger, claims)).toEqual([]);
	});
	expectSeen(seen);
});

function toArguments({
	merchantId,
	points,
	reason,
}: {
	merchantId: string;
	points: number;
	reason: string;
}) {
	return { Customer: merchantId, Points: points, Reason: reason };
}

/** The customer is that of the agent's item; the rest the model fills in. */
const BY_ITEM = { customer: { __rl: true, mode: 'merchantId', value: '={{ $json.merchantId }}' } };

function forOneCustomer(calls: { merchantId: string; points: number; reason: string }[]) {
	return calls.map((call) => ({ ...call, merchantId: calls[0]?.merchantId ?? '' }));
}

const MIXED_UP = /^This tool call got the values of another call/;
const OF_ANY_ITEM = /^This tool call could get the values of another item/;

/** Why nothing was sent for a call whose values may not be its own; '' when that is not so. */
function refusalOf(answer: IDataObject): string {
	const { code, message = '' } = errorOf(answer);
	const isOne = MIXED_UP.test(message) || OF_ANY_ITEM.test(message);
	return code === 'invalid_input' && isOne ? message : '';
}
