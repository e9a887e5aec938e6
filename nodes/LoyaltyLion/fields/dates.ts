import type { INodeProperties } from 'n8n-workflow';
import { isRecord } from '../shared/json';
import type { Field } from './Field';
import { isEmpty, unusableValue } from './InvalidInput';

type Face = Pick<INodeProperties, 'displayName' | 'name' | 'description'>;

/**
 * Makes the fields that keep what was created in some time.
 *
 * @param after what the first one keeps, in words that follow "Only", e.g. "orders from this time on"
 * @param before the same of the second one, which says whether that very moment counts
 * @returns the fields
 */
export function toCreatedFields(after: string, before: string) {
	return {
		createdAfter: toTimeField({
			displayName: 'Created After',
			name: 'createdAfter',
			description: `Only ${after}. ${BY_TIME_ZONE}`,
		}),
		createdBefore: toTimeField({
			displayName: 'Created Before',
			name: 'createdBefore',
			description: `Only ${before}. ${BY_TIME_ZONE}`,
		}),
	};
}

/** What every field for a time says. */
export const BY_TIME_ZONE =
	"A date alone is the beginning of that day, and a time is that of the workflow's time zone.";

/**
 * Makes a field for a point in time that may be left empty.
 *
 * @param face its label, name and description
 * @returns the field; it reads ISO 8601 with an offset, by the workflow's time zone where the user gives none, and
 *   nothing where it is left empty
 */
export function toTimeField(face: Face): Field<string | undefined> {
	return {
		property: { ...face, type: 'dateTime', default: '' },
		needsValue: true,
		read(value, label, calendar) {
			if (isEmpty(value)) return undefined;
			const time = calendar.time(textOf(value));
			if (time !== undefined) return time;
			const example = 'e.g. 2026-11-24 or 2026-11-24T09:30:00';
			throw unusableValue(label, value, `${label} must be a date that there is, ${example}.`);
		},
	};
}

/**
 * Makes a field for a day that may be left empty.
 *
 * @param face its label, name and description
 * @returns the field; it reads e.g. 2026-11-24, and nothing where it is left empty
 */
export function toDayField(face: Face): Field<string | undefined> {
	return {
		property: { ...face, type: 'dateTime', default: '' },
		needsValue: true,
		read(value, label, calendar) {
			if (isEmpty(value)) return undefined;
			const day = calendar.day(textOf(value));
			if (day !== undefined) return day;
			throw unusableValue(label, value, `${label} must be a day that there is, e.g. 2026-11-24.`);
		},
	};
}

/** An expression gives a date of Luxon's or of JavaScript's as well. */
function textOf(value: unknown): string {
	if (typeof value === 'string') return value;
	const { toISO, toISOString } = isRecord(value) ? value : {};
	const write = toISO ?? toISOString;
	try {
		return typeof write === 'function' ? String(write.call(value)) : '';
	} catch {
		return '';
	}
}
