import type { Host } from '../../dev/hosts/Host.cts';
import type { Topic } from '../../dev/stand-in/topics.cts';
import { Example } from './Example.cts';
import { ORIGIN, startReachedHost } from './events.cts';

const UPGRADED: Topic = 'program_events/customer.tier_upgraded';
const EXPIRING: Topic = 'program_events/customer.approaching_points_expiration';

/** The last resort only: nothing is expected to take this long. */
const LAST_RESORT_MS = 3 * 60_000;

let host: Host;
let tiers: Example;
let reminder: Example;

beforeAll(async () => {
	host = await startReachedHost();
	tiers = await Example.open('tier-upgraded-bonus.json', { host });
	reminder = await Example.open('points-about-to-expire.json', { host });
});
afterAll(async () => {
	await tiers?.close();
	await reminder?.close();
	await host?.stop();
});

/** Publishes an example as n8n does: in its own time. */
async function publish(example: Example, topic: Topic) {
	const { shop } = example;
	shop.deliveries.routes = { [ORIGIN]: host.url };
	await example.publish();
	await host.until('the webhook', async () => shop.hooks.length > 0 || undefined);
	expect(shop.hooks.map((hook) => hook.topic)).toEqual([topic]);
}

describe('a bonus for a new tier', () => {
	const bonus = { merchantId: '6145627226296', points: 100, reason: 'Welcome to Silver' };

	test('is paid once, with one mail, though the event comes twice', async () => {
		const { shop, mailbox, workflow } = tiers;
		await tiers.screenshotCanvas('tier-canvas');
		await publish(tiers, UPGRADED);
		shop.deliveries.copies = 2;

		const [delivery] = await shop.happens(UPGRADED);

		expect(delivery?.answers.map(({ status }) => status)).toEqual([200, 200]);
		const { to, subject, text } = await mailbox.next();
		expect(to).toMatchObject([{ address: 'ann@example.com' }]);
		expect(subject).toBe('You have reached Silver');
		expect(text).toContain('100 points are on your account');
		await host.untilEnded(workflow.id, 1);
		expect(shop.ledger).toEqual([bonus]);
	});

	test('is not paid again when the tier is reached again, and the shop hears of who could not get it', async () => {
		const { shop, mailbox, workflow } = tiers;
		shop.deliveries.copies = 1;
		await shop.happens(UPGRADED);
		await host.untilEnded(workflow.id, 2);
		const customer = { merchant_id: '404', email: 'gone@example.com' };
		await shop.happens(UPGRADED, { more: { customer } });

		const { to, text } = await mailbox.next();

		expect(to).toMatchObject([{ address: 'you@example.com' }]);
		expect(text).toContain('404');
		expect(text).toContain('nobody gets the bonus of a tier twice.');
		const executions = await host.untilEnded(workflow.id, 3);
		expect(executions).toHaveLength(3);
		expect(shop.ledger).toEqual([bonus]);
	});
});

test('whoever has points that are about to expire is reminded', async () => {
	const { shop, mailbox, workflow } = reminder;
	await reminder.screenshotCanvas('reminder-canvas');
	await publish(reminder, EXPIRING);

	await shop.happens(EXPIRING, {
		more: { points_to_expire: 120, expire_points_at: '2026-12-24T12:00:00.000Z' },
	});

	const { to, subject, text } = await mailbox.next();
	expect(to).toMatchObject([{ address: 'ann@example.com' }]);
	expect(subject).toBe('Use your 120 points by 24 December');
	expect(text).toContain('120 of your points expire on 24 December 2026.');
	await host.untilEnded(workflow.id, 1);
});

describe('in the editor', () => {
	test('an example runs with the sample that is pinned to its trigger', async () => {
		const { editor, mailbox, shop, workflow } = reminder;
		await editor.openWorkflow(workflow.id);
		const asked = shop.requests.length;
		await editor.page.getByTestId('execute-workflow-button').click();

		const { text } = await mailbox.next();

		expect(text).toContain('420 of your points expire on 24 December 2026.');
		const [execution] = await host.untilEnded(workflow.id, 2);
		expect(execution?.status).toBe('success');
		expect(shop.requests).toHaveLength(asked);
		await editor.showAll();
		await editor.screenshot('reminder-sample');
		await editor.openNode('Points About to Expire');
		const output = editor.page.getByTestId('output-panel');
		await output.getByText('Schema', { exact: true }).click();
		const customer = output.getByTestId('run-data-schema-item').filter({ hasText: /^customer$/ });
		await customer.locator('.toggle').click();
		await output.getByText('expire_points_at').first().waitFor();
		await editor.picture('trigger');
	});

	test('the list says of each event when it comes, and what it needs', async () => {
		const { page } = reminder.editor;
		await reminder.editor.field('events').click();

		const items = page.locator('.el-select-dropdown__item:visible');
		await items.first().waitFor();
		expect(await items.count()).toBe(20);
		await expect(items.filter({ hasText: 'Tier Upgraded' }).innerText()).resolves.toContain(
			'When a customer rises to a higher tier; not on joining the first. Needs the read_customers scope.',
		);
		await reminder.editor.screenshot('trigger-events');
		await items.last().scrollIntoViewIfNeeded();
		await reminder.editor.screenshot('trigger-events-end');
		await reminder.editor.leaveField();
	});

	test.each(['Points Earned', 'Customer Updated'])(
		'%s brings the advice on loops',
		async (event) => {
			const { editor } = reminder;
			const notice = editor.page.getByText('starts itself again, without end');
			await expect(notice.isVisible()).resolves.toBe(false);

			await editor.choose('events', event);

			await notice.waitFor();
			await editor.screenshot(`trigger-loop-${event.replace(' ', '-').toLowerCase()}`);
			await editor.choose('events', event);
			await notice.waitFor({ state: 'hidden' });
		},
	);

	test('the credential has its secret for the trigger', async () => {
		const { editor } = reminder;
		await editor.page.getByTestId('credential-edit-button').click();

		const dialog = editor.page.locator('.el-dialog:visible, [role="dialog"]:visible').first();
		await dialog.getByText('Site Secret').first().waitFor();
		await editor.screenshot('trigger-credential');
		expect(await dialog.innerText()).toContain('Copy it in LoyaltyLion from Manage > Settings');
	});
});

test('a workflow is not published under an address that LoyaltyLion does not take', async () => {
	const example = await Example.open('tier-upgraded-bonus.json');
	const { editor, workflow, shop } = example;
	await editor.openWorkflow(workflow.id);
	await editor.page.getByTestId('workflow-open-publish-modal-button').click();
	await editor.screenshot('trigger-publish-window');
	await editor.page.getByTestId('workflow-publish-button').click();

	// n8n publishes in its own time.
	const message = editor.page.getByText('only to addresses that begin with https://').first();
	await message.hover({ timeout: LAST_RESORT_MS });
	await editor.screenshot('trigger-http');
	expect(shop.hooks).toEqual([]);
	await example.close();
});
