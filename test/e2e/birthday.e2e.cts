import { Example } from './Example.cts';

/** A zone in which the day is not about to end, so that all of the test is in one day. */
const noon = 12 - new Date().getUTCHours();
const TIMEZONE = `Etc/GMT${noon > 0 ? '-' : '+'}${Math.abs(noon)}`;
const DAY_MS = 86_400_000;

/** A day in that zone, so many days from today. */
function day(daysFromToday: number) {
	const there = new Date(Date.now() + noon * 3_600_000 + daysFromToday * DAY_MS);
	return there.toISOString().slice(0, 10);
}
const birthday = (daysFromToday: number) => `1990${day(daysFromToday).slice(4)}`;
const REASON = `Happy birthday ${day(0).slice(0, 4)}`;

let example: Example;

beforeAll(async () => {
	example = await Example.open('birthday-bonus.json', {
		customers: {
			2001: { email: 'ann@example.com', name: 'Ann Lee', birthday: birthday(0) },
			2002: { email: 'li.wei@example.com', name: 'Li Wei', birthday: birthday(-1) },
			2003: { email: 'maria@example.com', name: 'Maria López', birthday: birthday(1) },
			2004: { email: 'sam@example.com', birthday: birthday(0), blocked: true },
			2005: { email: 'guest@example.com', birthday: birthday(0), enrolled: false, guest: true },
			2006: { email: 'tom@example.com', name: 'Tom Hill', birthday: birthday(0) },
			2007: { email: 'pat@example.com', name: 'Pat Quinn' },
		},
		adapt: async (file) => ({ ...file, settings: { ...file.settings, timezone: TIMEZONE } }),
	});
});
afterAll(async () => {
	await example?.close();
});

/** Presses the button that runs the workflow now. */
async function runByHand(count: number) {
	const { editor, host, workflow } = example;
	await editor.page.getByTestId('execute-workflow-button').click();
	await host.untilEnded(workflow.id, count);
}

test('members whose birthday is today get the bonus, and the shop hears of whom it could not be given', async () => {
	const { editor, shop, mailbox } = example;
	shop.misbehaveFor('2006', { kind: 'status', status: 422, times: 1 });
	await example.screenshotCanvas('birthday-canvas');

	await runByHand(1);

	await editor.screenshot('birthday-first-run');
	expect(shop.ledger).toEqual([{ merchantId: '2001', points: 100, reason: REASON }]);
	const { to, text } = await mailbox.next();
	expect(to).toMatchObject([{ address: 'you@example.com' }]);
	expect(text).toContain('2006');
	expect(text).toContain(
		'run the workflow again today: nobody gets the points of this year twice.',
	);
});

test('whoever has had the bonus gets no other when it is run again', async () => {
	const { editor, shop } = example;

	await runByHand(2);

	await editor.openNode('Give the Bonus');
	const output = editor.page.getByTestId('output-panel');
	await output.getByText('alreadyAdded').first().waitFor();
	await editor.screenshot('birthday-again');
	expect(shop.ledger).toEqual([
		{ merchantId: '2001', points: 100, reason: REASON },
		{ merchantId: '2006', points: 100, reason: REASON },
	]);
});
