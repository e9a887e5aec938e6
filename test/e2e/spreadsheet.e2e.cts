import { Host } from '../../dev/hosts/Host.cts';
import { installChosenHost } from '../../dev/hosts/hosts.cts';
import { untilSent } from './OnceList.cts';
import { PROBE, type ReportRow, reportRows, SpreadsheetForm } from './SpreadsheetForm.cts';

const CUSTOMERS = {
	4001: { email: 'ann@example.com', name: 'Ann Lee' },
	4002: { email: 'joann@example.com', name: 'Jo Ann Kim' },
	4003: { email: 'li.wei@example.com', name: 'Li Wei' },
	4004: { email: 'sam@example.com', name: 'Sam Doe', blocked: true },
};

const CAMPAIGN = 'Spring <i>quiz</i>';

/** As a marketer has typed it, who has never heard of the rules. */
const MISTAKES = [
	'EMAIL ,  points,Reason,Order,reference',
	'ann@example.com,50,Thanks for your answers,A-1,R-1',
	' Ann@Example.com ,25,"=HYPERLINK(""http://example.org"")",A-2,R-2',
	'joann@example.com,"1,000",Typed for people,A-3,R-3',
	'nobody@example.com,10,<img src=x onerror=alert(1)>,A-4,R-4',
	'sam@example.com,10,Blocked,A-5,R-5',
	',,,,',
	'<b>bold</b>{{ 6 * 7 }}@example.com,5,,A-6,R-6',
	'li.wei@example.com,75,,@A-7,',
].join('\n');

/** What those of its rows that can be paid come to. */
const PAID = [
	{ merchantId: '4001', points: 25, reason: `=HYPERLINK("http://example.org") (${CAMPAIGN} #R-2)` },
	{ merchantId: '4001', points: 50, reason: `Thanks for your answers (${CAMPAIGN} #R-1)` },
	{ merchantId: '4003', points: 75, reason: `${CAMPAIGN}: 75 points` },
];

let form: SpreadsheetForm;

beforeAll(async () => {
	form = await SpreadsheetForm.open({ customers: CUSTOMERS });
});
afterAll(async () => {
	await form?.close();
});

/** What has been paid, in an order that does not depend on which request came first. */
function paid() {
	return form.example.shop.ledger.toSorted((one, other) => one.points - other.points);
}

test('nobody opens the form without signing in', async () => {
	expect(await form.openAsStranger()).toBe(401);

	await form.open();
	await form.example.screenshotCanvas('spreadsheet-canvas');
});

test('the page shows what a list comes to before it is paid', async () => {
	const rows = [
		'Email,Points,Reason,Reference',
		'ann@example.com,50,Thanks for your answers,R-17',
		'joann@example.com,50,Thanks for your answers,R-18',
		'li.wie@example.com,50,Thanks for your answers,R-19',
		'sam@example.com,50,Thanks for your answers,R-20',
		'li.wei@example.com,"1,000",First prize,R-21',
	];
	await form.upload('Spring quiz', 'spring-quiz.csv', rows.join('\n'));

	expect(await form.untilPage('Pay these points?')).toContain(
		'The file has 5 rows. Pay now gives 100 points to 2 customers, for 2 rows.',
	);
	await form.picture('spreadsheet');
	expect(paid()).toEqual([]);
});

