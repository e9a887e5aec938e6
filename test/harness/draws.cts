import fc, { type Arbitrary } from 'fast-check';
import type { Fault } from '../../dev/stand-in/faults.cts';
import type { StandIn } from '../../dev/stand-in/StandIn.cts';
import { ADDING, counting, type Doing } from './doing.cts';

interface Behavior {
	/** Of Add Points, for each customer. */
	faults: Fault[][];
	historyFaults: Fault[];
	/** Whether the history does. */
	namesReason: boolean;
	/** At the history, before it shows anything. */
	looksInVain: number;
	/** Of the history. */
	lagMs: number;
	showRow: StandIn['showRow'];
	tellsTime: boolean;
	/** Of the history. */
	headers: Record<string, string>;
}

/** So few that awards to the same customer meet. */
const IDS = ['1', '2'];

export const CUSTOMERS = Object.fromEntries(IDS.map((id) => [id, {}]));

/**
 * One value for the most part, so that not everything is out of order at once.
 *
 * @param weight how many times as often the usual one comes
 */
export function often<Usual, Unusual>(usual: Usual, unusual: Arbitrary<Unusual>, weight = 4) {
	return fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: unusual });
}

const addFault: Arbitrary<Fault> = fc.oneof(
	fc.constant({ kind: 'status' as const, status: 201, body: '""', after: true }),
	fc.constantFrom(404, 422, 400).map((status) => ({ kind: 'status' as const, status })),
	fc.constant({
		kind: 'status' as const,
		status: 429,
		headers: { 'Retry-After': '0' },
	}),
	fc.record({ kind: fc.constantFrom('reset', 'truncate'), after: fc.boolean() }),
	fc.record({
		kind: fc.constant('status' as const),
		status: fc.constantFrom(200, 500, 502, 503, 504),
		after: fc.boolean(),
	}),
);

const historyFault: Arbitrary<Fault> = fc.oneof(
	fc.constantFrom(403, 500).map((status) => ({ kind: 'status' as const, status })),
	fc.constant({ kind: 'status' as const, status: 200, body: '{}' }),
);

const script = (fault: Arbitrary<Fault>, maxLength: number) =>
	fc.array(
		fault.map((each) => ({ ...each, times: 1 })),
		{ maxLength },
	);

export const item = fc.record({
	merchantId: fc.constantFrom(...IDS),
	points: often(5, fc.constant(6)),
	reason: fc.constantFrom('', 'Quiz'),
});

export const ifUnclear = fc.constantFrom(
	'check',
	'check',
	'checkThenSend',
	'checkThenSend',
	'report',
);

const MINUTES = /:\d\d\.\d+Z$/;

/** How a history can show a row. */
const SHOWN: StandIn['showRow'][] = [
	(row) => ({ ...row, points_approved: 0, points_pending: row.points_approved }),
	(row) => ({ ...row, created_at: row.created_at.replace(MINUTES, ':00.000Z') }),
];

const asItIs: StandIn['showRow'] = (row) => row;

/** What LoyaltyLion may do, and its history show, as it does not promise otherwise. */
export const loyaltyLion: Arbitrary<Behavior> = fc.record({
	faults: fc.tuple(...IDS.map(() => script(addFault, 4))),
	historyFaults: often([] as Fault[], script(historyFault, 2)),
	namesReason: fc.boolean(),
	looksInVain: often(0, fc.constantFrom(1, 4)),
	lagMs: often(0, fc.constant(3_600_000)),
	showRow: often(asItIs, fc.constantFrom(...SHOWN)),
	tellsTime: often(true, fc.constant(false)),
	headers: often({} as Record<string, string>, fc.constant({ Age: '5' })),
});

export const ADDED: Fault = { kind: 'status', status: 201, body: '""', after: true, times: 1 };

export const REFUSED: Fault = { kind: 'status', status: 422, times: 1 };

/** @param after whether the points are added before the answer gets lost */
export function lost(after: boolean): Fault {
	return { kind: 'reset', after, times: 1 };
}

/**
 * @param faults of Add Points, for each customer
 * @returns in which all else is as it should be
 */
export function wellBut(...faults: Fault[]): Behavior {
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

/** Lets a store be as drawn, with nothing in its ledger. */
export async function setUp(store: StandIn, drawn: Behavior, doing: Doing = ADDING) {
	// n8n lets go of a request at once when an execution is canceled, also when it is still to arrive.
	await store.move();
	store.reset();
	const { misbehaveFor } = counting(store, doing);
	drawn.faults.forEach((each, index) => misbehaveFor(`${IDS[index]}`, ...each));
	store.misbehaveAt('listTransactions', ...drawn.historyFaults);
	if (!drawn.namesReason) store.describeAdjustment = () => ({});
	store.looksInVain = drawn.looksInVain;
	store.historyLagMs = drawn.lagMs;
	store.showRow = drawn.showRow;
	store.tellsTime = drawn.tellsTime;
	store.historyHeaders = drawn.headers;
}
