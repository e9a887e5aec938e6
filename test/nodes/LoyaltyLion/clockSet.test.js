const { clock } = require('../../harness/clock');
const { credentialForEachTest } = require('../../harness/newCredential');
const { shop } = require('../../harness/shop');
const { shortLooks } = require('../../harness/shortLooks');

const { standIn, run } = shop();
const credential = credentialForEachTest(standIn);
const { step } = clock(standIn);
shortLooks();

const ITEM = { merchantId: '1001', points: 5, reason: 'Quiz' };
const HOUR_MS = 3_600_000;

/**
 * Sets the clock when a request arrives.
 * @param {'POST' | 'GET'} method
 * @param {number} number of the requests by that method, counted from 1
 * @param {number} ms
 */
function setClockAt(method, number, ms) {
	let count = 0;
	standIn.onArrival = (request) => {
		if (request.method === method && ++count === number) step(ms);
	};
}

/** @param {boolean[]} afters of one answer that gets lost after another: whether the points are added before */
function loseAnswers(...afters) {
	const faults = afters.map((after) => /** @type {const} */ ({ kind: 'reset', after, times: 1 }));
	standIn.misbehaveFor('1001', ...faults);
}

/** @param {string} ifUnclear @param {import('n8n-workflow').IDataObject[]} [items] */
async function award(ifUnclear, items = [ITEM]) {
	const parameters = { options: { ifUnclear } };
	return await run({
		items,
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
