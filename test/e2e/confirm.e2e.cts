import { ConfirmedForm } from './ConfirmedForm.cts';

const ANN = { 6145627226296: 50 };

let form: ConfirmedForm;

beforeAll(async () => {
	form = await ConfirmedForm.open('points-for-a-confirmed-form.json');
});
afterAll(async () => {
	await form?.close();
});

test('whoever sends the form gets a mail, and neither the link nor points', async () => {
	const { editor, shop } = form.example;
	expect(await form.answer('Ann@Example.com')).toBe('{"status":200}');

	await editor.screenshot('confirm-sent');
	expect(shop.requests).toEqual([]);
});

test('points come when the button behind the link is pressed, and no sooner', async () => {
	const { editor, host, shop, workflow } = form.example;
	const { to, text, link } = await form.nextLink();
	expect(to).toEqual(['Ann@example.com']);
	expect(text).toContain('our form was sent with the email Ann@Example.com.');

	// As mail programs do, which look at links before their readers do.
	const opened = await fetch(link);
	expect(await opened.text()).toContain('the account with the email Ann@Example.com');
	const withoutSecret = String(new URL('?', link));
	expect(await fetch(withoutSecret)).toMatchObject({ status: 401 });
	const pressed = { method: 'POST', body: new FormData() };
	expect(await fetch(withoutSecret, pressed)).toMatchObject({ status: 401 });
	expect(shop.requests).toEqual([]);

	await form.page.goto(link);
	await editor.screenshot('confirm-page');
	await form.press();

	await form.page.getByText('50 points are on your account.').waitFor();
	await editor.screenshot('confirm-thanks');
	expect(shop.balances()).toEqual(ANN);

	await host.untilEnded(workflow.id, 2);
	await form.page.goto(link);
	await form.page.getByText('Your response has been recorded').waitFor();
	expect(shop.balances()).toEqual(ANN);
});

test('whoever confirms a second time has the points once, and reads that they are there', async () => {
	const { editor, shop } = form.example;
	await form.confirm('ann@example.com');

	await form.page.getByText('Your points for this are on your account already.').waitFor();
	await editor.screenshot('confirm-again');
	expect(shop.balances()).toEqual(ANN);
});

test('who has no account sees the page of the error branch, and the shop gets a mail', async () => {
	const { mailbox, shop } = form.example;
	await form.confirm('ann@exmple.com');

	await form.page.getByText('We will look after your points').waitFor();
	const { to, text } = await mailbox.next();
	expect(to).toMatchObject([{ address: 'you@example.com' }]);
	expect(text).toContain('Email in the form: ann@exmple.com');
	expect(shop.balances()).toEqual(ANN);
});
