import type { Host, WorkflowFile } from '../../dev/hosts/Host.cts';
import { Example } from './Example.cts';

const PATH = '/webhook/returned-order';
const SECRET = { name: 'X-Returns-Secret', value: '0f1e2d3c4b5a69788796a5b4c3d2e1f0' };
const RETURN = { email: 'Ann@Example.com', points: 120, order: '1001', return: 'R-77' };

/** What a return takes. */
const TAKEN = { merchantId: '3001', points: -120, reason: 'Order 1001 returned: R-77' };

let example: Example;

beforeAll(async () => {
	example = await Example.open('take-back-points-for-a-returned-order.json', {
		customers: {
			3001: { email: 'ann@example.com', name: 'Ann Lee', points: 500 },
			3002: { email: 'li.wei@example.com', name: 'Li Wei', points: 40 },
		},
		adapt: withSecret,
	});
	await example.publish();
});
afterAll(async () => {
	await example?.close();
});

/** Chooses what the sender of a return has to know. */
async function withSecret(file: WorkflowFile, host: Host) {
	const { id, name } = await host.addCredential('Returns', SECRET, 'httpHeaderAuth');
	const nodes = file.nodes.map((node) =>
		node.type === 'n8n-nodes-base.webhook'
			? { ...node, credentials: { httpHeaderAuth: { id, name } } }
			: node,
	);
	return { ...file, nodes };
}

/** Sends a return as the software of a shop does. */
async function send(body: object) {
	const answer = await fetch(`${example.host.url}${PATH}`, {
		method: 'POST',
		headers: { [SECRET.name]: SECRET.value, 'Content-Type': 'application/json' },
		body: JSON.stringify(body),
	});
	return { status: answer.status, said: await answer.json() };
}

/** The mail that the shop gets. */
async function nextMail() {
	const { to, text } = await example.mailbox.next();
	expect(to).toMatchObject([{ address: 'you@example.com' }]);
	return text;
}

test('nobody takes points without the secret', async () => {
	const answer = await example.host.call('POST', PATH, RETURN);

	expect(answer.status).toBe(403);
	expect(example.shop.requests).toEqual([]);
	await example.screenshotCanvas('returns-canvas');
});

test('a return takes its points back, and a second time takes nothing', async () => {
	expect(await send(RETURN)).toEqual({
		status: 200,
		said: { taken: true, points: 120, wasTakenBefore: false },
	});
	expect(example.shop.ledger).toEqual([TAKEN]);

	expect(await send(RETURN)).toEqual({
		status: 200,
		said: { taken: true, points: 120, wasTakenBefore: true },
	});
	expect(example.shop.ledger).toEqual([TAKEN]);
	expect(example.shop.balanceOf('3001')).toBe(380);
});

test.each([
	{
		what: 'no ID',
		sent: { ...RETURN, return: undefined },
		code: 'invalid_input',
		says: 'Only Once Per',
	},
	{
		what: 'an email that nobody has',
		sent: { ...RETURN, email: 'ann@exmple.com' },
		code: 'customer_not_found',
		says: 'ann@exmple.com',
	},
	{
		what: 'more points than the customer has',
		sent: { ...RETURN, email: 'li.wei@example.com' },
		code: 'refused',
		says: 'li.wei@example.com',
	},
])(
	'a return with $what takes nothing, and trying again would not help',
	async ({ sent, code, says }) => {
		expect(await send(sent)).toEqual({
			status: 422,
			said: {
				taken: false,
				tryAgain: false,
				code,
				message: expect.stringContaining(says) as unknown,
			},
		});

		const text = await nextMail();
		expect(text).toContain(says);
		expect(text).toContain('Order: 1001');
		expect(example.shop.ledger).toEqual([TAKEN]);
	},
);

test('what can pass is sent again by the shop, and then takes the points', async () => {
	const { editor, host, shop, workflow } = example;
	const sent = { ...RETURN, order: '1002', return: 'R-78', points: 30 };
	shop.misbehaveAt('listCustomers', { kind: 'status', status: 500, times: 3 });

	expect(await send(sent)).toMatchObject({
		status: 503,
		said: { taken: false, tryAgain: true, code: 'lookup_failed' },
	});
	expect(await nextMail()).toContain('Return: R-78');
	expect(await send(sent)).toMatchObject({ status: 200, said: { taken: true, points: 30 } });

	expect(shop.ledger).toEqual([
		TAKEN,
		{ merchantId: '3001', points: -30, reason: 'Order 1002 returned: R-78' },
	]);
	const [, failed] = await host.untilEnded(workflow.id, 7);
	await editor.page.goto(`/workflow/${workflow.id}/executions/${failed?.id}`);
	await editor.page.getByTestId('canvas-node').first().waitFor();
	await editor.screenshot('returns-execution');
});
