import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { getChildNodes, type IDataObject, type IPinData, type IRun } from 'n8n-workflow';
import { sampleOf } from '../dev/docs/samples.cts';
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
			says: /^demo: .*holds no rows\. .*\n$/,
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

test.each([
	'form-submissions.json',
	'points-for-a-form.json',
	'points-for-a-confirmed-form.json',
	'birthday-bonus.json',
	'take-back-points-for-a-returned-order.json',
	'reward-for-a-confirmed-form.json',
	'award-a-spreadsheet.json',
])('the example %s is fit to import: it holds no credential, and no data', (name) => {
	const workflow = example(name);

	for (const node of workflow.nodes) expect(node).not.toHaveProperty('credentials');
	expect(workflow).toMatchObject({ pinData: {} });
});

test.each([
	{ name: 'tier-upgraded-bonus.json', topic: 'program_events/customer.tier_upgraded' },
	{
		name: 'points-about-to-expire.json',
		topic: 'program_events/customer.approaching_points_expiration',
	},
] as const)(
	'the example $name holds no credential, and as data only a sample of its event',
	({ name, topic }) => {
		const workflow = example(name);
		const [trigger] = workflow.nodes;

		for (const node of workflow.nodes) expect(node).not.toHaveProperty('credentials');
		expect(trigger?.parameters.events).toEqual([topic]);
		expect(workflow).toMatchObject({
			pinData: { [String(trigger?.name)]: [{ json: sampleOf(topic) }] },
		});
	},
);

test.each([
	{ name: 'points-for-a-form.json', mails: ['Tell the Shop'] },
	{ name: 'points-for-a-confirmed-form.json', mails: ['Mail the Link', 'Tell the Shop'] },
	{
		name: 'reward-for-a-confirmed-form.json',
		mails: ['Mail the Link', 'Mail the Voucher', 'Tell the Shop'],
	},
	{ name: 'birthday-bonus.json', mails: ['Tell the Shop'] },
	{ name: 'take-back-points-for-a-returned-order.json', mails: ['Tell the Shop'] },
	{ name: 'tier-upgraded-bonus.json', mails: ['Congratulate', 'Tell the Shop'] },
	{ name: 'points-about-to-expire.json', mails: ['Remind'] },
	{ name: 'award-a-spreadsheet.json', mails: ['Mail the Report'] },
])(
	'the example $name mails nothing before an account is chosen, as n8n 2 publishes no mail node without one',
	({ name, mails }) => {
		const nodes = example(name).nodes.filter(({ type }) => type === 'n8n-nodes-base.emailSend');

		expect(nodes.map((node) => node.name)).toEqual(mails);
		for (const node of nodes) {
			expect(node).toMatchObject({
				disabled: true,
				notesInFlow: true,
				notes: 'Choose a mail account, then switch on',
			});
		}
	},
);

