import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'csv-parse/sync';
import { N8n, type WorkflowJson } from '../dev/engine/N8n.cts';
import { ROOT } from '../dev/root.cts';
import { type Held, StandIn } from '../dev/stand-in/StandIn.cts';
import { lock } from '../examples/demo/lock.cts';
import { Feed } from '../examples/demo/Feed.cts';
import { readCsv } from '../examples/demo/readCsv.cts';
import { toAwards } from '../examples/demo/toAwards.cts';
import { isForPoints } from './harness/killAt.cts';

/** The demo that pays each row once: `npm run demo -- --report OUT.csv`, over a stand-in that outlives it. */

const IDS = Array.from({ length: 60 }, (_, index) => `${1001 + index}`);
const KEY = 'pat_demo';
const shop = new StandIn({
	apiKeys: { [KEY]: ['write_customers'] },
	customers: Object.fromEntries(IDS.map((id) => [id, { email: emailOf(id) }])),
	requestsPerSecond: Infinity,
});
const folder = mkdtempSync(join(tmpdir(), 'demo-'));
const children = new Set<ChildProcess>();
let lists = 0;

beforeAll(() => shop.start());
afterEach(() => {
	for (const child of children) child.kill('SIGKILL');
	shop.reset();
});
afterAll(async () => {
	await shop.stop();
	rmSync(folder, { recursive: true });
});

function emailOf(id: string) {
	return `c${id}@example.com`;
}

/** @returns the path of a file that no other test has */
function fileOf(content: string | Buffer) {
	const file = join(folder, `list-${++lists}.csv`);
	writeFileSync(file, content);
	return file;
}

/** A row for each customer. */
function wholeList() {
	const rows = IDS.map((id) => `${emailOf(id)},5,Spring quiz,R-${id}\n`);
	return fileOf(`Email,Points,Reason,Reference\n${rows.join('')}`);
}

function start(file: string, ...more: string[]) {
	const report = `${file}.report.csv`;
	const program = ['tsx/cjs', join(__dirname, 'harness/shortLooksAhead.cts')];
	const args = ['--csv', file, '--report', report, '--yes', '--requests-per-second', '0', ...more];
	const child = spawn(
		'node',
		[...program.flatMap((each) => ['--require', each]), 'examples/demo.cts', ...args],
		{
			cwd: ROOT,
			env: { ...process.env, LOYALTYLION_API_KEY: KEY, LOYALTYLION_BASE_URL: shop.url },
			stdio: ['ignore', 'pipe', 'pipe'],
		},
	);
	children.add(child);
	const said = Promise.all([text(child.stdout), text(child.stderr)]);
	const ended = once(child, 'close').then(async ([status, signal]: unknown[]) => {
		const [stdout, stderr] = await said;
		return { status, signal, stdout, stderr };
	});
	return { child, ended, report };
}

/** What has become of each row, by the report. */
function outcomesIn(report: string) {
	const rows: Record<string, string>[] = parse(readFileSync(report), { columns: true, bom: true });
	return rows.map(({ Outcome }) => Outcome);
}

function paidIds() {
	return shop.ledger.map(({ merchantId }) => merchantId).sort();
}

test('the report has every row as it came, and what became of it; a check pays nobody', async () => {
	const [id] = IDS;
	const email = emailOf(id ?? '');
	const header = 'Name,Email,Points,Reason,=1+1';
	const rows = [
		`"Lee, ""Ann""",${email},5,Quiz,@x`,
		`=cmd|' /C calc'!A0,nobody@example.com,5,, +1`,
		`Tom,${email},-5,Quiz,plain`,
	];
	const file = fileOf(`${[header, ...rows].join('\n')}\n\n`);

	const check = start(file, '--check');
	const checked = await check.ended;
	const outcomesOfCheck = outcomesIn(check.report);
	const sentByCheck = shop.count('addPoints');
	const { ended, report } = start(file, '--campaign', 'Spring');
	const { status, stderr, stdout } = await ended;

	expect(checked).toMatchObject({ status: 0, stderr: '' });
	expect(outcomesOfCheck).toEqual(['would be paid', 'not paid', 'not paid']);
	expect(sentByCheck).toBe(0);
	expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
	expect(stdout).toContain('Campaign "Spring": 1 paid, 2 not paid.');
	expect(parse(readFileSync(report), { bom: true })).toEqual([
		['Name', 'Email', 'Points', 'Reason', "'=1+1", 'Outcome', 'Why', 'What to Do'],
		['Lee, "Ann"', email, '5', 'Quiz', "'@x", 'paid', `5 points added for customer ${id}`, ''],
		[
			"'=cmd|' /C calc'!A0",
			'nobody@example.com',
			'5',
			'',
			"' +1",
			'not paid',
			'No LoyaltyLion customer has the email nobody@example.com',
			expect.stringContaining('Check how the email is written.'),
		],
		[
			'Tom',
			email,
			"'-5",
			'Quiz',
			'plain',
			'not paid',
			'Points can\'t be "-5"',
			expect.stringContaining('a whole number from 1'),
		],
	]);
	expect(shop.ledger).toEqual([
		expect.objectContaining({ merchantId: id, reason: 'Quiz [Spring: 5 points]' }),
	]);
});

