import { SpreadsheetForm } from './SpreadsheetForm.cts';

const CUSTOMERS = {
	4001: { email: 'ann@example.com', name: 'Ann Lee' },
	4002: { email: 'joann@example.com', name: 'Jo Ann Kim' },
	4003: { email: 'li.wei@example.com', name: 'Li Wei' },
	4004: { email: 'sam@example.com', name: 'Sam Doe', blocked: true },
};

/** As a marketer has typed it, who has never heard of the rules. */
const MISTAKES = [
	'e-mail ,  POINTS,reason ,Order,reference',
	'ann@example.com,50,Thanks for your answers,A-1,r-1',
	' Ann@Example.com ,25,"=HYPERLINK(""http://example.org"")",A-2,r-2',
	'joann@example.com,"1,000",A typo,A-3,r-3',
	'nobody@example.com,10,<img src=x onerror=alert(1)>,A-4,r-4',
	'sam@example.com,10,Blocked,A-5,r-5',
	',,,,',
	'<b>bold</b>{{ 6 * 7 }}@example.com,5,,A-6,r-6',
	'li.wei@example.com,75,,@A-7,',
];

const CAMPAIGN = 'Spring <i>quiz</i>';

let form: SpreadsheetForm;

beforeAll(async () => {
	form = await SpreadsheetForm.open({ customers: CUSTOMERS });
});
afterAll(async () => {
	await form?.close();
});

test('explore', async () => {
	expect(await form.openAsStranger()).toBe(401);
	await form.open();
	await form.page.screenshot({ path: '/tmp/tpl/1.png' });
	await form.example.screenshotCanvas('spreadsheet-canvas');
	await form.upload(CAMPAIGN, 'Rows.CSV', MISTAKES.join('\n'));
	console.log(await form.untilPage('Nothing was paid'));
	await form.page.screenshot({ path: '/tmp/tpl/2.png' });
	await form.upload(CAMPAIGN, 'Rows.CSV', MISTAKES.join('\n').replace('e-mail', 'EMAIL'));
	console.log(await form.untilPage('Pay these points?'));
	await form.page.screenshot({ path: '/tmp/tpl/3.png', fullPage: true });
	const report = await form.pay();
	console.log(await form.untilPage('Some rows are not paid'));
	await form.page.screenshot({ path: '/tmp/tpl/4.png' });
	console.log(report.text, form.example.shop.ledger, await form.example.mailbox.next());
});
