import fc, { type Arbitrary } from 'fast-check';
import { type Award, StandIn } from '../../../dev/stand-in/StandIn.cts';
import { clock } from '../../harness/clock.cts';
import {
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
} from '../../harness/draws.cts';
import { expectSeen, FEWER_RUNS, holdsFor, NUM_RUNS } from '../../harness/holdsFor.cts';
import { impatient } from '../../harness/impatient.cts';
import { newCredential } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';
import { Tries, unexplained } from '../../harness/Tries.cts';
import { ADDING, doByHand, DOINGS, ledgerOf, REWARDS, withPlenty } from '../../harness/doing.cts';

describe.each(DOINGS)('$operation', (doing) => {
	const runs = doing === ADDING ? NUM_RUNS : FEWER_RUNS;
	const { standIn, n8n } = shop(CUSTOMERS, doing);
	const otherStore = new StandIn({
		customers: withPlenty(CUSTOMERS, doing),
		rewards: REWARDS,
		requestsPerSecond: Infinity,
	});
	const STORES = [standIn, otherStore];
	const { step, reset: resetClock } = clock(...STORES);
	impatient();
	shortLooks();
	jest.setTimeout(300_000 + NUM_RUNS * 2_000);

	beforeAll(() => otherStore.start());
	afterAll(() => otherStore.stop());

	const MAX_ROUNDS = 5;

	const execution = fc.record({
		items: fc.array(item, { minLength: 1, maxLength: 6 }),
		onError: fc.constantFrom(
			'stopWorkflow' as const,
			'stopWorkflow' as const,
			'continueRegularOutput' as const,
			'continueErrorOutput' as const,
		),
		ifUnclear,
		retryOnFail: fc.boolean(),
	});

	const clockStep = fc.constantFrom(-3_600_000, -60_000, 300_000, 3_600_000);
	const request = fc.integer({ min: 1, max: 10 });

	/** What happens before and while all executions are tried that have not come to their end. */
	interface Round {
		/** In ms, before. */
		clockStep: number;
		/** When a request arrives. */
		clockStepAt: { request: number; ms: number } | null;
		/** When a request arrives. */
		cancelAt: { request: number; execution: number } | null;
		/** Than what came before. */
		isInAnotherProcess: boolean;
	}

	const round: Arbitrary<Round> = fc.record({
		clockStep: often(0, clockStep, 3),
		clockStepAt: often(null, fc.record({ request, ms: clockStep })),
		cancelAt: often(null, fc.record({ request, execution: fc.nat() })),
		isInAnotherProcess: fc.boolean(),
	});

	const CALM: Round = {
		clockStep: 0,
		clockStepAt: null,
		cancelAt: null,
		isInAnotherProcess: false,
	};

	/** Just so long ago that a clock that is set can make them seem to be of now. */
	const equalAwardsBefore = fc.array(
		fc.record({ award: item, secondsAgo: fc.constantFrom(10, 3_590) }),
		{ maxLength: 3 },
	);

	const anything = fc.record({
		store: loyaltyLion,
		executions: fc.array(execution, { minLength: 1, maxLength: 3 }),
		before: often([], equalAwardsBefore, 1),
		rounds: fc.array(round, { minLength: 2, maxLength: 3 }),
		later: often(
			'the same key' as const,
			fc.constantFrom('a renewed key' as const, 'another store' as const),
			1,
		),
		isRetriedTwice: fc.boolean(),
	});

	/** Some things hardly come about by chance, as much has to come together for them: here it does. */
	const oneAward = fc.record({
		drawn: anything,
		each: execution,
		one: item,
		isAdded: fc.boolean(),
		request: fc.integer({ min: 1, max: 4 }),
		ms: clockStep,
	});

	/** The answer gets lost, and the history shows late what had arrived all the same. */
	const sentTwice = oneAward.map(({ drawn, each, one }) => ({
		...drawn,
		store: { ...wellBut(lost(true)), looksInVain: 4 },
		executions: [{ ...each, items: [one], ifUnclear: 'checkThenSend' }],
	}));

	/** The clock is set while the award, or the look for it, is on its way, and there are older ones. */
	const clockSetUnderWay = oneAward.map(({ drawn, each, one, isAdded, request, ms }) => ({
		...drawn,
		store: wellBut(lost(isAdded)),
		executions: [{ ...each, items: [one] }],
		before: [10, 3_590].map((secondsAgo) => ({ award: { ...one }, secondsAgo })),
		rounds: [{ ...CALM, clockStepAt: { request, ms } }],
	}));

	/** The clock is set between an award and an equal one, the answer to which gets lost. */
	const clockSetBetween = oneAward.map(({ drawn, each, one, isAdded, ms }) => ({
		...drawn,
		store: wellBut(REFUSED, ADDED, lost(isAdded)),
		executions: [
			{
				...each,
				items: [one, one],
				onError: 'stopWorkflow' as const,
				retryOnFail: false,
			},
		],
		before: [],
		rounds: [CALM, { ...CALM, clockStep: ms }],
	}));

	const given = fc.oneof(
		{ weight: 14, arbitrary: anything },
		...[sentTwice, clockSetUnderWay, clockSetBetween].map((arbitrary) => ({
			weight: 2,
			arbitrary,
		})),
	);

	/** What has come about in all that was drawn. */
	const NOTHING_SEEN = {
		history: 0,
		earlierTry: 0,
		unclear: 0,
		maybeTwice: 0,
		surelyTwice: 0,
		retries: 0,
		cancels: 0,
		retriesOfCanceled: 0,
		unclearInAnotherProcess: 0,
		unclearWithRenewedKey: 0,
		unclearInAnotherStore: 0,
		unclearOverClockStep: 0,
		clockStepsUnderWay: 0,
		sideBySide: 0,
		retriedTwice: 0,
	};

	test('no item is lost, and no points are doubled that the output does not flag', async () => {
		const seen = { ...NOTHING_SEEN };
		await holdsFor(
			given,
			async (drawn) => {
				resetClock();
				for (const store of STORES) await setUp(store, drawn.store, doing);
				const before: { award: Award; secondsAgo: number }[] = drawn.before;
				for (const { award, secondsAgo } of before) {
					doByHand(standIn, doing, award, secondsAgo * 1000);
				}
				const credential = newCredential(standIn);
				const later = {
					'the same key': credential,
					'a renewed key': newCredential(standIn),
					'another store': newCredential(otherStore),
				}[drawn.later];

				const play = async (
					open: Tries[],
					{ clockStep, clockStepAt, cancelAt, ...round }: Round,
					now: typeof credential,
				) => {
					const isElsewhere = round.isInAnotherProcess && knowsEnoughElsewhere(drawn);
					const unclear = open.reduce((sum, { unclearCount }) => sum + unclearCount, 0);
					if (isElsewhere) seen.unclearInAnotherProcess += unclear;
					if (clockStep !== 0) seen.unclearOverClockStep += unclear;
					if (now !== credential) {
						const isRenewed = drawn.later === 'a renewed key';
						seen[isRenewed ? 'unclearWithRenewedKey' : 'unclearInAnotherStore'] += unclear;
					}

					step(clockStep);
					onArrival((count) => {
						if (count === cancelAt?.request) open[cancelAt.execution % open.length]?.cancel();
						if (count !== clockStepAt?.request) return;
						seen.clockStepsUnderWay++;
						step(clockStepAt.ms);
					});
					await Promise.all(open.map((tries) => tries.go(now, isElsewhere)));
					seen.cancels += open.filter(({ wasCanceled }) => wasCanceled).length;
					seen.retriesOfCanceled += open.filter(
						({ continuedCanceled }) => continuedCanceled,
					).length;
				};

				const all = drawn.executions.map(
					(each, index) => new Tries(n8n(), each, `execution ${index}`, doing),
				);
				if (all.length > 1) seen.sideBySide++;
				for (let number = 0; number < MAX_ROUNDS; number++) {
					const open = all.filter(({ isOpen }) => isOpen);
					if (open.length === 0) break;
					if (number > 0) seen.retries += open.length;
					await play(open, drawn.rounds[number] ?? CALM, number === 0 ? credential : later);
				}
				const again = drawn.isRetriedTwice
					? all.map((tries) => tries.again()).find(Boolean)
					: undefined;
				if (again) {
					seen.retriedTwice++;
					all.push(again);
					for (let number = 0; again.isOpen && number < MAX_ROUNDS; number++) {
						await play([again], CALM, later);
					}
				}

				const out = all.flatMap(({ output }) => output);
				const claims = all.flatMap((tries) => tries.claims());
				seen.history += out.filter(({ confirmedBy }) => confirmedBy === 'history').length;
				seen.earlierTry += out.filter(({ confirmedBy }) => confirmedBy === 'earlierTry').length;
				seen.unclear += claims.filter(({ atLeast, atMost }) => atLeast < atMost).length;
				seen.maybeTwice += claims.filter(({ atMost }) => atMost > 1).length;
				seen.surelyTwice += claims.filter(({ atLeast }) => atLeast > 1).length;

				expect(STORES.flatMap(({ breaches }) => breaches)).toEqual([]);
				for (const { output, places } of all) {
					expect(output.map(({ sees }) => Number(sees)).sort()).toEqual(places);
				}
				const ledger = STORES.flatMap((store) =>
					ledgerOf(store, doing).slice(store === standIn ? before.length : 0),
				);
				expect(unexplained(ledger, claims)).toEqual([]);
			},
			runs,
		);
		expectSeen(seen, runs);
	});

	/** @param act is told how many requests have arrived with each one that does */
	function onArrival(act: (count: number) => void) {
		let count = 0;
		for (const store of STORES) store.onArrival = () => act(++count);
	}

	/**
	 * Another process does not know what the one before it awarded in other executions, nor whether the clock
	 * was set since.
	 */
	function knowsEnoughElsewhere({
		executions,
		before,
		rounds,
	}: {
		executions: unknown[];
		before: unknown[];
		rounds: Round[];
	}) {
		const isClockSet = rounds.some(({ clockStep, clockStepAt }) => clockStep !== 0 || clockStepAt);
		return !isClockSet || (executions.length === 1 && before.length === 0);
	}
});