describe('in a shop', () => {
	let shop: StandIn;
	/** A customer of the test's own: what nodes remember is remembered in all engines of a process. */
	let ann = 1000;

	beforeEach(async () => {
		ann += 1;
		const settings = {
			apiKeys: { pat_x: ['write_customers'] },
			customers: { [ann]: { email: 'ann@example.com' } },
		};
		shop = await new StandIn(settings).start();
	});
	afterEach(async () => {
		await shop.stop();
	});

	describe.each([
		{
			name: 'form-submissions.json',
			form: 'Award Form',
			ends: { known: 'Points Added', unknown: 'Needs a Look' },
		},
		{
			name: 'points-for-a-form.json',
			form: 'Feedback Form',
			ends: { known: 'Thank the Shopper', unknown: 'Promise to Look' },
		},
	])('the example $name', ({ name, form, ends }) => {
		test.each([
			{ email: 'ann@example.com', end: ends.known, points: 50 },
			{ email: 'nobody@example.com', end: ends.unknown, points: undefined },
		])('takes $email to the right end', async ({ email, end, points }) => {
			const run = await runExample(example(name), {
				[form]: [{ json: { Email: email, Points: 50, Reason: 'Hi' } }],
			});

			expect(run.data.resultData.lastNodeExecuted).toBe(end);
			expect(shop.balances()[ann]).toBe(points);
		});
	});

	/** What the node gives for a customer who has had the points. */
	const alreadyAdded = {
		LoyaltyLion: [{ json: { success: true, points: 50, confirmedBy: 'alreadyAdded' } }],
	};
	const thereAlready = 'Your points for this are on your account already.';

	test.each([
		{ time: 'first', given: {}, page: '50 points are on your account.' },
		{ time: 'second', given: alreadyAdded, page: thereAlready },
	])('the example with a form has its page for the $time time', async ({ given, page }) => {
		const run = await runExample(example('points-for-a-form.json'), {
			'Feedback Form': [{ json: { Email: 'ann@example.com' } }],
			...given,
		});

		expect(shown(run, 'Thank the Shopper').completionMessage).toBe(page);
	});

	test('a shopper who sends the example form twice has the points once', async () => {
		const sent = { 'Feedback Form': [{ json: { Email: 'ann@example.com' } }] };
		await runExample(example('points-for-a-form.json'), sent);

		const again = await runExample(example('points-for-a-form.json'), sent);

		expect(shop.balances()).toEqual({ [ann]: 50 });
		expect(shown(again, 'LoyaltyLion')).toMatchObject({
			success: true,
			confirmedBy: 'alreadyAdded',
			onlyOncePer: 'spring feedback',
		});
		expect(shown(again, 'Thank the Shopper').completionMessage).toBe(thereAlready);
	});

	describe('the example with a confirmed form', () => {
		const workflow = example('points-for-a-confirmed-form.json');
		const started = { 'Confirmation Starts': [{ json: { email: 'ann@example.com' } }] };
		const pressed = {
			...started,
			'Wait for the Button': [{ json: { submittedAt: '2026-11-24T12:00:00.000+01:00' } }],
		};

		test('keeps the link out of the execution of the form, which would tell it to whoever sends the form', () => {
			expect(getChildNodes(workflow.connections, 'Feedback Form')).toEqual([
				'Start the Confirmation',
			]);
		});

		test.each([
			{ typed: ' Ann@Example.com ', email: 'Ann@Example.com' },
			{ typed: 'ann@example.com, mallory@example.org', email: 'ann@example.com' },
			{ typed: 'You have won: example.org <ann@example.com>', email: 'ann@example.com' },
		])('confirms one address, and nothing else, of "$typed"', async ({ typed, email }) => {
			const run = await runExample(workflow, { 'Feedback Form': [{ json: { Email: typed } }] });

			expect(shown(run, 'Start the Confirmation')).toEqual({ email });
		});

		test('mails the link to the address that was typed, and says whose points it is about', async () => {
			const run = await runExample(switchedOn(workflow), started);

			expect(shown(run, 'Mail the Link')).toMatchObject({
				toEmail: 'ann@example.com',
				text: expect.stringMatching(
					/with the email ann@example\.com\.[^]*\nhttps:\/\/n8n\.example\/form-waiting\/1\?signature=secret\n[^]*50 points/,
				),
			});
		});

		test('gives the points when the button is pressed', async () => {
			const run = await runExample(workflow, pressed);

			expect(shop.balances()).toEqual({ [ann]: 50 });
			expect(shown(run, 'Thank the Shopper').responseBody).toEqual({
				formSubmittedText: '50 points are on your account.',
			});
		});

		test('gives the points once to whoever confirms twice', async () => {
			await runExample(workflow, pressed);

			const again = await runExample(workflow, pressed);

			expect(shop.balances()).toEqual({ [ann]: 50 });
			expect(shown(again, 'Thank the Shopper').responseBody).toEqual({
				formSubmittedText: thereAlready,
			});
		});

		test('tells whoever has had the points that they are there', async () => {
			const run = await runExample(workflow, { ...pressed, ...alreadyAdded });

			expect(shown(run, 'Thank the Shopper').responseBody).toEqual({
				formSubmittedText: thereAlready,
			});
		});

		test('tells the shop, and not the shopper, what went wrong', async () => {
			const run = await runExample(switchedOn(workflow), {
				...pressed,
				'Confirmation Starts': [{ json: { email: 'nobody@example.com' } }],
			});

			expect(shown(run, 'Tell the Shop').text).toMatch(
				/^No LoyaltyLion customer has the email nobody@example\.com[^]*Email in the form: nobody@example\.com$/,
			);
			expect(shown(run, 'Promise to Look').responseBody).toEqual({
				formSubmittedText: 'We will look after your points, and write to you.',
			});
		});

		test('gives no points just because the time of the link is up', async () => {
			const run = await runExample(switchedOn(workflow), started);

			expect(run.data.resultData.lastNodeExecuted).toBe('Only if Confirmed');
			expect(shop.requests).toEqual([]);
		});

		test('gives no points in an old n8n, where anybody can guess the link', async () => {
			const run = await runExample(workflow, pressed, { resumeToken: undefined });

			expect(run.data.resultData.lastNodeExecuted).toBe('Only if Confirmed');
			expect(shop.requests).toEqual([]);
		});
	});

	describe('the example with a reward', () => {
		const workflow = withReward(example('reward-for-a-confirmed-form.json'));
		const pressed = {
			'Confirmation Starts': [{ json: { email: 'ann@example.com' } }],
			'Wait for the Button': [{ json: { submittedAt: '2026-11-24T12:00:00.000+01:00' } }],
		};
		const mailed = 'We have mailed you the voucher.';
		const promised = 'We will look after your voucher, and write to you.';

		beforeEach(() => {
			shop.rewards = [{ id: 71, title: '5 off', pointCost: 0 }];
		});

		test('keeps the link out of the execution of the form', () => {
			expect(getChildNodes(workflow.connections, 'Voucher Form')).toEqual([
				'Start the Confirmation',
			]);
		});

		test('mails the voucher to the mailbox that has confirmed, twice the same', async () => {
			const first = await runExample(switchedOn(workflow), pressed);
			const again = await runExample(switchedOn(workflow), pressed);

			const [claim] = shop.claims;
			expect(shop.claims).toHaveLength(1);
			for (const run of [first, again]) {
				expect(shown(run, 'Mail the Voucher')).toMatchObject({
					toEmail: 'ann@example.com',
					text: expect.stringContaining(`\n${claim?.code}\n`) as unknown,
				});
				expect(shown(run, 'Say It Is Mailed').responseBody).toEqual({ formSubmittedText: mailed });
			}
		});

		test.each([
			{ what: 'no code', given: { voucherCode: null, claimedRewardNote: 'Not shown yet.' } },
			{
				what: 'a code that was refunded',
				given: { voucherCode: 'LL-1', claimedReward: { state: 'void' } },
			},
		])('mails nothing to the shopper when there is $what', async ({ given }) => {
			const run = await runExample(switchedOn(workflow), {
				...pressed,
				LoyaltyLion: [{ json: given }],
			});

			expect(run.data.resultData.runData).not.toHaveProperty('Mail the Voucher');
			expect(shown(run, 'Tell the Shop').text).toContain('Email in the form: ann@example.com');
			expect(shown(run, 'Promise to Look').responseBody).toEqual({ formSubmittedText: promised });
		});

		test('tells the shop, and not the shopper, what went wrong', async () => {
			const run = await runExample(switchedOn(workflow), {
				...pressed,
				'Confirmation Starts': [{ json: { email: 'nobody@example.com' } }],
			});

			expect(shown(run, 'Tell the Shop').text).toMatch(/^No LoyaltyLion customer has the email/);
			expect(shown(run, 'Promise to Look').responseBody).toEqual({ formSubmittedText: promised });
		});

		test('claims nothing just because the time of the link is up', async () => {
			const { 'Confirmation Starts': started } = pressed;

			const run = await runExample(switchedOn(workflow), { 'Confirmation Starts': started });

			expect(run.data.resultData.lastNodeExecuted).toBe('Only if Confirmed');
			expect(shop.requests).toEqual([]);
		});

		/** The reward that its user chooses. */
		function withReward({ nodes, connections }: WorkflowJson) {
			const reward = { __rl: true, mode: 'id', value: '71' };
			return {
				nodes: nodes.map((node) =>
					node.name === 'LoyaltyLion'
						? { ...node, parameters: { ...node.parameters, reward } }
						: node,
				),
				connections,
			};
		}
	});

	describe('the example with birthdays', () => {
		const workflow = example('birthday-bonus.json');
		const born = (...ids: (number | string)[]) => ({
			'Every Morning': [{ json: {} }],
			'Birthdays Today': ids.map((id) => ({ json: { merchant_id: `${id}` } })),
		});

		test('gives the bonus of the year once, however often it runs in a day', async () => {
			await runExample(workflow, born(ann));

			const again = await runExample(workflow, born(ann));

			const reason: unknown = expect.stringMatching(/^Happy birthday 20\d\d$/);
			expect(shop.ledger).toEqual([{ merchantId: `${ann}`, points: 100, reason }]);
			expect(shown(again, 'Give the Bonus')).toMatchObject({ confirmedBy: 'alreadyAdded' });
		});

		test('tells the shop in one mail of all who could not get it', async () => {
			const run = await runExample(switchedOn(workflow), born(90001, ann, 90002));

			expect(shop.balances()).toEqual({ [ann]: 100 });
			expect(run.data.resultData.runData['Tell the Shop']).toHaveLength(1);
			expect(shown(run, 'Tell the Shop').text).toMatch(/merchant ID 90001[^]*merchant ID 90002/);
		});

		test('tells the shop when birthdays could not be read', async () => {
			shop.misbehaveAt('listCustomers', { kind: 'status', status: 403, times: 1 });

			const run = await runExample(switchedOn(workflow), { 'Every Morning': [{ json: {} }] });

			expect(shown(run, 'Tell the Shop').text).toContain('read_customers');
			expect(shop.ledger).toEqual([]);
		});
	});

	describe('the example with tiers', () => {
		const workflow = switchedOn(example('tier-upgraded-bonus.json'));
		const upgraded = (merchantId: number, more: IDataObject = {}) => {
			const event = sampleOf('program_events/customer.tier_upgraded');
			const customer = { ...(event.customer as IDataObject), merchant_id: `${merchantId}` };
			return { 'Tier Upgraded': [{ json: { ...event, customer, ...more } }] };
		};

		test('pays a customer once for each tier, and congratulates once', async () => {
			const first = await runExample(workflow, upgraded(ann));
			const again = await runExample(workflow, upgraded(ann));
			await runExample(workflow, upgraded(ann, { new_tier: { id: 303, name: 'Gold' } }));

			expect(shop.ledger).toEqual([
				{ merchantId: `${ann}`, points: 100, reason: 'Welcome to Silver' },
				{ merchantId: `${ann}`, points: 100, reason: 'Welcome to Gold' },
			]);
			expect(shown(first, 'Congratulate')).toMatchObject({
				toEmail: 'ann@example.com',
				text: expect.stringMatching(/you have reached Silver\. As a thank-you, 100 points/),
			});
			expect(again.data.resultData.lastNodeExecuted).toBe('Only If Just Paid');
		});

		test('congratulates nobody who has no email, and pays all the same', async () => {
			const run = await runExample(
				workflow,
				upgraded(ann, { customer: { merchant_id: `${ann}`, email: null } }),
			);

			expect(shop.balances()).toEqual({ [ann]: 100 });
			expect(run.data.resultData.lastNodeExecuted).toBe('Only If Just Paid');
		});

		test.each([
			{ what: 'a customer whom nobody knows', merchantId: 90001, more: {}, says: '90001' },
			{ what: 'an event without a tier', more: { new_tier: null }, says: 'Only Once Per' },
		])('tells the shop of $what, and pays nobody', async ({ merchantId, more, says }) => {
			const run = await runExample(workflow, upgraded(merchantId ?? ann, more));

			expect(shown(run, 'Tell the Shop').text).toContain(says);
			expect(run.data.resultData.runData).not.toHaveProperty('Congratulate');
			expect(shop.ledger).toEqual([]);
		});
	});

	describe('the example with points that are about to expire', () => {
		const expiring = (more: IDataObject) => ({
			'Points About to Expire': [
				{ json: { ...sampleOf('program_events/customer.approaching_points_expiration'), ...more } },
			],
		});

		test('says how many, and when, in words', async () => {
			const run = await runExample(
				switchedOn(example('points-about-to-expire.json')),
				expiring({ points_to_expire: 120 }),
			);

			expect(shown(run, 'Remind')).toMatchObject({
				toEmail: 'ann@example.com',
				text: expect.stringContaining('120 of your points expire on 24 December 2026.') as unknown,
			});
		});

		test.each([{ points_to_expire: 0 }, { points_to_expire: null }, { customer: { email: null } }])(
			'says nothing for %j',
			async (more) => {
				const run = await runExample(
					switchedOn(example('points-about-to-expire.json')),
					expiring(more),
				);

				expect(run.data.resultData.lastNodeExecuted).toBe('Only If There Are Any');
			},
		);
	});

	describe('the example with returned orders', () => {
		const workflow = example('take-back-points-for-a-returned-order.json');
		const sent = (body: object) => ({ 'Order Returned': [{ json: { body } }] });
		const returned = { email: 'ann@example.com', points: 120, order: '1001', return: 'R-77' };

		beforeEach(() => {
			shop.ifTooFew = 'goBelowZero';
		});

		test('takes the points of a return once, and tells its sender so', async () => {
			const first = await runExample(workflow, sent(returned));
			const again = await runExample(workflow, sent(returned));

			const told = { taken: true, points: 120 };
			expect(shown(first, 'Say They Are Taken').responseBody).toEqual({
				...told,
				wasTakenBefore: false,
			});
			expect(shown(again, 'Say They Are Taken').responseBody).toEqual({
				...told,
				wasTakenBefore: true,
			});
			expect(shop.ledger).toEqual([
				{ merchantId: `${ann}`, points: -120, reason: 'Order 1001 returned: R-77' },
			]);
		});

		test.each(['', undefined, null])('takes nothing for a return with the ID %p', async (id) => {
			const run = await runExample(switchedOn(workflow), sent({ ...returned, return: id }));

			expect(shown(run, 'Say Why Not').responseBody).toMatchObject({ code: 'invalid_input' });
			expect(shown(run, 'Tell the Shop').text).toContain('Order: 1001');
			expect(shop.ledger).toEqual([]);
		});

		test.each([
			...['invalid_input', 'rejected_by_api', 'customer_not_found', 'customer_ambiguous'],
			...['refused', 'other_points_removed'],
		])('tells its sender that %s stays so', async (code) => {
			const run = await runExample(...failingWith(code));

			expect(run.data.resultData.runData).not.toHaveProperty('Ask to Try Again');
			expect(shown(run, 'Say Why Not').responseBody).toEqual({
				taken: false,
				tryAgain: false,
				code,
				message: 'What happened',
			});
		});

		test.each([
			{ code: 'outcome_unknown', taken: null },
			...['not_authenticated', 'not_permitted', 'lookup_failed', 'not_remembered'].map(notTaken),
			...['rate_limited', 'not_reached', 'not_sent'].map(notTaken),
		])('tells its sender that $code can pass', async ({ code, taken }) => {
			const run = await runExample(...failingWith(code));

			expect(run.data.resultData.runData).not.toHaveProperty('Say Why Not');
			expect(shown(run, 'Ask to Try Again').responseBody).toEqual({
				taken,
				tryAgain: true,
				code,
				message: 'What happened',
			});
		});

		function notTaken(code: string) {
			return { code, taken: false };
		}

		/** The workflow as it goes on when the points could not be taken. */
		function failingWith(code: string): [WorkflowJson, IPinData] {
			const error = { code, message: 'What happened', description: 'What to do' };
			const [, failed = []] = workflow.connections['Take Back the Points']?.main ?? [];
			const connections = { ...workflow.connections, 'Order Returned': { main: [failed] } };
			return [
				{ ...workflow, connections },
				{ 'Order Returned': [{ json: { body: returned, error } }] },
			];
		}
	});

	describe('the example with a spreadsheet', () => {
		const workflow = example('award-a-spreadsheet.json');
		const row = { email: 'ann@example.com', points: '50', reason: 'Hi', onlyOncePer: 'quiz #1' };

		test.each([
			{ what: 'pressed', given: { submittedAt: '2026-11-24T12:00:00.000+01:00' }, points: 50 },
			{ what: 'not pressed for a day', given: {}, points: undefined },
		])('pays when its button is $what: $points points', async ({ given, points }) => {
			const run = await runExample(
				{ nodes: withoutOthers(workflow), connections: { ...workflow.connections, ...shortCut } },
				{
					'Upload Form': [{ json: {} }],
					'Show the Sums': [{ json: given }],
					'Rows to Pay': [{ json: row }],
					'Write the Report': [{ json: {} }],
					'Make It a File': [{ json: {} }],
				},
			);

			expect(run.data.resultData.lastNodeExecuted).toBe(points ? END : 'Only if Pressed');
			expect(shop.balances()[ann]).toBe(points);
		});

		const END = 'Offer the Report';

		/** The nodes, those that are not in the test's engine as ones that pass their items on. */
		function withoutOthers({ nodes }: WorkflowJson) {
			const others = ['switch', 'extractFromFile', 'code', 'convertToFile'];
			return nodes.map((node) =>
				others.some((name) => node.type === `n8n-nodes-base.${name}`)
					? { ...node, type: 'n8n-nodes-base.noOp' }
					: node,
			);
		}

		const shortCut = {
			'Upload Form': { main: [[{ node: 'Show the Sums', type: 'main' as const, index: 0 }]] },
		};

		test.each([
			[named('A B', 'C'), named('A', 'B C')],
			[named('A', '50 points'), named('A', '')],
			[named('A: 50 points', ''), named('A', '')],
			[named('A', ': 50 points'), named('A', '')],
			[named('A', 'R-1'), named('B', 'R-1')],
		])('%p and %p are two payments', (one, other) => {
			expect(onlyOncePer(one)).not.toBe(onlyOncePer(other));
		});

		test.each([
			[named('Spring Quiz', 'R-1'), named(' spring  quiz', ' r-1 ')],
			[named('A', '007'), named('A', '7')],
			[named('A', 'R-1'), named('A', 'R-1', '60')],
			[named('A', ''), named('A', '', '050')],
		])('%p and %p are one payment', (one, other) => {
			expect(onlyOncePer(one)).toBe(onlyOncePer(other));
		});

		test.each(['1.23E+15', 12_345_678_901_234_567_890])(
			'refuses the Reference %p, which has lost digits',
			(reference) => {
				expect(lookAt({ campaign: 'A', reference, points: '50' })).toEqual([
					expect.objectContaining({ refused: true, why: expect.stringMatching(/lost.*digits/) }),
				]);
			},
		);

		/** What is paid for a row. */
		interface Paid {
			onlyOncePer?: string;
			reason?: string;
		}

		function named(campaign: string, reference: string, points = '50') {
			return { campaign, reference, points };
		}

		function onlyOncePer(given: Parameters<typeof lookAt>[0]) {
			const [{ onlyOncePer: value = '', reason = '' } = {}] = lookAt(given) as Paid[];
			// In the reason, LoyaltyLion shows what it was for, even after a crash.
			expect(reason.toLowerCase()).toContain(value.toLowerCase());
			return value;
		}

		/** What becomes of a file with one row. */
		function lookAt({
			campaign,
			reference,
			points,
		}: {
			campaign: string;
			reference: string | number;
			points: string;
		}) {
			const form = { Campaign: campaign, Spreadsheet: { filename: 'rows.csv', size: 100 } };
			const cells = {
				Email: 'ann@example.com',
				Points: points,
				Reason: 'Hi',
				Reference: reference,
			};
			return runCode('Look at the Rows', { 'Upload Form': [form] }, [cells]);
		}

		/**
		 * Runs the code of a node.
		 *
		 * @param given the `json` of the items of other nodes
		 * @param input the `json` of its own
		 */
		function runCode(name: string, given: Record<string, object[]>, input: object[]) {
			const node = workflow.nodes.find((each) => each.name === name);
			const { jsCode } = node?.parameters as { jsCode: string };
			const toItems = (jsons: object[] = []) => {
				const items = jsons.map((json) => ({ json }));
				return { all: () => items, first: () => items[0] };
			};
			const items = runInNewContext(`(() => { ${jsCode} })()`, {
				$: (other: string) => toItems(given[other]),
				$input: toItems(input),
			}) as { json: IDataObject }[];
			return items.map(({ json }) => json);
		}
	});

	/**
	 * Runs a workflow, once its credential is chosen.
	 *
	 * @param pinData what the trigger gives, and what other nodes give that are not to run
	 */
	async function runExample(
		workflow: WorkflowJson,
		pinData: IPinData,
		{ resumeToken }: { resumeToken?: string | undefined } = { resumeToken: 'secret' },
	) {
		const n8n = await N8n.load();
		return await n8n.run(withCredential(workflow), {
			pinData,
			credential: { apiKey: 'pat_x', baseUrl: shop.url },
			...(resumeToken !== undefined && { resumeToken }),
		});
	}
});

function example(name: string): WorkflowJson {
	return JSON.parse(readFileSync(join(EXAMPLES, name), 'utf8')) as WorkflowJson;
}

/** What a node gave for its only item. */
function shown(run: IRun, name: string): IDataObject {
	const [items] = run.data.resultData.runData[name]?.at(-1)?.data?.main ?? [];
	const [item] = items ?? [];
	if (!item) throw new Error(`${name} gave nothing.`);
	return item.json;
}

/** What whoever imports a workflow does first. */
function withCredential({ nodes, connections }: WorkflowJson) {
	const credentials = { loyaltyLionApi: { id: '1', name: 'LoyaltyLion account' } };
	return {
		nodes: nodes.map((node) =>
			node.type === 'n8n-nodes-loyaltylion.loyaltyLion' ? { ...node, credentials } : node,
		),
		connections,
	};
}

/** A workflow with all its nodes switched on. */
function switchedOn({ nodes, connections }: WorkflowJson) {
	return { nodes: nodes.map((node) => ({ ...node, disabled: false })), connections };
}
