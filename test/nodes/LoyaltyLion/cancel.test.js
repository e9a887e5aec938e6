const { addPointsWorkflow, outcomeOf } = require('../../harness/addPoints');
const { credentialForEachTest, newCredential } = require('../../harness/newCredential');
const { shop } = require('../../harness/shop');
const { shortLooks } = require('../../harness/shortLooks');

const IDS = ['1001', '1002', '1003', '1004'];
const CUSTOMERS = Object.fromEntries(IDS.map((id) => [id, { email: `c${id}@example.com` }]));

const { standIn, n8n, run } = shop(CUSTOMERS);
const credential = credentialForEachTest(standIn);
shortLooks();

const ITEMS = IDS.map((merchantId) => ({
	merchantId,
	email: `c${merchantId}@example.com`,
	points: 5,
}));
const BY_EMAIL = { customer: { __rl: true, mode: 'email', value: '={{ $json.email }}' } };

/** So slow that the items come one after another: 1002 is on its way when 1003 has not begun. */
const SLOWLY = { requestsPerSecond: 4 };

const CONTINUE = /** @type {const} */ (['continueRegularOutput', 'continueErrorOutput']);

/** What each mode cancels in the middle of, and what became of 1002 then. */
const MOMENTS = [
	{
		moment: 'a request is on its way, and adds its points',
		misbehave: () => standIn.misbehaveFor('1002', { kind: 'silence', after: true, times: 1 }),
		until: '/v2/customers/1002/points',
		options: SLOWLY,
		codes: { 1002: 'outcome_unknown', 1003: 'not_sent', 1004: 'not_sent' },
		afterRerun: 'history',
	},
	{
		moment: 'a request is on its way, and adds none',
		misbehave: () => standIn.misbehaveFor('1002', { kind: 'silence', times: 1 }),
		until: '/v2/customers/1002/points',
		options: { ...SLOWLY, ifUnclear: 'checkThenSend' },
		codes: { 1002: 'outcome_unknown', 1003: 'not_sent', 1004: 'not_sent' },
		afterRerun: 'response',
	},
	{
		moment: 'all wait because LoyaltyLion says so',
		misbehave: () => {
			const headers = { 'Retry-After': '30' };
			standIn.misbehaveFor('1002', { kind: 'status', status: 429, headers, times: 1 });
		},
		until: '/v2/customers/1002/points',
		options: SLOWLY,
		codes: { 1002: 'not_sent', 1003: 'not_sent', 1004: 'not_sent' },
		afterRerun: 'response',
	},
	{
		moment: 'the history is checked',
		misbehave: () => {
			standIn.misbehaveFor('1002', { kind: 'reset', after: true, times: 1 });
			standIn.misbehaveAt('listTransactions', { kind: 'silence', times: 1 });
		},
		until: '/v2/customers/1002/transactions',
		options: { ...SLOWLY, ifUnclear: 'check' },
		codes: { 1002: 'outcome_unknown', 1004: 'not_sent' },
		afterRerun: 'history',
	},
	{
		moment: 'a customer is looked up',
		misbehave: () => standIn.misbehaveAt('listCustomers', { kind: 'silence', times: 1 }),
		until: '/v2/customers',
		options: SLOWLY,
		parameters: BY_EMAIL,
		codes: { 1001: 'not_sent', 1002: 'not_sent', 1003: 'not_sent', 1004: 'not_sent' },
		afterRerun: 'response',
	},
];

/**
 * Cancels the execution as soon as a request has arrived.
 * @param {(typeof MOMENTS)[number]} moment
 * @param {'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput'} onError
 */
