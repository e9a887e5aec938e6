import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { N8n, type WorkflowJson } from '../dev/engine/N8n.cts';
import { StandIn } from '../dev/stand-in/StandIn.cts';

const EXAMPLES = join(__dirname, '../examples');

function demo(args: string[], environment?: NodeJS.ProcessEnv) {
	return spawnSync('node', ['--require', 'tsx/cjs', join(EXAMPLES, 'demo.cts'), ...args], {
		encoding: 'utf8',
		env: { ...process.env, LOYALTYLION_API_KEY: '', ...environment },
		input: '',
	});
}

/** The rows of a printed table, a cell that goes over several lines put together again. */
function tables(printed: string) {
	const rows = printed
		.split(/^[┌├].*$/m)
		.slice(1)
		.map((row) =>
			row
				.split('\n')
				.filter((line) => line.startsWith('│'))
				.map((line) =>
					line
						.split('│')
						.slice(1, -1)
						.map((cell) => cell.trim()),
				),
		);
	return rows.map((lines) =>
		(lines[0] ?? []).map((_, column) =>
			lines
				.map((line) => line[column])
				.join(' ')
				.trim(),
		),
	);
}

test('the demo shows row by row what became of each submission, and the balances', () => {
	const { stdout, stderr, status } = demo([]);

	expect(stderr).toBe('');
	expect(status).toBe(0);
	const says = (pattern: RegExp): unknown => expect.stringMatching(pattern);
	const invalidPoints = (value: string): unknown =>
		expect.stringMatching(`^invalid_input: Points can't be "${value}" \\[item`);
	expect(tables(stdout)).toEqual([
		['Item', 'Email', 'Points', 'Outcome'],
		['0', 'ann@example.com', '50', '50 points added for customer 6145627226296'],
		['1', 'joann@example.com', '100', '100 points added for customer 6145627226297'],
		['2', 'Maria.Lopez@Example.com', '25', '25 points added for customer 6145627226298'],
		['3', 'li.wei@example.com', '75', '75 points added for customer 6145627226299'],
		['4', 'ann@example.com', '1,000', invalidPoints('1,000')],
		['5', '', '20', says(/^invalid_input: Email is empty \[item 5\]/)],
		['6', 'tom@example.com', '-50', invalidPoints('-50')],
		[
			'7',
			'ann@example.co',
			'50',
			says(/^customer_not_found: No LoyaltyLion customer has the email ann@example.co /),
		],
		[
			'8',
			'sam@example.com',
			'40',
			says(/^refused: The customer with the email sam@example.com is blocked/),
		],
		[
			'9',
			'kim@example.com',
			'60',
			'60 points added for customer 6145627226302 (the answer was lost; found in their history)',
		],
		['10', 'joann@example.com', '2000000', invalidPoints('2000000')],
		['11', 'tom@example', '10', says(/^invalid_input: Email can't be "tom@example" \[item 11\]/)],
		[
			'12',
			'family@example.com',
			'30',
			says(/^customer_ambiguous: Several LoyaltyLion customers have the email/),
		],
		['13', 'pat+quiz@example.com', '15', '15 points added for customer 6145627226306'],
		['Merchant ID', 'Points'],
		['6145627226296', '50'],
		['6145627226297', '100'],
		['6145627226298', '25'],
		['6145627226299', '75'],
		['6145627226302', '60'],
		['6145627226306', '15'],
	]);
	expect(stdout).toContain('6 of 14 items got their points, 8 did not.');
});

describe('the demo takes a file of the user', () => {
	const folder = mkdtempSync(join(tmpdir(), 'demo-'));
	const file = (text: string) => {
		const path = join(folder, 'mine.csv');
		writeFileSync(path, text);
		return path;
	};

	test('and runs it', () => {
		const path = file('Points,Email,Reason,Name\n5,leo@example.org,,Leo\n');

		expect(tables(demo(['--csv', path]).stdout)).toContainEqual([
			'0',
			'leo@example.org',
			'5',
			'5 points added for customer 1001',
		]);
	});

	test.each([
		{
			what: 'no file',
			args: ['--csv', join(folder, 'none.csv')],
			says: /^demo: .*none\.csv cannot be read: ENOENT.*\n$/,
		},
		{
			what: 'a column missing',
			args: () => ['--csv', file('Points,Reason\n1,\n')],
			says: /^demo: .*lacks the column Email\. .*\n$/,
		},
		{
			what: 'no rows',
			args: () => ['--csv', file('Points,Reason\n')],
			says: /^demo: .*holds no rows\.\n$/,
		},
		{
			what: 'a row too long',
			args: () => ['--csv', file('Email,Points,Reason\n1,2,3,4\n')],
			says: /^demo: .*is no CSV: .*\n$/,
		},
		{ what: 'a switch it does not have', args: ['--fast'], says: /^demo: Usage: .*\n$/ },
	])('and says in one line what is wrong: $what', ({ args, says }) => {
		const { stdout, stderr, status } = demo(typeof args === 'function' ? args() : args);

		expect(stderr).toMatch(says);
		expect(stderr.trim().split('\n')).toHaveLength(1);
		expect(stdout).toBe('');
		expect(status).toBe(1);
	});
});

test('the demo adds no real points unless told to', () => {
	const { stderr, stdout, status } = demo([], { LOYALTYLION_API_KEY: 'pat_real' });

	expect(stderr).toMatch(/^demo: This would add real points\. .*--yes/);
	expect(`${stdout}${stderr}`).not.toContain('pat_real');
	expect(status).toBe(1);
});

describe.each(['form-submissions.json', 'points-for-a-form.json'])('the example %s', (name) => {
	const workflow: WorkflowJson = JSON.parse(readFileSync(join(EXAMPLES, name), 'utf8'));
	const [trigger] = workflow.nodes.map((node) => node.name);

	test('is fit to import: it holds no credential, and no data', () => {
		for (const node of workflow.nodes) expect(node).not.toHaveProperty('credentials');
		expect(workflow).toMatchObject({ pinData: {} });
	});

	test.each([
		{
			email: 'ann@example.com',
			ends: {
				'form-submissions.json': 'Points Added',
				'points-for-a-form.json': 'Thank the Shopper',
			},
		},
		{
			email: 'nobody@example.com',
			ends: {
				'form-submissions.json': 'Needs a Look',
				'points-for-a-form.json': 'Promise to Look',
			},
		},
	])('takes $email to the right end', async ({ email, ends }) => {
		const standIn = await new StandIn({
			apiKeys: { pat_x: ['write_customers'] },
			customers: { 1001: { email: 'ann@example.com' } },
		}).start();
		const n8n = await N8n.load();

		const run = await n8n.run(withCredential(workflow), {
			pinData: { [String(trigger)]: [{ json: { Email: email, Points: 50, Reason: 'Hi' } }] },
			credential: { apiKey: 'pat_x', baseUrl: standIn.url },
		});

		expect(run.data.resultData.lastNodeExecuted).toBe(Reflect.get(ends, name));
		expect(standIn.balances()).toEqual(email === 'ann@example.com' ? { 1001: 50 } : {});
		await standIn.stop();
	});
});

/** What whoever imports a workflow does first. */
function withCredential({ nodes, connections }: WorkflowJson) {
	const credentials = { loyaltyLionApi: { id: '1', name: 'LoyaltyLion account' } };
	return {
		nodes: nodes.map((node) => (node.name === 'LoyaltyLion' ? { ...node, credentials } : node)),
		connections,
	};
}
