import { Editor } from '../../dev/hosts/Editor.cts';
import type { Host, SavedCredential } from '../../dev/hosts/Host.cts';
import { credentialFields, openShop } from '../../dev/hosts/shop.cts';
import type { StandIn } from '../../dev/stand-in/StandIn.cts';
import { theHost } from './theHost.cts';

/** What Ann has done, and the shop has not looked at yet. */
const PENDING = {
	name: 'quiz',
	merchantId: 'S-9',
	customerId: '1001',
	points: 20,
	state: 'pending',
} as const;

let host: Host;
let shop: StandIn;
let editor: Editor;

beforeAll(async () => {
	host = await theHost();
	for (const { id } of await host.api<SavedCredential[]>('GET', '/credentials')) {
		await host.api('DELETE', `/credentials/${id}`);
	}
	shop = await openShop({
		1001: { email: 'ann@example.com', name: 'Ann Lee', points: 500, birthday: '1990-11-24' },
		1002: { email: 'li.wei@example.com', name: 'Li Wei', points: 40 },
		1003: { email: 'sam@example.com', name: 'Sam Doe', blocked: true },
		1004: { email: 'guy@example.com', name: 'Guy Guest', enrolled: false, guest: true },
	});
	await host.addCredential('LoyaltyLion account', credentialFields(shop));
	editor = await Editor.open(host);
	// So high that every field of an operation is to be seen.
	await editor.page.setViewportSize({ width: 1440, height: 1300 });
});
afterAll(async () => {
	await editor?.close();
	await shop?.stop();
});
beforeEach(() => {
	shop.reset();
	shop.rewards = [
		{ id: 71, title: '5 off', pointCost: 100, discountAmount: 5 },
		{ id: 72, title: '50 off', pointCost: 1000, discountAmount: 50 },
	];
	shop.rules = { quiz: { points: 20, title: 'Spring quiz', needsApproval: true } };
	shop.addByHand({ merchantId: '1001', points: 50, reason: 'Thanks for your feedback' }, 60_000);
});

/** Opens the list of what the node can do, behind a trigger that gives one item. */
async function openActions() {
	const workflow = await host.saveWorkflow({
		name: 'By hand',
		nodes: [
			{
				parameters: {},
				id: 'trigger',
				name: 'Start',
				type: 'n8n-nodes-base.manualTrigger',
				typeVersion: 1,
				position: [0, 0],
			},
		],
		connections: {},
		settings: { executionOrder: 'v1' },
		pinData: { Start: [{ json: { email: 'ann@example.com', submission: 'S-9' } }] },
	});
	await editor.openWorkflow(workflow.id);
	await editor.searchNodesBehind('loyaltylion');
	const creator = editor.page.getByTestId('node-creator');
	await creator.getByText('LoyaltyLion', { exact: true }).click();
	await creator.getByText('Add points to customer').waitFor();
	return creator;
}

/**
 * Adds the node with what it is to do.
 *
 * @param action in the words of the list
 */
async function add(action: string) {
	const creator = await openActions();
	await creator.getByText(action, { exact: true }).click();
	await editor.page.getByTestId('node-parameters').waitFor();
}

/** The labels of the fields, from the top. */
async function labels() {
	const all = editor.page.getByTestId('node-parameters').getByTestId('input-label');
	const texts = await all.locator('visible=true').allInnerTexts();
	return texts.map((text) => text.split('\n')[0]);
}

/**
 * Runs the node.
 *
 * @param screenshot the name of what is taken then
 * @returns the output panel, as it reads
 */
async function execute(screenshot: string) {
	const { page } = editor;
	await page.getByTestId('node-execute-button').click();
	await page.getByTestId('node-run-status-success').waitFor();
	const output = page.getByTestId('output-panel');
	await output.locator('table').first().waitFor();
	await editor.screenshot(`operation-${screenshot}`);
	const cells = await output.locator('th, td').allInnerTexts();
	return cells.map((cell) => cell.trim()).filter(Boolean);
}

const FIRST = ['Resource', 'Operation'];

test('the list of actions holds all that the node can do, by resource', async () => {
	const creator = await openActions();
	await creator.getByText('Update state of activity').waitFor();
	await editor.screenshot('operations');

	const lines = (await creator.innerText()).split('\n');
	const ends = ['CUSTOMER ACTIONS', 'Update state of activity'].map((end) => lines.indexOf(end));
	expect(lines.slice(ends[0], Number(ends[1]) + 1)).toEqual([
		'CUSTOMER ACTIONS',
		'Add points to customer',
		'Get customer',
		'Get many customers',
		'Remove points from customer',
		'Update customer',
		'TRANSACTION ACTIONS',
		'Get many transactions',
		'REWARD ACTIONS',
		'Claim reward',
		'Get many rewards',
		'Refund claimed reward',
		'ACTIVITY ACTIONS',
		'Get many activities',
		'Track activity',
		'Update state of activity',
	]);
});

