import type { IExecuteFunctions } from 'n8n-workflow';

/** Reads dates as the workflow's time zone has them. */
export class Calendar {
	/**
	 * @param context the running node
	 * @param itemIndex the input item, counted from 0
	 */
	constructor(
		private readonly context: IExecuteFunctions,
		private readonly itemIndex: number,
	) {}

	/**
	 * @param text a date, or a date and a time, in ISO 8601; without an offset it is the workflow's time,
	 *   and one that the clocks leave out is as much later as they are put forward
	 * @returns the time with its offset; nothing when it is no such text, or there is no such day or time
	 */
	time(text: string): string | undefined {
		return this.read(text, 'toISO()');
	}

	/**
	 * @param text a date, or a date and a time, in ISO 8601
	 * @returns the day that it is in the workflow's time zone, e.g. 2026-11-24; nothing when it is no such text,
	 *   or there is no such day
	 */
	day(text: string): string | undefined {
		return this.read(text, 'toISODate()');
	}

	/** @returns which day it is in the workflow's time zone, e.g. 2026-11-24 */
	today(): string {
		return this.evaluate(`fromMillis(${Date.now()}`, 'toISODate()') as string;
	}

	private read(text: string, format: string): string | undefined {
		const date = text.trim().replace(' ', 'T');
		if (!ISO_8601.test(date)) return undefined;
		const value = this.evaluate(`fromISO(${JSON.stringify(date)}`, format);
		return typeof value === 'string' && value !== '' ? value : undefined;
	}

	/** Luxon knows all time zones and their changes, and n8n has it in each of its expressions. */
	private evaluate(start: string, format: string): unknown {
		const zone = JSON.stringify({ zone: this.context.getTimezone() });
		const luxon = `DateTime.${start}, ${zone}).${format}`;
		return this.context.evaluateExpression(`{{ ${luxon} }}`, this.itemIndex);
	}
}

const ISO_8601 = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?)?$/;
