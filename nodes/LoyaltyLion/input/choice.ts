import { unusableValue } from './InvalidInput';

/**
 * Reads an option that is one of a few.
 *
 * @param label the option's label, as the user sees it
 * @param value what the field came to; nothing means the first
 * @param choices the values that there are
 * @returns one of them
 * @throws {InvalidInput} for any other value
 */
export function readChoice<Choice extends string>(
	label: string,
	value: unknown,
	choices: [Choice, ...Choice[]],
): Choice {
	if ([undefined, null, ''].some((nothing) => nothing === value)) return choices[0];
	const choice = choices.find((each) => each === value);
	if (choice !== undefined) return choice;
	throw unusableValue(label, value, `${label} must be one of ${choices.join(', ')}.`);
}
