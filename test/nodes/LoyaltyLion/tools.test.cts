import { runAgent } from '../../../dev/engine/agents.cts';
import { shop } from '../../harness/shop.cts';

const ANN = { Customer: '1001', Points: 25, Reason: 'Quiz' };
const BOB = { Customer: '1002', Points: 50, Reason: 'Survey' };

const { standIn, n8n, credential } = shop();
const RETRY_ON_FAIL = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
const AGENTS = ['test.callingAgent', 'test.requestingAgent'] as const;

const calls = async (given: Omit<Parameters<typeof runAgent>[1], 'credential'>) =>
	await runAgent(n8n(), { ...given, credential: credential() });

const successFor = ({
	Customer,
	Points,
	Reason,
}: {
	Customer: string;
	Points: number;
	Reason: string;
}) => ({
	success: true,
	merchantId: Customer,
	points: Points,
	reason: Reason,
	confirmedBy: 'response',
});

const MIXED_UP = {
	error: {
		code: 'invalid_input',
		message: expect.stringMatching(/^This tool call got the values of another call/),
	},
};

describe('calls of tools that were fetched together', () => {
	const plan = { fetches: [[ANN], [BOB]], atOnce: true };

	test.each([{}, RETRY_ON_FAIL])(
		"are not answered with each other's awards, and pay nobody twice: %j",
		async (settings) => {
			const answers = await calls({ by: 'test.callingAgent', plan, settings });

			expect(answers).toMatchObject([successFor(ANN), MIXED_UP]);
			expect(standIn.ledger).toEqual([{ merchantId: '1001', points: 25, reason: 'Quiz' }]);
		},
	);

	test('pay both where the engine makes them', async () => {
		const answers = await calls({ by: 'test.requestingAgent', plan, settings: RETRY_ON_FAIL });

		expect(answers).toMatchObject([successFor(ANN), successFor(BOB)]);
		expect(standIn.balances()).toEqual({ 1001: 25, 1002: 50 });
	});

	test('that ask for the same are two awards', async () => {
		const answers = await calls({
			by: 'test.callingAgent',
			plan: { fetches: [[ANN], [ANN]], atOnce: true },
		});

		expect(answers).toMatchObject([successFor(ANN), successFor(ANN)]);
		expect(standIn.balances()).toEqual({ 1001: 50 });
	});
});

describe.each(AGENTS)('%s', (by) => {
	test.each([
		{ fetched: 'one tool', fetches: [[ANN, BOB, ANN]] },
		{ fetched: 'a tool for each', fetches: [[ANN], [BOB], [ANN]] },
	])('pays each of several calls, one after another, of $fetched', async ({ fetches }) => {
		const answers = await calls({ by, plan: { fetches } });

		expect(answers).toMatchObject([ANN, BOB, ANN].map(successFor));
		expect(standIn.balances()).toEqual({ 1001: 50, 1002: 50 });
	});

	test('finds arguments that are wrapped in a query', async () => {
		const answers = await calls({ by, plan: { fetches: [[ANN, BOB]], wrapped: true } });

		expect(answers).toMatchObject([ANN, BOB].map(successFor));
		expect(standIn.balances()).toEqual({ 1001: 25, 1002: 50 });
	});

	test('is told when an answer gets lost, and Retry On Fail sends nothing again', async () => {
		standIn.misbehaveFor('1001', { kind: 'reset', after: true });

		const answers = await calls({ by, plan: { fetches: [[ANN]] }, settings: RETRY_ON_FAIL });

		expect(answers).toMatchObject([
			{ error: { code: 'outcome_unknown', pointsMayHaveBeenAdded: true, merchantId: '1001' } },
		]);
		expect(standIn.balances()).toEqual({ 1001: 25 });
		expect(standIn.requests).toHaveLength(1);
	});
});

test('calls with wrapped arguments are told apart, too, when their tools were fetched together', async () => {
	const plan = { fetches: [[ANN], [BOB]], atOnce: true, wrapped: true };

	const answers = await calls({ by: 'test.callingAgent', plan });

	expect(answers).toMatchObject([successFor(ANN), MIXED_UP]);
	expect(standIn.balances()).toEqual({ 1001: 25 });
});

describe('a field that reads the item of the agent', () => {
	const BY_ITEM = {
		customer: { __rl: true, mode: 'merchantId', value: '={{ $json.id }}' },
		toolDescription: '={{ $json.id }}',
	};
	const items = [{ id: '1001' }, { id: '1002' }];
	const forAnn = [{ Points: ANN.Points, Reason: ANN.Reason }];
	const forBob = [{ Points: BOB.Points, Reason: BOB.Reason }];
	const UNTOLD = {
		error: {
			code: 'invalid_input',
			message: expect.stringMatching(/^This tool call could get the values of another item/),
		},
	};

	test.each([
		BY_ITEM,
		{ customer: { ...BY_ITEM.customer, value: "={{ $('Start').item.json.id }}" } },
		{
			customer: {
				...BY_ITEM.customer,
				value: "={{ $fromAI('Whom', '', 'string', '') || $json.id }}",
			},
		},
	])('is not read from the first of several items: $customer.value', async (fields) => {
		const plan = { fetches: [forAnn, forBob] };

		const answers = await calls({ by: 'test.callingAgent', plan, items, fields });

		expect(answers).toMatchObject([UNTOLD, UNTOLD]);
		expect(standIn.requests).toEqual([]);
	});

	test('is that of the only one', async () => {
		const plan = { fetches: [forBob] };

		await calls({ by: 'test.callingAgent', plan, items: items.slice(1), fields: BY_ITEM });

		expect(standIn.balances()).toEqual({ 1002: 50 });
	});

	test('is that of each where the engine makes the calls', async () => {
		const plan = { fetches: [forAnn, forBob] };

		await calls({ by: 'test.requestingAgent', plan, items, fields: BY_ITEM });

		expect(standIn.balances()).toEqual({ 1001: 25, 1002: 50 });
	});

	test('does not matter where it is the same for all', async () => {
		const value = "={{ $('Start').first().json.id }}";
		const fields = { customer: { ...BY_ITEM.customer, value } };
		const plan = { fetches: [forAnn, forBob] };

		await calls({ by: 'test.callingAgent', plan, items, fields });

		expect(standIn.balances()).toEqual({ 1001: 75 });
	});
});