test('Ctrl-C begins no further row, waits for what is on its way, and the same command pays the rest', async () => {
	const file = wholeList();
	const hold = shop.hold(isForPoints);
	const { child, ended, report } = start(file);
	await hold.arrivals(32);
	const stopping = once(child.stderr, 'data');
	child.kill('SIGINT');
	// npm passes on what the terminal has sent already.
	child.kill('SIGINT');
	await stopping;
	const sent = shop.count('addPoints');
	hold.release();
	const stopped = await ended;
	const [paid, outcomes] = [paidIds(), outcomesIn(report)];

	const again = await start(file).ended;

	expect(stopped).toMatchObject({ status: 130, signal: null });
	expect(stopped.stderr.match(/Stopping/g)).toHaveLength(1);
	expect(paid).toHaveLength(sent);
	expect(outcomes).toEqual(IDS.map((id) => (paid.includes(id) ? 'paid' : 'not sent')));
	expect(outcomes).toContain('not sent');
	expect(again).toMatchObject({ status: 0, stderr: '' });
	expect(outcomesIn(report)).toEqual(IDS.map((id) => (paid.includes(id) ? 'paid before' : 'paid')));
	expect(paidIds()).toEqual(IDS);
});

test('kill -9 leaves no half report, and the same command pays exactly what is missing', async () => {
	const file = wholeList();
	const after = shop.hold((request) => isForPoints(request) && shop.ledger.length >= 20);
	const isLost = (request: Held) => after.holds(request) && /[02468]\/points/.test(request.path);
	const lost = shop.hold(isLost);
	const { child, ended, report } = start(file);
	await Promise.all([after.arrivals(3), lost.arrivals(3)]);
	child.kill('SIGKILL');
	const killed = await ended;
	const paidByThen = paidIds();
	// What has arrived is paid, though nobody is left to hear of it; or it gets lost.
	lost.forget();
	after.release();
	await shop.idle();
	const paid = paidIds();
	const hasReport = existsSync(report);

	const again = await start(file).ended;

	expect(killed).toMatchObject({ signal: 'SIGKILL' });
	expect(hasReport).toBe(false);
	expect(paid.length).toBeGreaterThan(paidByThen.length);
	expect(again).toMatchObject({ status: 0, stderr: '' });
	expect(paidIds()).toEqual(IDS);
	const outcomes = outcomesIn(report);
	expect(IDS.filter((_, index) => outcomes[index] === 'paid before')).toEqual(paid);
	const others = outcomes.filter((outcome) => outcome !== 'paid before');
	expect(others.every((outcome) => ['paid', 'paid, maybe twice'].includes(`${outcome}`))).toBe(
		true,
	);
});

test('two rows with the same reference are refused before anything is sent', async () => {
	const file = fileOf(
		'Email,Points,Reason,Reference\na@example.com,5,,R-1\n\nb@example.com,5,, r-1\n',
	);

	const { status, stdout, stderr } = await start(file).ended;

	expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
	expect(stderr).toMatch(/^demo: .* rows 2 and 4 have the Reference R-1\. .*\n$/);
	expect(shop.requests).toEqual([]);
});

test('a second demo stays off the report that a first one is at work on', () => {
	const file = join(folder, 'report.csv.lock');
	writeFileSync(file, `${process.pid}`);

	expect(() => lock(file)).toThrow(
		`Another demo (process ${process.pid}) is at work on the same report.`,
	);
	expect(readFileSync(file, 'utf8')).toBe(`${process.pid}`);
});

const HEADER = 'Email,Points,Reason\n';

