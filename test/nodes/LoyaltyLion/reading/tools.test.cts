import { runAgent } from '../../../../dev/engine/agents.cts';
import { byEmail, fill, SHOPPERS } from '../../../harness/reads.cts';
import { shop } from '../../../harness/shop.cts';

const { standIn, n8n, credential } = shop(SHOPPERS);
beforeEach(() => fill(standIn));

/** What the harness fills in for Add Points, which these operations do not have. */
const NOTHING_ELSE = { points: 0, reason: '' };

describe.each(['test.callingAgent', 'test.requestingAgent'] as const)('%s', (by) => {
	const call = async (fields: Parameters<typeof runAgent>[1]['fields'], args: object[]) =>
		await runAgent(n8n(), {
			by,
			plan: { fetches: [args as never] },
			fields: { ...NOTHING_ELSE, ...fields },
			credential: credential(),
		});

	test('asks for a customer by the email that the model gives', async () => {
		const get = {
			resource: 'customer',
			operation: 'get',
			customer: byEmail("={{ $fromAI('Email', '', 'string') }}"),
		};

		const answers = await call(get, [{ Email: 'ann@example.com' }, { Email: 'x@example.com' }]);

		expect(answers).toMatchObject([
			{ merchant_id: '1001', points_approved: 65, status: 'member' },
			{ error: { code: 'customer_not_found', email: 'x@example.com' } },
		]);
	});

	test('asks for many by a filter that the model gives', async () => {
		const getAll = {
			resource: 'customer',
			operation: 'getAll',
			limit: 1,
			filters: { status: "={{ $fromAI('Status', '', 'string') }}" },
		};

		const answers = await call(getAll, [{ Status: 'blocked' }, { Status: 'vip' }]);

		expect(answers).toMatchObject([
			{ merchant_id: '1003', status: 'blocked' },
			{ error: { code: 'invalid_input', message: 'Status can\'t be "vip" [item 0]' } },
		]);
		expect(standIn.ledger).toHaveLength(1);
	});
});

test('each operation says what it gives, and that it changes nothing', () => {
	const operations = n8n()
		.nodeDescription()
		.properties.filter(({ name }) => name === 'operation')
		.flatMap(({ options = [] }) => options)
		.flatMap((option) => ('value' in option ? [option] : []))
		.filter(({ value }) => ['get', 'getAll'].includes(String(value)))
		.map(({ description = '' }) => description);

	expect(operations).toHaveLength(5);
	for (const description of operations) {
		expect(description).toMatch(/^Read .*(Changes|Claims) nothing\.$/);
	}
});