async function canceled({ misbehave, until, options, parameters }, onError) {
	misbehave();
	const arrived = standIn.arrival(until);
	/** @type {number | undefined} */
	let requestsThen;
	const outcome = await run({
		items: ITEMS,
		onError,
		parameters: { ...parameters, options: { timeout: 20, ...options } },
		credential: credential(),
		onStart: (execution) =>
			void arrived.then(() => {
				// One turn later, so that the stand-in's answer, if there is one, has been read.
				setTimeout(() => {
					requestsThen = standIn.requests.length;
					execution.cancel();
				}, 50);
			}),
	});
	return { ...outcome, requestsThen };
}

/** @param {import('n8n-workflow').INodeExecutionData[]} items */
function codesOf(items) {
	const failed = items.flatMap(({ json: { error } }) => (error ? [Object(error)] : []));
	return Object.fromEntries(
		failed.map(({ merchantId, email, code }) => [merchantId ?? email.slice(1, 5), code]),
	);
}

describe.each(MOMENTS)('canceled while $moment', (moment) => {
	test.each(CONTINUE)('%s: says of every item what became of it', async (onError) => {
		const { output, requestsThen } = await canceled(moment, onError);

		const items = output.flatMap((part) => part ?? []);
		const places = items.map(({ pairedItem }) => Reflect.get(Object(pairedItem), 'item'));
		expect(places.sort()).toEqual([0, 1, 2, 3]);
		expect(codesOf(items)).toMatchObject(moment.codes);
		const flagged = items.filter(({ json }) =>
			Reflect.get(Object(json.error), 'pointsMayHaveBeenAdded'),
		);
		const succeeded = items.filter(({ json }) => json.success);
		expect(standIn.ledger.length).toBeLessThanOrEqual(succeeded.length + flagged.length);
		expect(standIn.requests).toHaveLength(Number(requestsThen));
	});

	test('stopWorkflow: stops, and a re-run sends what was not sent and checks what is unclear', async () => {
		const { run: execution, requestsThen } = await canceled(moment, 'stopWorkflow');
		expect(execution.data.resultData.error).toBeDefined();
		expect(standIn.requests).toHaveLength(Number(requestsThen));

		const options = { ifUnclear: 'check', ...moment.options, requestsPerSecond: 0 };
		const workflow = addPointsWorkflow({ parameters: { ...moment.parameters, options } });
		const { succeeded, error } = outcomeOf(
			await n8n().retry(workflow, execution, { credential: newCredential(standIn) }),
		);

		expect(error).toBeUndefined();
		expect(succeeded.map(({ merchantId }) => merchantId)).toEqual(IDS);
		expect(succeeded[1]).toMatchObject({ confirmedBy: moment.afterRerun });
		expect(standIn.balances()).toEqual({ 1001: 5, 1002: 5, 1003: 5, 1004: 5 });
		expect(standIn.ledger).toHaveLength(4);
	});
});

test('a canceled execution does not wait for another one whose equal award is on its way', async () => {
	standIn.misbehaveFor('1001', { kind: 'reset', times: 1 }, { kind: 'silence', times: 1 });
	const items = ITEMS.slice(0, 1);
	const arrived = standIn.arrival('/v2/customers/1001/points');
	const first = run({
		items,
		credential: credential(),
		onError: 'continueErrorOutput',
		parameters: { options: { ifUnclear: 'check' } },
		onStart: (execution) =>
			void arrived
				.then(() => standIn.arrival('/v2/customers/1001/points'))
				.then(() => execution.cancel()),
	});
	await arrived;
	const second = run({ items, credential: credential(), parameters: { options: { timeout: 3 } } });
	let hasSecondEnded = false;
	void second.then(() => {
		hasSecondEnded = true;
	});

	await first;

	expect(hasSecondEnded).toBe(false);
	await second;
});

test('an execution that is canceled at once sends nothing', async () => {
	const { output } = await run({
		items: ITEMS,
		onError: 'continueErrorOutput',
		onStart: (execution) => execution.cancel(),
	});

	expect(standIn.requests).toEqual([]);
	expect(output.flatMap((part) => part ?? []).filter(({ json }) => json.success)).toEqual([]);
});
