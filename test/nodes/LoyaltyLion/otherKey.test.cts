import { StandIn } from '../../../dev/stand-in/StandIn.cts';
import { anotherProcess } from '../../harness/anotherProcess.cts';
import { awarding } from '../../harness/awarding.cts';
import { openDoor } from '../../harness/door.cts';
import { credentialForEachTest, newCredential } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';

const CUSTOMERS = { 1: {}, 2: {}, 1666: { blocked: true } };
const theShop = shop(CUSTOMERS);
const { standIn, n8n } = theShop;
const credential = credentialForEachTest(standIn);
const { award, retry, posts } = awarding(theShop, credential);
shortLooks();

const ITEM = { merchantId: '1', points: 5, reason: 'Quiz' };
const REFUSED = { merchantId: '1666', points: 7, reason: 'Quiz' };
const POINTS = '/v2/customers/1/points';
const CHECK = { ifUnclear: 'check' };
const AGAIN = { ifUnclear: 'checkThenSend' };
const CONTINUE = { onError: 'continueErrorOutput' } as const;
const LOST = { kind: 'reset', times: 1 } as const;
const LOST_BUT_ADDED = { kind: 'reset', after: true, times: 1 } as const;
const UNKNOWN = { error: { code: 'outcome_unknown' } };
const OTHER_KEY = /another API key or Base URL than the LoyaltyLion credential has now/;

/** Another store, which has customers of the same IDs. */
let anotherStore: StandIn;
beforeAll(async () => {
	anotherStore = await new StandIn({
		apiKeys: { pat_another: ['write_customers'] },
		customers: CUSTOMERS,
	}).start();
});
afterEach(() => anotherStore.reset());
afterAll(() => anotherStore.stop());

const CHANGES = [
	{
		what: 'another key of the same store',
		changed: async () => newCredential(standIn),
	},
	{
		what: "another store's key and Base URL",
		changed: async () => ({ apiKey: 'pat_another', baseUrl: anotherStore.url }),
	},
	{
		what: 'the same key at another Base URL',
		changed: async () => {
			const { apiKey } = credential();
			anotherStore.accounts.apiKeys[apiKey] = ['write_customers'];
			return { apiKey, baseUrl: anotherStore.url };
		},
	},
];

describe.each(CHANGES)('$what', ({ changed }) => {
	test.each([CHECK, AGAIN, {}])('an unclear award is never sent again: %j', async (options) => {
		standIn.misbehaveFor('1', LOST);
		const { run } = await award([ITEM]);

		const { failed } = await retry(run, { options, ...CONTINUE, credential: await changed() });

		expect(failed).toMatchObject([UNKNOWN]);
		expect([posts(), anotherStore.ledger.length]).toEqual([1, 0]);
	});

	test('it says why', async () => {
		standIn.misbehaveFor('1', LOST);
		const { run } = await award([ITEM]);

		const given = { options: AGAIN, ...CONTINUE, credential: await changed() };
		const { failed } = await retry(run, given);

		expect(failed).toMatchObject([{ error: { description: expect.stringMatching(OTHER_KEY) } }]);
	});

	test('nor is one that was sent twice, which says so', async () => {
		standIn.misbehaveFor('1', LOST, LOST);
		const { run } = await award([ITEM], { options: AGAIN });

		const given = { options: AGAIN, ...CONTINUE, credential: await changed() };
		const { failed } = await retry(run, given);

		expect(failed).toMatchObject([{ error: { timesSent: 2, pointsMayHaveBeenAddedTwice: true } }]);
		expect([posts(), anotherStore.ledger.length]).toEqual([2, 0]);
	});

	test('what is paid stays paid, and a hint says with what', async () => {
		const { run } = await award([ITEM, REFUSED]);
		const before = standIn.ledger.length;

		const given = { options: AGAIN, ...CONTINUE, credential: await changed() };
		const { succeeded, hints } = await retry(run, given);

		expect(succeeded).toMatchObject([{ ...ITEM, confirmedBy: 'earlierTry' }]);
		expect([before, standIn.ledger.length, anotherStore.ledger.length]).toEqual([1, 1, 0]);
		expect(hints.map(({ message }) => message).join('\n')).toMatch(OTHER_KEY);
	});
});

test('with the same key there is no such hint', async () => {
	const { run } = await award([ITEM, REFUSED]);

	const { succeeded, hints } = await retry(run, CONTINUE);

	expect(succeeded).toHaveLength(1);
	expect(hints.map(({ message }) => message).join('\n')).not.toMatch(OTHER_KEY);
});

