import { addPointsWorkflow, outcomeOf } from '../../harness/addPoints.cts';
import { clock } from '../../harness/clock.cts';
import { credentialForEachTest, newCredential } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';

const { standIn, n8n, run } = shop();
const credential = credentialForEachTest(standIn);
const { step } = clock(standIn);
shortLooks();

const ITEM = { merchantId: '1001', points: 5, reason: 'Quiz' };
const HOUR_MS = 3_600_000;

/**
 * Sets the clock when a request arrives.
 *
 * @param number of the requests by that method, counted from 1
 */
function setClockAt(method: 'POST' | 'GET', number: number, ms: number) {
	let count = 0;
	standIn.onArrival = (request) => {
		if (request.method === method && ++count === number) step(ms);
	};
}

/** @param afters of one answer that gets lost after another: whether the points are added before */
function loseAnswers(...afters: boolean[]) {
	const faults = afters.map((after) => ({ kind: 'reset', after, times: 1 }) as const);
	standIn.misbehaveFor('1001', ...faults);
}

async function award(ifUnclear: string) {
	const parameters = { options: { ifUnclear } };
	return await run({
		items: [ITEM],
		parameters,
		credential: credential(),
		onError: 'continueErrorOutput',
	});
}

test.each([HOUR_MS, -HOUR_MS])(
	'set while an award is on its way, by %i ms: older points are not taken for it',
	async (ms) => {
		standIn.addByHand({ ...ITEM }, 10_000);
		standIn.addByHand({ ...ITEM }, HOUR_MS - 10_000);
		loseAnswers(false);
		setClockAt('POST', 1, ms);

		const { failed } = await award('checkThenSend');

		expect(failed).toMatchObject([{ error: { code: 'outcome_unknown' } }]);
		expect(standIn.ledger).toHaveLength(2);
	},
);

test.each([HOUR_MS, -HOUR_MS])(
	'set between two equal awards, by %i ms: the points of one are not taken for those of the other',
	async (ms) => {
		await award('check');
		step(ms);
		loseAnswers(false);

		const { failed } = await award('check');

		expect(failed).toMatchObject([{ error: { code: 'outcome_unknown' } }]);
		expect(standIn.ledger).toHaveLength(1);
	},
);

test('set while an award is sent again: older points do not prove that it was added twice', async () => {
	standIn.addByHand({ ...ITEM }, 10_000);
	loseAnswers(false);
	setClockAt('POST', 2, HOUR_MS);

	const { succeeded } = await award('checkThenSend');

	expect(succeeded).toMatchObject([{ timesSent: 2, pointsMayHaveBeenAddedTwice: true }]);
	expect(succeeded).not.toMatchObject([{ pointsWereAddedTwice: true }]);
	expect(standIn.ledger).toHaveLength(2);
});

test('set while two equal awards are on their way, and set right later: the one is not taken for the other', async () => {
	standIn.misbehaveFor('1001', { kind: 'reset', times: 1 });
	setClockAt('POST', 2, -HOUR_MS);
	const given = { credential: credential() };
	const first = await run({ items: [ITEM, ITEM], ...given });
	step(HOUR_MS);

	const workflow = addPointsWorkflow({ parameters: { options: { ifUnclear: 'check' } } });
	const { error } = outcomeOf(await n8n().retry(workflow, first.run, given));

	expect(error?.message).toMatch(/^Unclear whether customer 1001 got 5 points/);
	expect(standIn.ledger).toHaveLength(1);
});

test('set between two tries, the second with a renewed key: what the first has paid is not taken for the rest', async () => {
	standIn.misbehaveFor(
		'1001',
		{ kind: 'status', status: 422, times: 1 },
		{ kind: 'status', status: 201, body: '""', after: true, times: 1 },
		{ kind: 'reset', times: 1 },
	);
	const first = await run({ items: [ITEM, ITEM], credential: credential() });
	step(-HOUR_MS);

	const workflow = addPointsWorkflow({ parameters: { options: { ifUnclear: 'check' } } });
	const renewed = newCredential(standIn);
	const { error } = outcomeOf(await n8n().retry(workflow, first.run, { credential: renewed }));

	expect(error?.message).toMatch(/^Unclear whether customer 1001 got 5 points/);
	expect(standIn.ledger).toHaveLength(1);
});
