import { ItemFailure } from '../errors/ItemFailure';
import { InvalidInput, unreadableField } from './InvalidInput';
import type { Parameters } from './Parameters';

/** Reads the fields of one item, and remembers every one that cannot be used. */
export class ItemFields {
	private readonly faults: InvalidInput[] = [];

	/**
	 * @param parameters the node's
	 * @param itemIndex the input item, counted from 0
	 */
	constructor(
		private readonly parameters: Parameters,
		private readonly itemIndex: number,
	) {}

	/**
	 * Reads one field.
	 *
	 * @param label the field's label, as the user sees it
	 * @param name the parameter's name
	 * @param toValue checks and converts what the field came to ('' when it is not there); throws
	 *   {@link InvalidInput}
	 * @returns the value, or `undefined` when the field cannot be used; never throws
	 */
	read<Value>(label: string, name: string, toValue: (raw: unknown) => Value): Value | undefined {
		try {
			return toValue(this.parameters.resolve(name, this.itemIndex));
		} catch (error) {
			this.faults.push(error instanceof InvalidInput ? error : unreadableField(label, error));
			return undefined;
		}
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
}
