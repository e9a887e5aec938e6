import type { WorkflowFile } from '../../dev/hosts/Host.cts';
import { ConfirmedForm } from './ConfirmedForm.cts';

const REWARD = { id: 71, title: '5 off', pointCost: 500, discountAmount: 5 };

let form: ConfirmedForm;

beforeAll(async () => {
	form = await ConfirmedForm.open('reward-for-a-confirmed-form.json', {
		customers: {
			4001: { email: 'ann@example.com', name: 'Ann Lee', points: 1200 },
			4002: { email: 'li.wei@example.com', name: 'Li Wei', points: 40 },
		},
		adapt: async (file) => withReward(file),
	});
	form.example.shop.rewards = [REWARD];
	await form.example.screenshotCanvas('reward-canvas');
});
afterAll(async () => {
	await form?.close();
});

/** Puts the ID of the reward into its node. */
function withReward(file: WorkflowFile): WorkflowFile {
	const reward = { __rl: true, mode: 'id', value: String(REWARD.id) };
	const nodes = file.nodes.map((node) =>
		node.name === 'LoyaltyLion' ? { ...node, parameters: { ...node.parameters, reward } } : node,
	);
	return { ...file, nodes };
}

/** The mail with the voucher, or the one to the shop. */
async function nextMail() {
	const { to, subject, text } = await form.example.mailbox.next();
	return { to: to?.map(({ address }) => address), subject, text };
}

test('the voucher comes by mail once the button behind the link is pressed, and the page does not show it', async () => {
	const { editor, shop } = form.example;
	await form.answer('Ann@Example.com');
	await editor.screenshot('reward-sent');
	const { to, text, link } = await form.nextLink();
	expect(to).toEqual(['Ann@example.com']);
	expect(text).toContain('500 points');
	expect(shop.requests).toEqual([]);

	await form.page.goto(link);
	await editor.screenshot('reward-page');
	expect(shop.requests).toEqual([]);
	await form.press();

	await form.page.getByText('We have mailed you the voucher.').waitFor();
	await editor.screenshot('reward-thanks');
	const [claim] = shop.claims;
	expect(shop.claims).toMatchObject([{ merchantId: '4001', rewardId: 71, points: 500 }]);
	const mail = await nextMail();
	expect(mail).toMatchObject({ to: ['Ann@example.com'], subject: 'Your voucher' });
	expect(mail.text).toContain(claim?.code);
	expect(await form.page.content()).not.toContain(claim?.code);
	expect(shop.balanceOf('4001')).toBe(700);
});

test('whoever confirms a second time gets the same voucher, and pays for it once', async () => {
	const { shop } = form.example;
	await form.confirm('ann@example.com');

	await form.page.getByText('We have mailed you the voucher.').waitFor();
	expect((await nextMail()).text).toContain(shop.claims[0]?.code);
	expect(shop.claims).toHaveLength(1);
	expect(shop.balanceOf('4001')).toBe(700);
});

test.each([
	{ who: 'has no account', email: 'ann@exmple.com' },
	{ who: 'has too few points', email: 'li.wei@example.com' },
])('who $who is promised a look, and the shop gets a mail', async ({ email }) => {
	const { editor, shop } = form.example;
	await form.confirm(email);

	await form.page.getByText('We will look after your voucher').waitFor();
	await editor.screenshot('reward-promise');
	const mail = await nextMail();
	expect(mail).toMatchObject({ to: ['you@example.com'], subject: 'A voucher that needs a look' });
	expect(mail.text).toContain(`Email in the form: ${email}`);
	expect(shop.claims).toHaveLength(1);
});
