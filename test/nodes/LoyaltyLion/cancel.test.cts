import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { Hold } from '../../../dev/Hold.cts';
import type { Held } from '../../../dev/stand-in/StandIn.cts';
import { AdjustmentLog } from '../../../nodes/LoyaltyLion/adjustments/AdjustmentLog.ts';
import { Pacer } from '../../../nodes/LoyaltyLion/transport/Pacer.ts';
import { addPointsWorkflow, outcomeOf } from '../../harness/addPoints.cts';
import { calls } from '../../harness/calls.cts';
import { errorOf } from '../../harness/errorOf.cts';
import { credentialForEachTest } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';

const { standIn, n8n, run } = shop({});
const credential = credentialForEachTest(standIn);
shortLooks();
afterEach(() => jest.restoreAllMocks());

const BY_EMAIL = { customer: { __rl: true, mode: 'email', value: '={{ $json.email }}' } };

const CONTINUE = ['continueRegularOutput', 'continueErrorOutput'] as const;

let lastId = 1000;

/** Four customers of a test's own, so that nothing that another test has left over is counted. */
function newCustomers() {
	const ids = Array.from({ length: 4 }, () => `${++lastId}`);
	for (const id of ids) standIn.customers[id] = { email: emailOf(id) };
	const isOfThem = (path: string) => ids.some((id) => path.includes(id));
	return {
		ids,
		items: ids.map((merchantId) => ({ merchantId, email: emailOf(merchantId), points: 5 })),
		/** What has been sent for them. */
		sent: () => standIn.requests.map(({ path }) => path).filter(isOfThem),
		/** What they were given. */
		awards: () => standIn.ledger.filter(({ merchantId }) => ids.includes(merchantId)),
	};
}

function emailOf(id: string) {
	return `c${id}@example.com`;
}

function holdLookup(id: string | undefined = '') {
	const email = encodeURIComponent(emailOf(id));
	return standIn.hold(({ path }) => path.includes(`email=${email}`));
}

function holdPoints(id: string | undefined) {
	return standIn.hold(({ path }) => path === `/v2/customers/${id}/points`);
}

function holdHistory(id: string | undefined) {
	return standIn.hold(({ path }) => path.startsWith(`/v2/customers/${id}/transactions`));
}

/**
 * Brings the items to where the first one is done, the second one is on its way, and the others are still
 * being looked up, so that these cannot be sent.
 */
function sendingSecond([first, second, ...others]: string[]) {
	const [ofFirst, ofSecond] = [holdPoints(first), holdPoints(second)];
	const lookups = others.map(holdLookup);
	const sendFirst = async () => {
		await haveArrived([ofFirst, ofSecond, ...lookups]);
		const answered = calls(Pacer.prototype, 'taken');
		ofFirst.release();
		await answered;
	};
	return { ofSecond, lookups, reached: sendFirst(), letGo: () => release([ofSecond, ...lookups]) };
}

async function haveArrived(holds: Hold<Held>[]) {
	await Promise.all(holds.map(({ arrived }) => arrived));
}

function release(holds: Hold<Held>[]) {
	for (const hold of holds) hold.release();
}

/**
 * What the items are in the middle of, what becomes of each then, and how the second one is confirmed when
 * the execution is retried.
 */
const MOMENTS: {
	moment: string;
	bringAbout: (ids: string[]) => { reached: Promise<unknown>; letGo: () => void };
	options?: IDataObject;
	codes: (string | undefined)[];
	afterRerun: string;
}[] = [
	{
		moment: 'a request is on its way, and adds its points',
		bringAbout: (ids) => {
			standIn.misbehaveFor(`${ids[1]}`, { kind: 'reset', after: true, times: 1 });
			return sendingSecond(ids);
		},
		codes: [undefined, 'outcome_unknown', 'not_sent', 'not_sent'],
		afterRerun: 'history',
	},
	{
		moment: 'a request is on its way, and adds none',
		bringAbout: (ids) => {
			standIn.misbehaveFor(`${ids[1]}`, { kind: 'reset', times: 1 });
			return sendingSecond(ids);
		},
		options: { ifUnclear: 'checkThenSend' },
		codes: [undefined, 'outcome_unknown', 'not_sent', 'not_sent'],
		afterRerun: 'response',
	},
	{
		moment: 'all wait because LoyaltyLion says so',
		bringAbout: (ids) => {
			const headers = { 'Retry-After': `${PAUSE_MS / 1000}` };
			standIn.misbehaveFor(`${ids[1]}`, { kind: 'status', status: 429, headers, times: 1 });
			const { reached, ofSecond, lookups, letGo } = sendingSecond(ids);
			const wait = async () => {
				await reached;
				const paused = calls(Pacer.prototype, 'refused');
				const allWait = calls(Pacer.prototype, 'turn', 3);
				ofSecond.release();
				await paused;
				release(lookups);
				await allWait;
			};
			return { reached: wait(), letGo };
		},
		codes: [undefined, 'not_sent', 'not_sent', 'not_sent'],
		afterRerun: 'response',
	},
	{
		moment: 'the history is checked',
		bringAbout: (ids) => {
			standIn.misbehaveFor(`${ids[1]}`, { kind: 'reset', after: true, times: 1 });
			const history = holdHistory(ids[1]);
			const { reached, ofSecond, letGo } = sendingSecond(ids);
			const look = async () => {
				await reached;
				ofSecond.release();
				await history.arrived;
			};
			return {
				reached: look(),
				letGo: () => {
					history.release();
					letGo();
				},
			};
		},
		options: { ifUnclear: 'check' },
		codes: [undefined, 'outcome_unknown', 'not_sent', 'not_sent'],
		afterRerun: 'history',
	},
	{
		moment: 'the customers are looked up',
		bringAbout: (ids) => {
			const lookups = ids.map(holdLookup);
			return { reached: haveArrived(lookups), letGo: () => release(lookups) };
		},
		codes: ['not_sent', 'not_sent', 'not_sent', 'not_sent'],
		afterRerun: 'response',
	},
];