test('Customer > Add Points', async () => {
	await add('Add points to customer');
	await editor.chooseFromList('customer', 'ann@', 'Ann Lee (ann@example.com)');
	await editor.fill('points', '50');
	await editor.fill('reason', 'Thanks for your spring quiz');
	await editor.fill('onlyOncePer', 'spring quiz');
	const fields = ['Customer', 'Points', 'Reason', 'Only Once Per', 'Options'];
	expect(await labels()).toEqual([...FIRST, ...fields]);

	const shown = await execute('add-points');

	expect(shown).toEqual(expect.arrayContaining(['1001', '50', 'spring quiz', 'response']));
	expect(shop.ledger.slice(1)).toEqual([
		{ merchantId: '1001', points: 50, reason: 'Thanks for your spring quiz' },
	]);
});

test('Customer > Get', async () => {
	await add('Get customer');
	await editor.chooseMode('customer', 'By Merchant ID');
	await editor.fill('customer', '1001');
	expect(await labels()).toEqual([...FIRST, 'Customer', 'Simplify', 'Options']);

	const shown = await execute('get-customer');

	expect(shown).toEqual(expect.arrayContaining(['points_approved', '550', 'Ann Lee', 'member']));
});

test('Customer > Get Many', async () => {
	await add('Get many customers');
	await editor.addOption('Filters', 'Email Contains');
	await editor.fill('emailContains', '@example.com');
	await editor.addOption('Filters', 'Status');
	await editor.choose('status', 'Blocked', 'Member');
	await editor.choose('sort', 'Oldest Customers First');
	const filters = ['Filters', 'Email Contains', 'Status'];
	expect(await labels()).toEqual([
		...FIRST,
		...['Return All', 'Limit', ...filters, 'Sort', 'Simplify', 'Options'],
	]);

	const shown = await execute('get-many-customers');

	const names = shown.filter((cell) =>
		['Ann Lee', 'Li Wei', 'Sam Doe', 'Guy Guest'].includes(cell),
	);
	expect(names).toEqual(['Ann Lee', 'Li Wei', 'Sam Doe']);
});

test('Customer > Remove Points', async () => {
	await add('Remove points from customer');
	await editor.chooseMode('customer', 'By Email');
	await editor.writeExpression('customer', '$json.email');
	await editor.fill('points', '30');
	await editor.fill('reason', 'Order 1001 was returned');
	await editor.addOption('Options', 'Include Customer');
	await editor.toggle('includeCustomer');
	const fields = ['Customer', 'Points', 'Reason', 'Only Once Per', 'Options', 'Include Customer'];
	expect(await labels()).toEqual([...FIRST, ...fields]);

	const shown = await execute('remove-points');

	expect(shown).toEqual(expect.arrayContaining(['1001', '30', 'response', 'customer']));
	expect(shop.ledger.slice(1)).toEqual([
		{ merchantId: '1001', points: -30, reason: 'Order 1001 was returned' },
	]);
});

test('Customer > Update', async () => {
	await add('Update customer');
	await editor.chooseFromList('customer', 'li', 'Li Wei (li.wei@example.com)');
	await editor.addOption('Fields to Update', 'Birthday');
	await editor.fill('birthday', '1990-05-17 00:00:00');
	await editor.addOption('Fields to Update', 'Blocked');
	await editor.toggle('blocked');
	const fields = ['Customer', 'Fields to Update', 'Birthday', 'Blocked', 'Simplify', 'Options'];
	expect(await labels()).toEqual([...FIRST, ...fields]);

	expect(await execute('update-customer')).toContain('1990-05-17');
	expect(shop.customerUpdates).toEqual([
		{ merchantId: '1002', birthday: '1990-05-17', blocked: true },
	]);
});

test('Transaction > Get Many', async () => {
	await add('Get many transactions');
	await editor.choose('scope', 'One Customer');
	await editor.chooseMode('customer', 'By Email');
	await editor.fill('customer', 'ann@example.com');
	await editor.addOption('Filters', 'Type');
	await editor.choose('type', 'Adjustment');
	await editor.addOption('Filters', 'Created After');
	await editor.fill('createdAfter', '2026-01-01 00:00:00');
	const filters = ['Filters', 'Created After', 'Type'];
	expect(await labels()).toEqual([
		...FIRST,
		...['Transactions Of', 'Customer', 'Return All', 'Limit', ...filters, 'Options'],
	]);

	const shown = await execute('get-many-transactions');

	expect(shown).toEqual(expect.arrayContaining(['adjustment', '50']));
	expect(shop.requests.at(-1)?.path).toContain('created_at_min=2026-01-01');
});

