import type { IDataObject } from 'n8n-workflow';
import type { Fault } from '../../../dev/stand-in/faults.cts';
import { MAX_UNCLEAR_IN_A_ROW, Patience } from '../../../nodes/LoyaltyLion/transport/Patience.ts';
import type { Given } from '../../harness/addPoints.cts';
import { errorOf } from '../../harness/errorOf.cts';
import { credentialForEachTest } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';

/** LoyaltyLion, or the way to it, is down: no clear answer comes to one award after another. */

const IDS = Array.from({ length: 300 }, (_, index) => `${1001 + index}`);
const { standIn, run } = shop(
	Object.fromEntries(IDS.map((id) => [id, { email: `c${id}@example.com` }])),
);
const credential = credentialForEachTest(standIn);
shortLooks();

/** As many as are worked on at a time can be on their way when the last of those ten comes back. */
const MOST_SENT = MAX_UNCLEAR_IN_A_ROW + 31;

const ITEMS = IDS.map((merchantId) => ({
	merchantId,
	email: `c${merchantId}@example.com`,
	points: 5,
}));
const OUT_OF_ORDER = { kind: 'status', status: 503 } as const;

const BY_EMAIL = { __rl: true, mode: 'email', value: '={{ $json.email }}' };

async function awardAll({
	items = ITEMS,
	onError = 'continueErrorOutput',
	...parameters
}: Partial<Pick<Given, 'items' | 'onError'>> & IDataObject) {
	return await run({ items, onError, parameters, credential: credential() });
}

const posts = () => standIn.requests.filter(({ method }) => method === 'POST').length;

function withCode(items: IDataObject[], code: string) {
	return items.map(errorOf).filter((error) => error.code === code);
}

test.each(['check', 'checkThenSend', 'report'])(
	'after ten unclear outcomes in a row nothing more is sent: %s',
	async (ifUnclear) => {
		standIn.misbehaveForAll(OUT_OF_ORDER);

		const { failed, hints } = await awardAll({ options: { ifUnclear } });

		const unclear = withCode(failed, 'outcome_unknown');
		const notSent = withCode(failed, 'not_sent');
		expect(posts()).toBeGreaterThanOrEqual(MAX_UNCLEAR_IN_A_ROW);
		expect(posts()).toBeLessThanOrEqual(MOST_SENT);
		expect(unclear).toHaveLength(posts());
		expect(unclear.length + notSent.length).toBe(ITEMS.length);
		for (const error of notSent) {
			expect(error).toMatchObject({
				message: expect.stringMatching(
					/^Not sent: LoyaltyLion gave no clear answer 10 times in a row \[item \d+\]$/,
				),
				description: expect.stringMatching(
					/out of order.* Nothing was sent for it\. Send it again once LoyaltyLion works\. No points were added\.$/,
				),
				pointsMayHaveBeenAdded: false,
				points: 5,
			});
		}
		expect(hints.map(({ message }) => message)).toEqual([
			expect.stringMatching(/Most common reason: nothing more was sent/),
		]);
		expect(standIn.ledger).toEqual([]);
	},
);

test('nor is anybody looked up any more', async () => {
	standIn.misbehaveForAll(OUT_OF_ORDER);

	await awardAll({ customer: BY_EMAIL, options: { ifUnclear: 'report' } });

	const lookups = standIn.requests.length - posts();
	expect(lookups).toBeLessThanOrEqual(MOST_SENT + 31);
	expect(posts()).toBeLessThanOrEqual(MOST_SENT);
});

test('a second sending is no way around it', async () => {
	const [item] = ITEMS;
	const items = Array.from({ length: 12 }, () => ({ ...item }));
	standIn.misbehaveForAll(OUT_OF_ORDER);

	const { failed } = await awardAll({ items, options: { ifUnclear: 'checkThenSend' } });

	expect(withCode(failed, 'outcome_unknown')).toHaveLength(12);
	expect(posts()).toBe(12);
});

test('the next run tries for itself', async () => {
	standIn.misbehaveForAll(OUT_OF_ORDER);
	await awardAll({ options: { ifUnclear: 'report' } });
	standIn.reset();

	const { succeeded } = await awardAll({ options: { ifUnclear: 'report' } });

	expect(succeeded).toHaveLength(ITEMS.length);
});

test('equal awards share their looks, however many there are', async () => {
	const [item] = ITEMS;
	const items = Array.from({ length: 200 }, () => ({ ...item }));
	standIn.misbehaveForAll(OUT_OF_ORDER);

	const { failed } = await awardAll({ items, options: { ifUnclear: 'check' } });

	expect(failed).toHaveLength(items.length);
	expect(standIn.requests.length - posts()).toBeLessThanOrEqual(MOST_SENT);
});

describe('what is counted', () => {
	/** @param outcomes one letter each: u for unclear, c for clear */
	function afterOutcomes(outcomes: string) {
		const patience = new Patience();
		for (const outcome of outcomes) {
			if (outcome === 'u') patience.unclear();
			else patience.clear();
		}
		return patience.hasRunOut;
	}

	test.each([
		['u'.repeat(9), false],
		['u'.repeat(10), true],
		[`${'u'.repeat(9)}c${'u'.repeat(9)}`, false],
		[`c${'u'.repeat(10)}`, true],
		[`${'u'.repeat(10)}c`, true],
		[`${'u'.repeat(9)}c`.repeat(20), false],
	])('%s', (outcomes, hasRunOut) => {
		expect(afterOutcomes(outcomes)).toBe(hasRunOut);
	});

	test.each<{ answer: string; fault: Fault | undefined }>([
		{ answer: 'an award', fault: undefined },
		{ answer: 'a refusal', fault: { kind: 'status', status: 422 } },
		{ answer: 'an unknown customer', fault: { kind: 'status', status: 404 } },
	])('$answer between them is a clear answer', async ({ fault }) => {
		const { clear, unclear } = counted();
		standIn.misbehaveFor('1001', OUT_OF_ORDER);
		if (fault) standIn.misbehaveFor('1002', fault);

		await awardAll({ items: ITEMS.slice(0, 2), options: { ifUnclear: 'report' } });

		expect([clear(), unclear()]).toEqual([1, 1]);
	});

	test.each<{ answer: string; fault: Fault }>([
		{
			answer: 'the limit',
			fault: { kind: 'status', status: 429, headers: { 'Retry-After': '0' } },
		},
	])('$answer is neither', async ({ fault }) => {
		const { clear, unclear } = counted();
		standIn.misbehaveFor('1001', fault);

		await awardAll({ items: ITEMS.slice(0, 1), options: { ifUnclear: 'report' } });

		expect([clear(), unclear()]).toEqual([0, 0]);
	});

	afterEach(() => jest.restoreAllMocks());

	function counted() {
		const clear = jest.spyOn(Patience.prototype, 'clear');
		const unclear = jest.spyOn(Patience.prototype, 'unclear');
		return { clear: () => clear.mock.calls.length, unclear: () => unclear.mock.calls.length };
	}
});
