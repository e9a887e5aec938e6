import { customer } from '../../../nodes/LoyaltyLion/actions/customer/customer.resource.ts';
import { ItemFailure } from '../../../nodes/LoyaltyLion/errors/ItemFailure.ts';
import type { Field } from '../../../nodes/LoyaltyLion/fields/Field.ts';
import { ItemFields } from '../../../nodes/LoyaltyLion/fields/ItemFields.ts';
import { wholeNumber } from '../../../nodes/LoyaltyLion/fields/values.ts';
import type { Operation } from '../../../nodes/LoyaltyLion/run/Operation.ts';
import { addPointsWorkflow, outcomeOf } from '../../harness/addPoints.cts';
import { shop } from '../../harness/shop.cts';

/**
 * An operation that there is not, to show what a new one takes: one file such as this object, and its name in
 * one line of its resource.
 */

/** How many greetings a customer gets. */
const timesField: Field<number> = {
	property: {
		displayName: 'Times',
		name: 'times',
		type: 'number',
		default: 1,
		description: 'How often to greet',
	},
	read(value: unknown) {
		const times = wholeNumber(value, 0, 5);
		if (times !== undefined) return times;
		throw new ItemFailure({
			code: 'too_many_greetings',
			message: 'Times must be from 0 to 5',
			description: 'Choose fewer.',
		});
	},
};

const greet: Operation = {
	value: 'greet',
	name: 'Greet',
	action: 'Greet customer',
	description: 'Say hello as often as wanted',
	fields: [timesField.property],
	words: {
		done: 'were greeted',
		reasons: { went_home: 'the customer had gone home' },
		unclearAdvice: 'Listen before you greet again.',
		unexpected: { code: 'not_greeted', message: 'Lost the voice', description: 'Have some tea.' },
		blank: { subject: { greeted: null }, beside: { mood: null } },
		errorFields: () => ({ wasHeard: false }),
	},
	async execute(item) {
		const times = new ItemFields(item.run.parameters, item.itemIndex).read(timesField);
		item.report = { subject: { greeted: times }, beside: { mood: 'glad' } };
		if (times === undefined) throw new Error('No voice');
		if (times === 5) {
			throw new ItemFailure({
				code: 'went_home',
				message: 'The customer had gone home',
				description: 'Come earlier.',
			});
		}
		return Array.from({ length: times }, (_, index) => ({ greeting: index + 1 }));
	},
};

// Before the node is loaded.
customer.operations.push(greet);
const { n8n, run, credential, standIn } = shop();

async function greetAll(
	times: number[],
	onError: 'continueErrorOutput' | 'continueRegularOutput' | 'stopWorkflow' = 'continueErrorOutput',
) {
	const { nodes, connections } = addPointsWorkflow({ onError });
	const workflow = {
		nodes: nodes.map((node) =>
			node.name === 'LoyaltyLion'
				? {
						...node,
						parameters: { resource: 'customer', operation: 'greet', times: '={{ $json.times }}' },
					}
				: node,
		),
		connections,
	};
	const items = times.map((each, row) => ({ json: { times: each, row } }));
	return outcomeOf(
		await n8n().run(workflow, { pinData: { Start: items }, credential: credential() }),
	);
}

test('is offered beside the others, with fields that are shown for it alone', () => {
	const { properties, subtitle } = n8n().nodeDescription();
	const operations = properties.find(({ name }) => name === 'operation');

	expect(operations?.options?.[0]).toMatchObject({ value: 'addPoints' });
	expect(operations?.options?.at(-1)).toEqual({
		name: 'Greet',
		value: 'greet',
		action: 'Greet customer',
		description: 'Say hello as often as wanted',
	});
	expect(properties.find(({ name }) => name === 'times')).toEqual({
		...timesField.property,
		displayOptions: { show: { resource: ['customer'], operation: ['greet'] } },
	});
	expect(subtitle).toMatch(
		/^=\{\{ \{ customer: \{ addPoints: "Add Points", .*greet: "Greet" \}.* \}\[\$parameter\.resource\]\?\.\[\$parameter\.operation\] \}\}$/,
	);
	expect(subtitle).toContain('transaction: { getAll: "Get Many: Transaction" }');
});

test('gives several items for one, each linked to its input', async () => {
	const { succeeded, output } = await greetAll([2, 0, 3]);

	expect(succeeded.map(({ greeting, sees }) => [greeting, sees])).toEqual([
		[1, 0],
		[2, 0],
		[1, 2],
		[2, 2],
		[3, 2],
	]);
	expect(output[0]?.map(({ pairedItem }) => pairedItem)).toEqual(
		[0, 0, 2, 2, 2].map((item) => ({ item })),
	);
});

test('has words, codes and columns of its own', async () => {
	const { failed, hints } = await greetAll([1, 5, 5]);

	expect(failed.map(({ error }) => error)).toEqual(
		[1, 2].map((item) => ({
			message: `The customer had gone home [item ${item}]`,
			description: 'Come earlier.',
			code: 'went_home',
			httpCode: null,
			wasHeard: false,
			greeted: 5,
		})),
	);
	expect(hints.map(({ message }) => message)).toEqual([
		'1 of 3 items were greeted, 2 did not. Most common reason: the customer had gone home (2 items).',
	]);
	const { succeeded } = await greetAll([5], 'continueRegularOutput');
	expect(succeeded).toMatchObject([
		{ success: false, greeted: 5, mood: 'glad', error: { code: 'went_home' } },
	]);
	expect(JSON.stringify([failed, hints, succeeded])).not.toMatch(/points/i);
});

test('says of a fault of its own what it wants to', async () => {
	const { failed } = await greetAll([7]);

	expect(failed).toMatchObject([
		{ error: { code: 'not_greeted', message: 'Lost the voice [item 0]', greeted: undefined } },
	]);
});

test('leaves the others as they are', async () => {
	const { succeeded } = await run({ items: [{ merchantId: '1001', points: 5 }] });

	expect(succeeded).toMatchObject([{ confirmedBy: 'response' }]);
	expect(standIn.balances()).toEqual({ 1001: 5 });
});