/** How long LoyaltyLion wants everybody to wait. */
const PAUSE_MS = 30_000;

/** Lets the node believe that this time has passed. */
function afterThePause() {
	const [now, today] = [performance.now.bind(performance), Date.now];
	jest.spyOn(performance, 'now').mockImplementation(() => now() + PAUSE_MS);
	jest.spyOn(Date, 'now').mockImplementation(() => today() + PAUSE_MS);
}

/** Cancels the execution in the middle of something. */
async function canceled(
	{ bringAbout, options }: (typeof MOMENTS)[number],
	onError: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput',
) {
	const customers = newCustomers();
	const { reached, letGo } = bringAbout(customers.ids);
	let sentBefore: string[] | undefined;
	const outcome = await run({
		items: customers.items,
		onError,
		parameters: { ...BY_EMAIL, ...(options && { options }) },
		credential: credential(),
		onStart: (execution) =>
			void reached.then(() => {
				sentBefore = customers.sent();
				execution.cancel();
				letGo();
			}),
	});
	return { ...outcome, ...customers, sentBefore };
}

function placeOf({ pairedItem }: INodeExecutionData) {
	return Number(Reflect.get(Object(pairedItem), 'item'));
}

describe.each(MOMENTS)('canceled while $moment', (moment) => {
	test.each(CONTINUE)('%s: says of every item what became of it', async (onError) => {
		const { output, sent, sentBefore, awards } = await canceled(moment, onError);

		const items = output
			.flatMap((part) => part ?? [])
			.sort((one, other) => placeOf(one) - placeOf(other));
		expect(items.map(placeOf)).toEqual([0, 1, 2, 3]);
		const errors = items.map(({ json }) => errorOf(json));
		expect(errors.map(({ code }) => code)).toEqual(moment.codes);
		const flagged = errors.filter(({ pointsMayHaveBeenAdded }) => pointsMayHaveBeenAdded);
		const succeeded = items.filter(({ json }) => json.success);
		expect(awards().length).toBeLessThanOrEqual(succeeded.length + flagged.length);
		expect(sent()).toEqual(sentBefore);
	});

	test('stopWorkflow: stops, and a re-run sends what was not sent and checks what is unclear', async () => {
		const stopped = await canceled(moment, 'stopWorkflow');
		const { ids, sent, sentBefore, awards } = stopped;
		expect(stopped.run.data.resultData.error).toBeDefined();
		expect(sent()).toEqual(sentBefore);

		afterThePause();
		const options = { ifUnclear: 'check', ...moment.options };
		const workflow = addPointsWorkflow({ parameters: { ...BY_EMAIL, options } });
		const { succeeded, error } = outcomeOf(
			await n8n().retry(workflow, stopped.run, { credential: credential() }),
		);

		expect(error).toBeUndefined();
		expect(succeeded.map(({ merchantId }) => merchantId)).toEqual(ids);
		expect(succeeded[1]).toMatchObject({ confirmedBy: moment.afterRerun });
		expect(awards()).toHaveLength(4);
		expect(new Set(awards().map(({ merchantId }) => merchantId))).toEqual(new Set(ids));
		expect(awards().map(({ points }) => points)).toEqual([5, 5, 5, 5]);
	});
});

test('a canceled execution does not wait for another one whose equal award is on its way', async () => {
	const { ids, items } = newCustomers();
	const given = { items: items.slice(0, 1), credential: credential() };
	standIn.misbehaveFor(`${ids[0]}`, { kind: 'reset', times: 1 });
	const waits = calls(AdjustmentLog.prototype, 'whileChecking');
	const ofFirst = holdPoints(ids[0]);
	const first = run({
		...given,
		onError: 'continueErrorOutput',
		parameters: { options: { ifUnclear: 'check' } },
		onStart: (execution) => void waits.then(() => execution.cancel()),
	});
	await ofFirst.arrived;
	const ofSecond = holdPoints(ids[0]);
	const second = run(given);
	await ofSecond.arrived;

	ofFirst.release();
	const { output } = await first;
	ofSecond.release();

	expect(output[1]).toMatchObject([{ json: { error: { code: 'outcome_unknown' } } }]);
	expect((await second).succeeded).toHaveLength(1);
});

test('an execution that is canceled at once sends nothing', async () => {
	const { items, sent } = newCustomers();
	const { output } = await run({
		items,
		onError: 'continueErrorOutput',
		onStart: (execution) => execution.cancel(),
	});

	expect(sent()).toEqual([]);
	expect(output.flatMap((part) => part ?? []).filter(({ json }) => json.success)).toEqual([]);
});
