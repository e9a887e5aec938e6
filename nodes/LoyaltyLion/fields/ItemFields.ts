import { ItemFailure } from '../errors/ItemFailure';
import type { Calendar } from './Calendar';
import { OPTIONS, type Field, type Fields, type ValuesOf } from './Field';
import { InvalidInput, isEmpty, isEmptyList, noValue, unreadableField } from './InvalidInput';
import type { Parameters } from './Parameters';

/** Reads the fields of one item, and remembers every one that cannot be used. */
export class ItemFields {
	private readonly faults: InvalidInput[] = [];

	private readonly calendar: Calendar;

	/**
	 * @param parameters the node's
	 * @param itemIndex the input item, counted from 0
	 */
	constructor(
		private readonly parameters: Parameters,
		private readonly itemIndex: number,
	) {
		this.calendar = parameters.calendar(itemIndex);
	}

	/**
	 * Reads one field.
	 *
	 * @param field which one
	 * @returns the value, or `undefined` when the field cannot be used; never throws
	 */
	read<Value>(field: Field<Value>): Value | undefined {
		return this.readAt(field.property.name, field);
	}

	/**
	 * Reads several fields.
	 *
	 * @param fields which ones
	 * @returns the values of those that can be used, and whether these are all; never throws
	 */
	readEach<Some extends Fields>(fields: Some): Values<Some> {
		const faultsBefore = this.faults.length;
		const values = Object.fromEntries(
			Object.entries(fields)
				.map(([name, field]) => [name, this.read(field)] as const)
				.filter(([, value]) => value !== undefined),
		);
		return { values, areAll: this.faults.length === faultsBefore } as Values<Some>;
	}

	/**
	 * Reads the fields that stand behind Options.
	 *
	 * @param fields which ones
	 * @returns their values, or `undefined` when one cannot be used; never throws
	 */
	readOptions<Some extends Fields>(fields: Some): ValuesOf<Some> | undefined {
		return this.readCollection(OPTIONS, fields);
	}

	/**
	 * Reads the fields of a collection.
	 *
	 * @param collection its name
	 * @param fields which ones
	 * @returns their values, or `undefined` when one cannot be used; never throws
	 */
	readCollection<Some extends Fields>(
		collection: string,
		fields: Some,
	): ValuesOf<Some> | undefined {
		const faultsBefore = this.faults.length;
		const values = Object.entries(fields).map(([name, field]) => [
			name,
			this.readAt(`${collection}.${field.property.name}`, field),
		]);
		const isReadable = this.faults.length === faultsBefore;
		return isReadable ? (Object.fromEntries(values) as ValuesOf<Some>) : undefined;
	}

	/** Whether a field that was read by now cannot be used. */
	get hasFaults(): boolean {
		return this.faults.length > 0;
	}

	/** @param fault what is wrong with fields that can be used one by one */
	refuse(fault: InvalidInput): void {
		this.faults.push(fault);
	}

	/**
	 * One failure that names every field that could not be used.
	 *
	 * @param whom the item in words that follow "for", e.g. "customer 1001"
	 * @returns the failure, to be thrown
	 */
	failure(whom: string): ItemFailure {
		return new ItemFailure({
			code: 'invalid_input',
			message: this.faults.map((fault) => fault.message).join('; '),
			description: [
				...this.faults.map((fault) => fault.advice),
				`Nothing was sent to LoyaltyLion for ${whom}.`,
			].join(' '),
		});
	}

	private readAt<Value>(
		name: string,
		{ property, needsValue, read }: Field<Value>,
	): Value | undefined {
		const label = property.displayName;
		try {
			const value = this.parameters.resolve(name, this.itemIndex);
			const lacksValue = needsValue && (isEmpty(value) || isEmptyList(value));
			if (lacksValue && this.parameters.isFilled(name, this.itemIndex)) throw noValue(label);
			return read(value, label, this.calendar);
		} catch (error) {
			this.faults.push(error instanceof InvalidInput ? error : unreadableField(label, error));
			return undefined;
		}
	}
}

type Values<Some extends Fields> =
	| { areAll: true; values: ValuesOf<Some> }
	| { areAll: false; values: Partial<ValuesOf<Some>> };