test('a file full of mistakes: the page says what they are, and nothing is paid before the button', async () => {
	await form.upload(CAMPAIGN, 'Rows.CSV', MISTAKES);

	const page = await form.untilPage('Pay these points?');
	expect(page).toContain(`Campaign: ${CAMPAIGN}\n`);
	expect(page).toContain(
		'The file has 7 rows. Pay now gives 150 points to 2 customers, for 3 rows.',
	);
	expect(page).toContain('4 rows will not be paid.');
	expect(page).toMatch(/^4\tjoann@example\.com\tPoints can't be "1,000"\. Points must be/m);
	expect(page).toMatch(/^5\tnobody@example\.com\tNo LoyaltyLion customer has the email nobody/m);
	expect(page).toMatch(/^6\tsam@example\.com\t.*is blocked in LoyaltyLion/m);
	expect(page).toMatch(/^8\t<b>bold<\/b>{{ 6 \* 7 }}@example\.com\tEmail can't be "<b>bold/m);
	expect(page).toContain('an email may stand in the file once for each amount');
	expect(await form.page.locator('img, i').count()).toBe(0);
	expect(paid()).toEqual([]);
});

test('the button pays the others, and the report says of each row what became of it', async () => {
	const { name, text, rows } = await form.pay();

	const page = await form.untilPage('Some rows are not paid');

	expect(page).toContain('Paid now: 3 rows, 150 points.');
	expect(page).toContain('Not paid: 4 rows.');
	expect(paid()).toEqual(PAID);
	expect(name).toBe('points-report.csv');
	expect(rows.map((row) => [row.Row, row['EMAIL '], row.Order, row.Result])).toEqual([
		['2', 'ann@example.com', 'A-1', 'Paid'],
		['3', ' Ann@Example.com ', 'A-2', 'Paid'],
		['4', 'joann@example.com', 'A-3', `Not paid: Points can't be "1,000"`],
		[
			'5',
			'nobody@example.com',
			'A-4',
			'Not paid: No LoyaltyLion customer has the email nobody@example.com',
		],
		[
			'6',
			'sam@example.com',
			'A-5',
			'Not paid: The customer with the email sam@example.com is blocked in LoyaltyLion',
		],
		['8', ...['<b>bold</b>{{ 6 * 7 }}@example.com', 'A-6', expect.stringMatching(/^Not paid: /)]],
		['9', 'li.wei@example.com', "'@A-7", 'Paid'],
	]);
	expect(rows.map((row) => row['What to Do'] === '')).toEqual(
		rows.map((row) => row.Result === 'Paid'),
	);
	// No cell is a formula to a spreadsheet program.
	expect(text).not.toMatch(/(^|,)"?\s*[=+\-@]/m);

	const { subject, attachments } = await form.example.mailbox.next();
	expect(subject).toBe(`Some rows are not paid: ${CAMPAIGN}`);
	const [mailed] = attachments;
	expect(mailed?.filename).toBe('points-report.csv');
	expect(reportRows(new TextDecoder().decode(mailed?.content as ArrayBuffer))).toEqual(rows);
});

test('each row is linked to the row of the file it comes from', async () => {
	const { host, workflow } = form.example;
	const [execution] = await host.untilEnded(workflow.id, 1);

	expect(await host.output(String(execution?.id), PROBE)).toEqual([
		{ row: 2 },
		{ row: 3 },
		{ row: 9 },
	]);
});

test('the same file again pays nobody twice, whatever the case of the campaign', async () => {
	await form.upload(` ${CAMPAIGN.toUpperCase()} `, 'rows.csv', MISTAKES);
	await form.untilPage('Pay these points?');
	const { rows } = await form.pay();

	expect(await form.untilPage('Some rows are not paid')).toContain(
		'Paid before, and not again: 3 rows.',
	);
	expect(rows.filter((row) => row.Result === 'Paid before')).toHaveLength(3);
	expect(paid()).toEqual(PAID);
});

test('the report itself, corrected and as XLSX, pays exactly the rest', async () => {
	await form.upload(CAMPAIGN, 'rows.csv', MISTAKES);
	await form.untilPage('Pay these points?');
	const { rows } = await form.pay();
	const corrected = rows.map((row) => ({
		...row,
		'EMAIL ': row['EMAIL ']?.replace(/^(nobody|sam|<).*/, 'joann@example.com'),
		'  points': Number(row['  points']?.replace(',', '')),
	}));
	const [first = {}] = corrected;
	const cells = [Object.keys(first), ...corrected.map((row) => Object.values(row))];
	await form.upload(CAMPAIGN, 'points-report.xlsx', form.xlsx(cells));

	expect(await form.untilPage('Pay these points?')).toContain('Every row can be paid.');
	const last = await form.pay();
	expect(await form.untilPage('All is paid')).toContain('Paid now: 4 rows, 1,025 points.');
	expect(last.rows.map((row) => row.Result)).toEqual([
		'Paid before',
		'Paid before',
		'Paid',
		'Paid',
		'Paid',
		'Paid',
		'Paid before',
	]);
	expect(paid().filter(({ merchantId }) => merchantId !== '4002')).toEqual(PAID);
	expect(form.example.shop.balances()).toEqual({ 4001: 75, 4002: 1025, 4003: 75 });
});

test('when no row can be paid, there is no button, and the report says why', async () => {
	const { rows } = await form.download(async () => {
		await form.upload('Autumn quiz', 'rows.csv', 'Email,Points,Reason\nnobody@example.com,5,Hi\n');
	});

	expect(await form.untilPage('Nothing was paid')).toContain('Not paid: 1 row.');
	expect(rows).toMatchObject([{ Email: 'nobody@example.com', Result: /^Not paid: No Loyalty/ }]);
});

const HEADINGS = 'Email,Points,Reason,Reference';

test.each([
	{ what: 'no campaign', campaign: '\u200b', says: ['names no campaign', 'Spring quiz'] },
	{ what: 'a campaign with #', campaign: 'Quiz #2', says: ['holds the sign #', 'Leave it out'] },
	{ what: 'no column Reason', text: 'Email,Points\na@b.co,5\n', says: ['no column Reason'] },
	{ what: 'no rows', text: `${HEADINGS}\n`, says: ['no rows below its headings'] },
	{
		what: 'semicolons',
		text: 'Email;Points;Reason\na@b.co;5;Hi\n',
		says: ['not separated by commas'],
	},
	{
		what: 'semicolons, and a comma in a reason',
		text: 'Email;Points;Reason\na@b.co;5;Hi, you\n',
		says: ['could not be read as a table', 'no semicolons'],
	},
	{
		what: 'one Reference twice',
		text: `${HEADINGS}\na@b.co,5,Hi,R-1\nb@b.co,5,Hi,R-1\n`,
		says: ['Rows 2 and 3 have the same Reference: R-1.'],
	},
	{
		what: 'an email twice with the same points, without Reference',
		text: `${HEADINGS}\na@b.co,5,Hi,\nb@b.co,5,Hi,\nA@b.co,5,Hi,\n`,
		says: ['Rows 2 and 4 have the same email and points', 'a Reference of its own'],
	},
	{
		what: 'letters in another alphabet of bytes',
		text: Buffer.from(`${HEADINGS}\na@b.co,5,Für dich,\n`, 'latin1'),
		says: ['Row 2 holds letters that could not be read', 'CSV UTF-8'],
	},
	{
		what: 'a PDF',
		name: 'rows.pdf',
		says: ['rows.pdf is neither a CSV nor an XLSX', 'Save it as CSV UTF-8'],
	},
	{
		what: '20,000 rows',
		text: `${HEADINGS}\n${'a@b.co,5,Hi,\n'.repeat(20_000)}`,
		says: ['The file has 20,000 rows.', 'up to 10,000 rows in each file'],
	},
	{
		what: '200,000 rows',
		text: `${HEADINGS}\n${'somebody@example.com,5,Hello,\n'.repeat(200_000)}`,
		says: ['larger than 5 MB', 'up to 10,000 rows in each file'],
	},
])(
	'a file with $what is refused as a whole, with what to do',
	async ({
		campaign = 'Winter quiz',
		name = 'rows.csv',
		text = `${HEADINGS}\na@b.co,5,Hi,\n`,
		says,
	}) => {
		const before = form.example.shop.requests.length;
		await form.upload(campaign, name, text);

		const page = await form.untilPage('Nothing was paid');
		for (const words of says) expect(page).toContain(words);
		expect(page).toContain('open the form again');
		expect(form.example.shop.requests).toHaveLength(before);
	},
);

test('n8n is killed while it pays: the same file again pays exactly what is missing', async () => {
	const host = await Host.start({
		installed: installChosenHost(),
		tarball: String(process.env.E2E_TARBALL),
	});
	const ids = Array.from({ length: 100 }, (_, index) => String(5001 + index));
	const customers = Object.fromEntries(
		ids.map((id) => [id, { email: `shopper${id}@example.com` }]),
	);
	const killed = await SpreadsheetForm.open({ customers, host });
	const text = ['Email,Points,Reason', ...ids.map((id) => `shopper${id}@example.com,10,Hi`)].join(
		'\n',
	);
	const { shop } = killed.example;

	await killed.upload('Spring quiz', 'rows.csv', text);
	await killed.untilPage('Pay these points?');
	const reached = untilSent(shop, 30);
	await killed.pressPay();
	await reached;
	await host.kill();
	await host.restart();
	await host.call('GET', killed.path);
	await killed.upload('Spring quiz', 'rows.csv', text);
	await killed.untilPage('Pay these points?');
	const { rows } = await killed.pay();
	const [unclear, clear] = [true, false].map((isUnclear) =>
		rows.filter(({ Result = '' }) => Result.startsWith('May be paid') === isUnclear),
	) as [ReportRow[], ReportRow[]];

	const paidOnce = (some: typeof rows) => toIds(some).filter((id) => shop.balances()[id] === 10);
	expect(clear).not.toEqual([]);
	expect(paidOnce(clear)).toEqual(toIds(clear));

	await killed.upload('Spring quiz', 'rows.csv', text, { isAfterCrash: true });
	await killed.untilPage('Pay these points?');
	const last = await killed.pay();

	await killed.untilPage('All is paid');
	expect(toIds(last.rows.filter(({ Result }) => Result === 'Paid, perhaps twice'))).toEqual(
		toIds(unclear),
	);
	expect(paidOnce(rows)).toEqual(ids);
	await killed.close();
	await host.stop();
});

/** The merchant IDs of rows whose emails hold them. */
function toIds(rows: ReportRow[]) {
	return rows.map(({ Email = '' }) => Email.replace(/\D/g, ''));
}
