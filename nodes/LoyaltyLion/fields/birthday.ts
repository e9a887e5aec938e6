import type { Field } from './Field';
import { isEmpty, unusableValue } from './InvalidInput';
import { wholeNumber } from './values';

/** So many days hold everybody's birthday. */
const MAX_DAYS = 366;

const DAY_MS = 86_400_000;

/**
 * Whose birthday is today or within some days more: the days of the year on which it then is, e.g. 11-24; `undefined`
 * for anybody's. Who was born on 29 February has it on the 28th in a year without that day.
 */
export const birthdayField: Field<ReadonlySet<string> | undefined> = {
	property: {
		displayName: 'Birthday In the Next … Days',
		name: 'birthdayInDays',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: MAX_DAYS },
		default: 0,
		description:
			"Only customers whose birthday is today or in so many days from now: 0 is today, 6 is today and the six days after it, in the workflow's time zone. A birthday on 29 February counts as 28 February in years without that day. The node reads customers until it has found enough.",
	},
	needsValue: true,
	read(value, label, calendar) {
		if (isEmpty(value)) return undefined;
		const days = wholeNumber(value, 0, MAX_DAYS);
		if (days !== undefined) return birthdaysFrom(calendar.today(), days);
		throw unusableValue(
			label,
			value,
			`${label} must be a whole number from 0 to ${MAX_DAYS}, e.g. 7.`,
		);
	},
};

function birthdaysFrom(today: string, days: number): ReadonlySet<string> {
	const start = Date.parse(today);
	const dates = Array.from({ length: days + 1 }, (_, index) => new Date(start + index * DAY_MS));
	return new Set(dates.flatMap(birthdaysOn));
}

/** Every day but the last of some Februaries has its own birthdays only. */
function birthdaysOn(date: Date): string[] {
	const day = dayOfYear(date);
	const nextDay = dayOfYear(new Date(date.getTime() + DAY_MS));
	return day === '02-28' && nextDay === '03-01' ? [day, '02-29'] : [day];
}

function dayOfYear(date: Date): string {
	return date.toISOString().slice('2026-'.length, '2026-11-24'.length);
}