test('Reward > Claim', async () => {
	await add('Claim reward');
	await editor.chooseMode('customer', 'By Email');
	await editor.fill('customer', 'ann@example.com');
	await editor.chooseFromList('reward', '', '5 off');
	await editor.fill('onlyOncePer', 'spring voucher');
	expect(await labels()).toEqual([...FIRST, 'Customer', 'Reward', 'Only Once Per', 'Options']);

	const shown = await execute('claim-reward');

	expect(shop.claims).toMatchObject([{ merchantId: '1001', rewardId: 71, points: 100 }]);
	const code: unknown = shop.claims[0]?.code;
	expect(shown).toEqual(expect.arrayContaining(['voucherCode', code, 'response']));
});

test('Reward > Get Many', async () => {
	await add('Get many rewards');
	await editor.chooseFromList('customer', 'ann@', 'Ann Lee (ann@example.com)');
	await editor.toggle('onlyAffordable');
	const fields = ['Customer', 'Only Affordable', 'Return All', 'Limit', 'Simplify', 'Options'];
	expect(await labels()).toEqual([...FIRST, ...fields]);

	const shown = await execute('get-many-rewards');

	expect(shown).toEqual(expect.arrayContaining(['5 off', '100', 'affordable']));
	expect(shown).not.toContain('50 off');
});

test('Reward > Refund', async () => {
	const { id } = shop.claimByHand({ merchantId: '1001', rewardId: 71 }, 30_000);
	await add('Refund claimed reward');
	await editor.chooseMode('customer', 'By Email');
	await editor.fill('customer', 'ann@example.com');
	await editor.fill('claimedRewardId', String(id));
	expect(await labels()).toEqual([...FIRST, 'Customer', 'Claimed Reward ID', 'Options']);

	const shown = await execute('refund-reward');

	expect(shown).toEqual(expect.arrayContaining(['voucherDeleted', 'response']));
	expect(shop.refunds).toEqual([{ merchantId: '1001', claimedRewardId: id, points: 100 }]);
});

test('Activity > Track', async () => {
	await add('Track activity');
	await editor.fill('ruleName', 'quiz');
	await editor.chooseMode('customer', 'By Email');
	await editor.fill('customer', 'ann@example.com');
	await editor.writeExpression('activityId', '$json.submission');
	await editor.page.getByText('Add property').locator('visible=true').first().click();
	await editor.fill('name', 'page');
	await editor.fill('value', 'https://example.com/quiz');
	await editor.fill('date', '2026-11-01 09:30:00');
	const properties = ['Properties', 'Name', 'Value'];
	expect(await labels()).toEqual([
		...FIRST,
		...['Rule Name', 'Customer', 'Activity ID', ...properties, 'Date', 'Options'],
	]);

	const shown = await execute('track-activity');

	expect(shown).toEqual(expect.arrayContaining(['quiz', 'S-9', 'response']));
	expect(shop.tracked).toMatchObject([
		{
			name: 'quiz',
			customer_id: '1001',
			guest: false,
			properties: { page: 'https://example.com/quiz' },
		},
	]);
});

test('Activity > Update State', async () => {
	shop.actByHand(PENDING, 30_000);
	await add('Update state of activity');
	await editor.fill('ruleName', 'quiz');
	await editor.fill('activityId', 'S-9');
	await editor.choose('state', 'Declined');
	expect(await labels()).toEqual([...FIRST, 'Rule Name', 'Activity ID', 'State', 'Options']);

	expect(await execute('update-state')).toEqual(expect.arrayContaining(['S-9', 'declined']));
	expect(shop.stateUpdates).toEqual([{ name: 'quiz', merchantId: 'S-9', state: 'declined' }]);
});

test('Activity > Get Many', async () => {
	shop.actByHand(PENDING, 30_000);
	await add('Get many activities');
	await editor.addOption('Filters', 'Rule Name');
	await editor.fill('ruleName', 'quiz');
	await editor.addOption('Filters', 'State');
	await editor.choose('state', 'Pending');
	const filters = ['Filters', 'Rule Name', 'State'];
	expect(await labels()).toEqual([...FIRST, 'Return All', 'Limit', ...filters, 'Options']);

	expect(await execute('get-many-activities')).toEqual(expect.arrayContaining(['S-9', 'pending']));
});
