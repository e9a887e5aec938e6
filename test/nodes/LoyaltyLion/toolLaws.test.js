const fc = require('fast-check');
const { runAgent } = require('../../harness/agents');
const { CUSTOMERS, ifUnclear, item, loyaltyLion, often, setUp } = require('../../harness/draws');
const { expectSeen, holdsFor, NUM_RUNS } = require('../../harness/holdsFor');
const { impatient } = require('../../harness/impatient');
const { newCredential } = require('../../harness/newCredential');
const { shop } = require('../../harness/shop');
const { shortLooks } = require('../../harness/shortLooks');
const { claimOf, unexplained } = require('../../harness/Tries');

const { standIn, n8n } = shop(CUSTOMERS);
impatient();
shortLooks();
jest.setTimeout(300_000 + NUM_RUNS * 2_000);

const agent = fc.record({
	by: fc.constantFrom(
		/** @type {const} */ ('test.callingAgent'),
		/** @type {const} */ ('test.requestingAgent'),
	),
	fetches: fc.array(fc.array(item, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
	atOnce: fc.boolean(),
	wrapped: often(false, fc.constant(true)),
	ifUnclear,
	retryOnFail: fc.boolean(),
});

const given = fc.record({
	store: loyaltyLion,
	agents: fc.array(agent, { minLength: 1, maxLength: 2 }),
});

test('each tool call is answered for its own customer or refused, and none pays twice without saying so', async () => {
	const seen = { paid: 0, mixedUp: 0, unclear: 0, history: 0, maybeTwice: 0, sideBySide: 0 };
	await holdsFor(given, async ({ store, agents }) => {
		await setUp(standIn, store);
		const credential = newCredential(standIn);

		const answered = await Promise.all(
			agents.map(async ({ by, fetches, atOnce, wrapped, ifUnclear, retryOnFail }) => {
				const answers = await runAgent(n8n(), {
					by,
					plan: { fetches: fetches.map((calls) => calls.map(toArguments)), atOnce, wrapped },
					options: { ifUnclear },
					settings: { retryOnFail, maxTries: 3, waitBetweenTries: 1 },
					credential,
				});
				expect(answers).toHaveLength(fetches.flat().length);
				return fetches.flat().map((asked, index) => ({ asked, answer: answers[index] ?? {} }));
			}),
		);

		const calls = answered.flat();
		const claims = calls.map(({ answer }, index) => claimOf(`call ${index}`, answer));
		if (agents.length > 1) seen.sideBySide++;
		seen.paid += calls.filter(({ answer }) => answer.success).length;
		seen.mixedUp += calls.filter(({ answer }) => isMixedUp(answer)).length;
		seen.unclear += claims.filter(({ atLeast, atMost }) => atLeast < atMost).length;
		seen.history += calls.filter(({ answer }) => answer.confirmedBy === 'history').length;
		seen.maybeTwice += claims.filter(({ atMost }) => atMost > 1).length;

		expect(standIn.breaches).toEqual([]);
		for (const { asked, answer } of calls.filter(({ answer }) => !isMixedUp(answer))) {
			const { merchantId, points } = asked;
			expect(answer.success ? answer : answer.error).toMatchObject({ merchantId, points });
		}
		expect(unexplained(standIn.ledger, claims)).toEqual([]);
	});
	expectSeen(seen);
});

/** @param {{ merchantId: string, points: number, reason: string }} award */
function toArguments({ merchantId, points, reason }) {
	return { Customer: merchantId, Points: points, Reason: reason };
}

/** @param {import('n8n-workflow').IDataObject} answer */
function isMixedUp({ error }) {
	const { code, message } = Object(error);
	return code === 'invalid_input' && /got the values of another call/.test(message);
}
