const fc = require('fast-check');
const { addPointsWorkflow, outcomeOf } = require('../../harness/addPoints');
const { holdsFor, NUM_RUNS } = require('../../harness/holdsFor');
const { impatient } = require('../../harness/impatient');
const { newCredential } = require('../../harness/newCredential');
const { shop } = require('../../harness/shop');
const { shortLooks } = require('../../harness/shortLooks');

/**
 * @typedef {import('../../stand-in/faults').Fault} Fault
 * @typedef {import('n8n-workflow').IDataObject} Json
 */

const IDS = ['1', '2', '3'];
const { standIn, n8n, run } = shop(Object.fromEntries(IDS.map((id) => [id, {}])));
impatient();
shortLooks();
jest.setTimeout(120_000);

const MAX_RETRIES = 4;

/** @type {import('fast-check').Arbitrary<Fault>} */
const addFault = fc.oneof(
	fc.constant({ kind: /** @type {const} */ ('status'), status: 201, body: '""', after: true }),
	fc
		.constantFrom(404, 422, 400)
		.map((status) => ({ kind: /** @type {const} */ ('status'), status })),
	fc.constant({
		kind: /** @type {const} */ ('status'),
		status: 429,
		headers: { 'Retry-After': '0' },
	}),
	fc.record({ kind: fc.constantFrom('reset', 'truncate'), after: fc.boolean() }),
	fc.record({
		kind: fc.constant(/** @type {const} */ ('status')),
		status: fc.constantFrom(200, 500, 502, 503, 504),
		after: fc.boolean(),
	}),
);

/** @type {import('fast-check').Arbitrary<Fault>} */
const historyFault = fc.oneof(
	fc.constantFrom(403, 500).map((status) => ({ kind: /** @type {const} */ ('status'), status })),
	fc.constant({ kind: /** @type {const} */ ('status'), status: 200, body: '{}' }),
);

/** @param {import('fast-check').Arbitrary<Fault>} fault @param {number} maxLength */
const script = (fault, maxLength) =>
	fc.array(
		fault.map((each) => ({ ...each, times: 1 })),
		{ maxLength },
	);

const item = fc.record({
	merchantId: fc.constantFrom(...IDS),
	points: fc.constantFrom(5, 6),
	reason: fc.constantFrom('', 'Quiz'),
});

const given = fc.record({
	items: fc.array(item, { minLength: 1, maxLength: 6 }),
	faults: fc.tuple(...IDS.map(() => script(addFault, 4))),
	historyFaults: script(historyFault, 2),
	onError: fc.constantFrom(
		/** @type {const} */ ('stopWorkflow'),
		/** @type {const} */ ('continueRegularOutput'),
		/** @type {const} */ ('continueErrorOutput'),
	),
	ifUnclear: fc.constantFrom('check', 'checkThenSend', 'report'),
	retryOnFail: fc.boolean(),
	namesReason: fc.boolean(),
});

test('no item is lost, and no points are doubled that the output does not flag', async () => {
	const seen = { history: 0, earlierTry: 0, unclear: 0, retries: 0 };
	await holdsFor(given, async (drawn) => {
		const { items, faults, historyFaults, onError, ifUnclear, retryOnFail } = drawn;
		standIn.reset();
		const credential = newCredential(standIn);
		if (!drawn.namesReason) standIn.describeAdjustment = () => ({});
		faults.forEach((each, index) => standIn.misbehaveFor(`${IDS[index]}`, ...each));
		standIn.misbehaveAt('listTransactions', ...historyFaults);
		const setup = {
			onError,
			parameters: { options: { ifUnclear } },
			settings: { retryOnFail, maxTries: 3, waitBetweenTries: 1 },
		};

		let outcome = await run({ items, credential, ...setup });
		for (let retry = 0; outcome.error && retry < MAX_RETRIES; retry++) {
			seen.retries++;
			const workflow = addPointsWorkflow(setup);
			outcome = outcomeOf(await n8n().retry(workflow, outcome.run, { credential }));
		}

		const out = [...outcome.succeeded, ...outcome.failed];
		const done = out.filter(({ success }) => success);
		const flagged = out.filter(({ error }) => Reflect.get(Object(error), 'pointsMayHaveBeenAdded'));
		seen.history += done.filter(({ confirmedBy }) => confirmedBy === 'history').length;
		seen.earlierTry += done.filter(({ confirmedBy }) => confirmedBy === 'earlierTry').length;
		seen.unclear += flagged.length;

		expect(standIn.breaches).toEqual([]);
		// When it stopped for good, nothing comes out; then nobody has more than was asked for.
		const places = outcome.error ? [] : [...items.keys()];
		expect(out.map(({ sees }) => Number(sees)).sort()).toEqual(places);
		const claimed = outcome.error ? items : [...done, ...flagged.map(({ error }) => Object(error))];
		expect(excess(standIn.ledger, claimed)).toEqual([]);
		expect(excess(done, standIn.ledger)).toEqual([]);
	});
	// What was drawn has to have brought about what this is about.
	for (const count of [seen.history, seen.earlierTry, seen.unclear, seen.retries]) {
		expect(count).toBeGreaterThan(NUM_RUNS / 20);
	}
});

/**
 * The awards of which there are more in one list than in another. The reason is left out, as an unclear
 * item does not name it.
 *
 * @param {{ merchantId?: unknown, points?: unknown }[]} awards
 * @param {{ merchantId?: unknown, points?: unknown }[]} others
 */
function excess(awards, others) {
	const left = others.map(keyOf);
	return awards.map(keyOf).filter((key) => {
		const index = left.indexOf(key);
		if (index >= 0) left.splice(index, 1);
		return index < 0;
	});
}

/** @param {{ merchantId?: unknown, points?: unknown }} award */
function keyOf({ merchantId, points }) {
	return `${merchantId} ${points}`;
}
