import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../run/Operation';

/** A kind of thing in LoyaltyLion, and what can be done with it. */
export interface Resource {
	/** What a workflow holds that has chosen it. */
	value: string;
	/** Its name in the list of resources. */
	name: string;
	/** In the order in which they are offered; the first is preset. */
	operations: Operation[];
}

/**
 * Makes the node's fields of its resources: which resource, which operation, and each operation's own.
 *
 * @param resources all of them, the first is preset
 * @returns the fields, each shown where it belongs
 */
export function toProperties(resources: Resource[]): INodeProperties[] {
	return [
		{
			displayName: 'Resource',
			name: 'resource',
			type: 'options',
			noDataExpression: true,
			options: resources.map(({ name, value }) => ({ name, value })),
			default: valueOfFirst(resources),
		},
		...resources.flatMap(resourceProperties),
	];
}

/**
 * Makes the line below the node on the canvas, which names its operation, and the resource where several have
 * an operation of that name.
 *
 * @param resources all of them
 * @returns an expression of n8n's
 */
export function toSubtitle(resources: Resource[]): string {
	const all = resources.flatMap(({ operations }) => operations.map(({ name }) => name));
	const isShared = (name: string) => all.indexOf(name) < all.lastIndexOf(name);
	const names = resources.map((resource) => {
		const entries = resource.operations.map(({ value, name }) => {
			const subtitle = isShared(name) ? `${name}: ${resource.name}` : name;
			return `${value}: ${JSON.stringify(subtitle)}`;
		});
		return `${resource.value}: { ${entries.join(', ')} }`;
	});
	return `={{ { ${names.join(', ')} }[$parameter.resource]?.[$parameter.operation] }}`;
}

function resourceProperties({ value, operations }: Resource): INodeProperties[] {
	return [
		{
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			options: operations.map(({ name, value, action, description }) => ({
				name,
				value,
				action,
				description,
			})),
			default: valueOfFirst(operations),
			displayOptions: { show: { resource: [value] } },
		},
		...operations.flatMap((operation) =>
			operation.fields.map((field) => ({
				...field,
				displayOptions: {
					show: {
						...field.displayOptions?.show,
						resource: [value],
						operation: [operation.value],
					},
				},
			})),
		),
	];
}

function valueOfFirst([first]: { value: string }[]): string {
	return first?.value ?? '';
}
