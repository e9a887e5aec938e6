import type { INodeProperties } from 'n8n-workflow';
import type { Calendar } from './Calendar';

/** A field of the node: what the editor shows, and how it is read. */
export interface Field<Value> {
	property: INodeProperties;

	/** Set when an expression in it must not come to nothing, though the field may be left empty. */
	needsValue?: true;

	/**
	 * Checks and converts what the field came to.
	 *
	 * @param value what n8n resolved it to; '' when it is not there
	 * @param label the field's label, as the user sees it
	 * @param calendar reads dates as the workflow's time zone has them
	 * @returns the value
	 * @throws {InvalidInput} when it cannot be used
	 */
	read: (value: unknown, label: string, calendar: Calendar) => Value;
}

/**
 * Makes a field that speaks of itself in other words.
 *
 * @param field the field
 * @param words what it says
 * @returns the same field otherwise
 */
export function reworded<Value>(
	field: Field<Value>,
	words: Pick<INodeProperties, 'description' | 'hint' | 'placeholder'>,
): Field<Value> {
	return { ...field, property: { ...field.property, ...words } };
}

/** Several fields, each under the name that its value gets. */
export type Fields = Record<string, Field<unknown>>;

/** What several fields come to. */
export type ValuesOf<Some extends Fields> = {
	[Name in keyof Some]: Some[Name] extends Field<infer Value> ? Value : never;
};

/**
 * Puts optional fields behind one button of the editor.
 *
 * @param fields the fields
 * @returns the collection that holds them
 */
export function toOptions(fields: Fields): INodeProperties {
	return toCollection({ displayName: 'Options', name: OPTIONS, placeholder: 'Add option' }, fields);
}

/**
 * Puts fields that may be left out behind one button of the editor.
 *
 * @param face the collection's own label, name and button
 * @param fields the fields
 * @returns the collection that holds them
 */
export function toCollection(
	face: Pick<INodeProperties, 'displayName' | 'name' | 'placeholder' | 'description'>,
	fields: Fields,
): INodeProperties {
	return {
		...face,
		type: 'collection',
		default: {},
		options: Object.values(fields).map(({ property }) => property),
	};
}

/** The name of that collection. */
export const OPTIONS = 'options';
