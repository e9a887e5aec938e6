import { unusableValue } from './InvalidInput';

/**
 * Reads an option that is on or off.
 *
 * @param label the option's label, as the user sees it
 * @param value what the field came to; nothing means off
 * @returns whether it is on
 * @throws {InvalidInput} for anything but true and false, as such or as text
 */
export function readFlag(label: string, value: unknown): boolean {
	if (value === true || value === 'true') return true;
	if ([false, 'false', '', undefined, null].some((off) => off === value)) return false;
	throw unusableValue(label, value, `${label} must be true or false.`);
}
