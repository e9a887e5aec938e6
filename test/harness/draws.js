const fc = require('fast-check');

/**
 * @typedef {import('../../dev/stand-in/faults').Fault} Fault
 * @typedef {import('../../dev/stand-in/StandIn').StandIn} StandIn
 *
 * @typedef {object} Behavior
 * @property {Fault[][]} faults of Add Points, for each customer
 * @property {Fault[]} historyFaults
 * @property {boolean} namesReason whether the history does
 * @property {number} looksInVain at the history, before it shows anything
 * @property {number} lagMs of the history
 * @property {StandIn['showRow']} showRow
 * @property {boolean} tellsTime
 * @property {Record<string, string>} headers of the history
 */

/** So few that awards to the same customer meet. */
const IDS = ['1', '2'];

const CUSTOMERS = Object.fromEntries(IDS.map((id) => [id, {}]));

/**
 * One value for the most part, so that not everything is out of order at once.
 *
 * @template Usual, Unusual
 * @param {Usual} usual
 * @param {import('fast-check').Arbitrary<Unusual>} unusual
 * @param {number} [weight] how many times as often the usual one comes
 */
function often(usual, unusual, weight = 4) {
	return fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: unusual });
}

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
	points: often(5, fc.constant(6)),
	reason: fc.constantFrom('', 'Quiz'),
});

const ifUnclear = fc.constantFrom('check', 'check', 'checkThenSend', 'checkThenSend', 'report');

const MINUTES = /:\d\d\.\d+Z$/;

/** How a history can show a row. @type {StandIn['showRow'][]} */
const SHOWN = [
	(row) => ({ ...row, points_approved: 0, points_pending: row.points_approved }),
	(row) => ({ ...row, created_at: row.created_at.replace(MINUTES, ':00.000Z') }),
];

/** @type {StandIn['showRow']} */
const asItIs = (row) => row;

/** What LoyaltyLion may do, and its history show, as it does not promise otherwise. @type {import('fast-check').Arbitrary<Behavior>} */
const loyaltyLion = fc.record({
	faults: fc.tuple(...IDS.map(() => script(addFault, 4))),
	historyFaults: often(/** @type {Fault[]} */ ([]), script(historyFault, 2)),
	namesReason: fc.boolean(),
	looksInVain: often(0, fc.constantFrom(1, 4)),
	lagMs: often(0, fc.constant(3_600_000)),
	showRow: often(asItIs, fc.constantFrom(...SHOWN)),
	tellsTime: often(true, fc.constant(false)),
	headers: often(/** @type {Record<string, string>} */ ({}), fc.constant({ Age: '5' })),
});

/** @type {Fault} */
const ADDED = { kind: 'status', status: 201, body: '""', after: true, times: 1 };

/** @type {Fault} */
const REFUSED = { kind: 'status', status: 422, times: 1 };

/**
 * @param {boolean} after whether the points are added before the answer gets lost
 * @returns {Fault}
 */
function lost(after) {
	return { kind: 'reset', after, times: 1 };
}

/**
 * @param {Fault[]} faults of Add Points, for each customer
 * @returns {Behavior} in which all else is as it should be
 */
function wellBut(...faults) {
	return {
		faults: IDS.map(() => faults),
		historyFaults: [],
		namesReason: true,
		looksInVain: 0,
		lagMs: 0,
		showRow: asItIs,
		tellsTime: true,
		headers: {},
	};
}

/**
 * Lets a store be as drawn, with nothing in its ledger.
 *
 * @param {StandIn} store
 * @param {Behavior} drawn
 */
async function setUp(store, drawn) {
	// n8n lets go of a request at once when an execution is canceled, also when it is still to arrive.
	await store.move();
	store.reset();
	drawn.faults.forEach((each, index) => store.misbehaveFor(`${IDS[index]}`, ...each));
	store.misbehaveAt('listTransactions', ...drawn.historyFaults);
	if (!drawn.namesReason) store.describeAdjustment = () => ({});
	store.looksInVain = drawn.looksInVain;
	store.historyLagMs = drawn.lagMs;
	store.showRow = drawn.showRow;
	store.tellsTime = drawn.tellsTime;
	store.historyHeaders = drawn.headers;
}

module.exports = {
	ADDED,
	CUSTOMERS,
	ifUnclear,
	item,
	lost,
	loyaltyLion,
	often,
	REFUSED,
	setUp,
	wellBut,
};
