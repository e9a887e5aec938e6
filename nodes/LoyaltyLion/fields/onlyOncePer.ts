import { hasInvisible } from '../shared/plainText';
import type { Field } from './Field';
import { unusableValue } from './InvalidInput';
import { wholeNumber } from './values';

/** As long as any order number, submission ID or name of a campaign. */
const MAX_CHARACTERS = 255;

/** What the same customer gets points for once, whatever is run again; `null` when that does not matter. */
export const onlyOncePerField: Field<string | null> = {
	property: {
		displayName: 'Only Once Per',
		name: 'onlyOncePer',
		type: 'string',
		default: '',
		placeholder: 'e.g. spring quiz',
		description:
			'What the points are for. n8n remembers it for this node, so that nobody is paid again for it, whatever is run again. If n8n crashes while points are being sent, the node looks for them in LoyaltyLion, and knows them when their reason holds the value. Leave it empty to add points each time.',
		hint: "The same customer gets points for the same value once: an order number, a submission ID, or a campaign's name for once per customer. Put an order number into Reason as well: then even a crash needs nobody to check.",
	},
	// Else every row without an order number would be paid each time.
	needsValue: true,
	read(value, label) {
		const text = typeof value === 'number' ? readNumber(value, label) : value;
		if (text === undefined || text === null) return null;
		if (typeof text !== 'string') throw unusableValue(label, value, MUST_BE);
		const trimmed = text.trim();
		if (hasInvisible(trimmed)) {
			throw unusableValue(
				label,
				value,
				'Only Once Per must not hold line breaks or other invisible characters.',
			);
		}
		if ([...trimmed].length > MAX_CHARACTERS) {
			throw unusableValue(
				label,
				value,
				`Only Once Per must have at most ${MAX_CHARACTERS} characters.`,
			);
		}
		return trimmed === '' ? null : trimmed;
	},
};

const MUST_BE =
	'Only Once Per must be a text or a number, e.g. the number of an order, or be left empty.';

function readNumber(value: number, label: string): string {
	const losesDigits = Number.isInteger(value) && !Number.isSafeInteger(value);
	if (Number.isFinite(value) && !losesDigits) return String(value);
	throw unusableValue(
		label,
		value,
		losesDigits
			? 'Only Once Per must be sent as text here: a number this long loses its last digits on the way.'
			: MUST_BE,
	);
}

/** As many values as keep n8n from anything else for a few hundredths of a second at a time. */
const DEFAULT_HISTORY_SIZE = 10_000;

const MAX_HISTORY_SIZE = 100_000;

/** How many values are remembered, all customers together. */
export const historySizeField: Field<number> = {
	property: {
		displayName: 'History Size',
		name: 'historySize',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: MAX_HISTORY_SIZE },
		default: DEFAULT_HISTORY_SIZE,
		description:
			'How many values of Only Once Per are remembered, counted over all customers. Beyond that, the oldest are forgotten, and would be paid again. The more there are, the longer n8n takes to look them up.',
	},
	read(value, label) {
		if (value === undefined || value === null || value === '') return DEFAULT_HISTORY_SIZE;
		const size = wholeNumber(value, 1, MAX_HISTORY_SIZE);
		if (size !== undefined) return size;
		throw unusableValue(
			label,
			value,
			`History Size must be a whole number from 1 to ${MAX_HISTORY_SIZE}, e.g. ${DEFAULT_HISTORY_SIZE}.`,
		);
	},
};