test.each([
	{ what: 'an empty file', content: '', says: 'is empty. Its first row has to be: Email,' },
	{ what: 'no rows', content: HEADER, says: 'holds no rows. Put one row for each award' },
	{
		what: 'a column missing',
		content: 'email,Points,Reason\na,1,\n',
		says: 'lacks the column Email',
	},
	{ what: 'a column twice', content: 'Email,Points,Reason,Email\na,1,,\n', says: 'Email twice' },
	{
		what: 'semicolons',
		content: 'Email;Points;Reason\na@example.com;1;\n',
		says: 'separates its columns with semicolons. Save it with commas',
	},
	{
		what: 'no UTF-8',
		content: Buffer.from(`${HEADER}a@example.com,1,Für dich\n`, 'latin1'),
		says: 'is no CSV in UTF-8',
	},
	{
		what: 'a comma too many',
		content: `${HEADER}\na@example.com,1,Hi, there\n`,
		says: 'row 3 has 4 cells, and row 1 has 3. A text that holds a comma',
	},
	{
		what: 'a quote that is left open',
		content: `${HEADER}a@example.com,1,"Hi\n`,
		says: 'is no CSV:',
	},
])('a list is refused with what to do: $what', ({ content, says }) => {
	expect(() => readCsv(fileOf(content))).toThrow(says);
});

describe('a row is known by its campaign, and its reference or else its email and points', () => {
	const award = (rows: string[], campaign: string) =>
		toAwards(readCsv(fileOf(`Email,Points,Reason,Reference\n${rows.join('\n')}`)), campaign);
	const valueOf = (campaign: string, reference: string, points = '5') =>
		award([`a@example.com,${points},,${reference}`], campaign)[0]?.onlyOncePer;

	test.each([
		[valueOf('A B', 'C'), valueOf('A', 'B C')],
		[valueOf('A / B', 'C'), valueOf('A', 'B / C')],
		[valueOf('A', '/ B'), valueOf('A /', 'B')],
		[valueOf('A', '5 points'), valueOf('A', '')],
		[valueOf('A: 5 points', ''), valueOf('A', '')],
		[valueOf('A', '', '5'), valueOf('A', '', '50')],
	])('%s is not %s', (one, other) => {
		expect(one).not.toBe(other);
	});

	test('neither capitals nor blanks nor zeros in front make another', () => {
		expect(valueOf('Spring  Quiz', ' r-1')).toBe(valueOf('spring quiz', 'R-1'));
		expect(valueOf('Spring', '', '05')).toBe(valueOf('spring', '', ' 5 '));
	});

	test.each([
		{
			what: 'the same email and points twice',
			rows: ['a@example.com,5,,', 'b@example.com,5,,', 'A@example.com ,05,,', ' a@example.com,5,,'],
			says: 'rows 2, 4 and 5 have the email a@example.com and 5 points.',
		},
		{
			what: 'the same reference for two customers',
			rows: ['a@example.com,5,,X', 'b@example.com,6,,X'],
			says: 'rows 2 and 3 have the Reference X.',
		},
	])('refuses $what', ({ rows, says }) => {
		expect(() => award(rows, 'Spring')).toThrow(says);
	});

	test('an email may have several amounts, and nobody is refused for having none', () => {
		const rows = ['a@example.com,5,,', 'a@example.com,6,,', ',5,,', ',5,,'];

		expect(award(rows, 'Spring')).toHaveLength(4);
	});
});

test('the progress counts rows, also those for which nothing is sent', async () => {
	const n8n = await N8n.load();
	const example = readFileSync(join(ROOT, 'examples/form-submissions.json'), 'utf8');
	const workflow = JSON.parse(example) as WorkflowJson;
	for (const node of workflow.nodes) node.credentials = { loyaltyLionApi: { id: '1', name: 'x' } };
	const feed = new Feed(
		IDS.map((id, index) => ({ Email: emailOf(id), Points: index < 20 ? '-5' : '5', Reason: '' })),
	);
	const hold = shop.hold(isForPoints);
	feed.start();
	const run = n8n.run(workflow, {
		pinData: { 'Award Form': feed.items.map((json) => ({ json })) },
		credential: { apiKey: KEY, baseUrl: shop.url },
	});
	await hold.arrivals(32);
	const { done } = feed;
	hold.release();
	await run;
	feed.finish();

	expect(done).toBe(20);
});