describe('a renewed key of the same store', () => {
	test.each([
		{ where: 'in this process', host: async () => n8n() },
		{ where: 'in another process', host: anotherProcess },
	])('finds a row that names the reason, $where', async ({ host }) => {
		standIn.misbehaveFor('1', LOST_BUT_ADDED);
		const { run } = await award([ITEM]);

		const given = { options: AGAIN, credential: newCredential(standIn), host: await host() };
		const { succeeded } = await retry(run, given);

		expect(succeeded).toMatchObject([{ ...ITEM, confirmedBy: 'history' }]);
		expect(posts()).toBe(1);
	});

	test.each([
		{ what: 'names no reason', describe: () => ({}) },
		{ what: 'names another', describe: () => ({ note: 'Birthday' }) },
	])('proves nothing with a row that $what', async ({ describe: toAdjustment }) => {
		standIn.describeAdjustment = toAdjustment;
		standIn.misbehaveFor('1', LOST_BUT_ADDED);
		const { run } = await award([ITEM]);

		const given = { options: AGAIN, ...CONTINUE, credential: newCredential(standIn) };
		const { failed } = await retry(run, given);

		expect(failed).toMatchObject([UNKNOWN]);
		expect(posts()).toBe(1);
	});

	test('does not take the row of an award that another execution made with the old one', async () => {
		standIn.misbehaveFor('1', LOST);
		const { run } = await award([ITEM]);
		await award([ITEM]);

		const given = { options: AGAIN, ...CONTINUE, credential: newCredential(standIn) };
		const { failed } = await retry(run, given);

		expect(failed).toMatchObject([UNKNOWN]);
		expect(standIn.ledger).toHaveLength(1);
	});

	test('nor that of one which is unclear', async () => {
		standIn.misbehaveFor('1', LOST_BUT_ADDED, LOST);
		await award([ITEM]);
		const { run } = await award([ITEM]);

		const given = { options: AGAIN, ...CONTINUE, credential: newCredential(standIn) };
		const { failed } = await retry(run, given);

		expect(failed).toMatchObject([UNKNOWN]);
	});

	test('nor that of one which is still on its way with the old one', async () => {
		const door = await openDoor(standIn.url);
		const old = { ...credential(), baseUrl: door.url };
		standIn.misbehaveFor('1', LOST);
		const { run } = await award([ITEM], { credential: old });
		const release = door.hold();
		const arrived = standIn.arrival(POINTS);
		const onItsWay = award([ITEM], { credential: old, options: { timeout: 20 } });
		await arrived;

		const retried = retry(run, {
			options: CHECK,
			...CONTINUE,
			credential: { ...newCredential(standIn), baseUrl: standIn.url },
		});
		await Promise.race([retried, wouldHaveLooked()]);
		release();
		door.close();

		expect((await onItsWay).succeeded).toMatchObject([{ confirmedBy: 'response' }]);
		expect((await retried).failed).toMatchObject([UNKNOWN]);
	});

	test('nor does the old one take what the renewed one has found', async () => {
		standIn.misbehaveFor('1', LOST_BUT_ADDED, LOST);
		const [first, second] = await Promise.all([award([ITEM]), award([ITEM])]);

		const renewed = newCredential(standIn);
		const outcomes = await Promise.all([
			retry(first.run, { options: CHECK, ...CONTINUE, credential: renewed }),
			retry(second.run, { options: CHECK, ...CONTINUE }),
		]);

		expect(outcomes.flatMap(({ succeeded }) => succeeded).length).toBeLessThanOrEqual(1);
	});

	test('says that it was sent twice with the old one', async () => {
		standIn.misbehaveFor('1', LOST, LOST_BUT_ADDED);
		const { run } = await award([ITEM]);
		standIn.historyLagMs = 3_600_000;
		await retry(run, { options: AGAIN });
		standIn.historyLagMs = 0;

		const { succeeded } = await retry(run, { options: AGAIN, credential: newCredential(standIn) });

		expect(succeeded).toMatchObject([{ timesSent: 2, pointsMayHaveBeenAddedTwice: true }]);
	});

	/** As long as a check takes that waits for nothing. */
	async function wouldHaveLooked() {
		standIn.misbehaveFor('2', LOST);
		await award([{ ...ITEM, merchantId: '2' }], {
			options: CHECK,
			credential: newCredential(standIn),
		});
	}
});
