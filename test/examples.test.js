const { spawnSync } = require('node:child_process');
const { mkdtempSync, readFileSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const EXAMPLES = join(__dirname, '../examples');

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [environment]
 */
function demo(args, environment) {
	return spawnSync('node', [join(EXAMPLES, 'demo.js'), ...args], {
		encoding: 'utf8',
		env: { ...process.env, LOYALTYLION_API_KEY: '', ...environment },
		input: '',
	});
}

/**
 * The rows of a printed table, a cell that goes over several lines put together again.
 * @param {string} printed
 */
function tables(printed) {
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
	const invalidPoints = (/** @type {string} */ value) =>
		expect.stringMatching(`^invalid_input: Points can't be "${value}" \\[item`);
	expect(tables(stdout)).toEqual([
		['Item', 'Customer number', 'Points', 'Outcome'],
		['0', '6145627226296', '50', '50 points added'],
		['1', '6145627226297', '100', '100 points added'],
		['2', 'gid://shopify/Custome…', '25', '25 points added'],
		['3', '6145627226299', '75', '75 points added'],
		['4', '6145627226296', '1,000', invalidPoints('1,000')],
		['5', '', '20', expect.stringMatching(/^invalid_input: Merchant ID is empty \[item 5\]/)],
		['6', '6145627226300', '-50', invalidPoints('-50')],
		[
			'7',
			'9999999999999',
			'50',
			expect.stringMatching(
				/^customer_not_found: LoyaltyLion has no customer with the merchant ID 9999999999999/,
			),
		],
		[
			'8',
			'6145627226301',
			'40',
			expect.stringMatching(/^refused: LoyaltyLion refused to add 40 points/),
		],
		[
			'9',
			'6145627226302',
			'60',
			expect.stringMatching(
				/^outcome_unknown: Unclear whether customer 6145627226302 got 60 points/,
			),
		],
		['10', '6145627226297', '2000000', invalidPoints('2000000')],
		['11', '0042', '15', '15 points added'],
		['Customer', 'Points'],
		['6145627226296', '50'],
		['6145627226297', '100'],
		['6145627226298', '25'],
		['6145627226299', '75'],
		['6145627226302', '60'],
		['0042', '15'],
	]);
	expect(stdout).toContain('5 of 12 items got their points, 6 did not, for 1 it is unclear.');
});

describe('the demo takes a file of the user', () => {
	const folder = mkdtempSync(join(tmpdir(), 'demo-'));
	/** @param {string} text */
	const file = (text) => {
		const path = join(folder, 'mine.csv');
		writeFileSync(path, text);
		return path;
	};

	test('and runs it', () => {
		const path = file('Points,Customer number,Reason,Name\n5,777,,Leo\n');

		expect(tables(demo(['--csv', path]).stdout)).toContainEqual([
			'0',
			'777',
			'5',
			'5 points added',
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
			says: /^demo: .*lacks the column Customer number\. .*\n$/,
		},
		{
			what: 'no rows',
			args: () => ['--csv', file('Points,Reason\n')],
			says: /^demo: .*holds no rows\.\n$/,
		},
		{
			what: 'a row too long',
			args: () => ['--csv', file('Customer number,Points,Reason\n1,2,3,4\n')],
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

test('the example workflow is fit to import: it holds no credential and wires both outputs', () => {
	const { nodes, connections } = JSON.parse(
		readFileSync(join(EXAMPLES, 'form-submissions.json'), 'utf8'),
	);

	for (const node of nodes) expect(node).not.toHaveProperty('credentials');
	expect(connections.LoyaltyLion.main).toHaveLength(2);
});
