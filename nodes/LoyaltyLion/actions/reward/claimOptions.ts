import type { Field } from '../../fields/Field';
import { isEmpty, unusableValue } from '../../fields/InvalidInput';
import { wholeNumber } from '../../fields/values';
import { hasInvisible } from '../../shared/plainText';

/** How many times a custom reward is claimed at once; `undefined` for once. */
export const multiplierField: Field<number | undefined> = {
	property: {
		displayName: 'Multiplier',
		name: 'multiplier',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1,
		description:
			'How many times the reward is claimed at once, and paid for. LoyaltyLion takes it for custom rewards only.',
	},
	read(value, label) {
		if (isEmpty(value)) return undefined;
		const times = wholeNumber(value, 1, Number.MAX_SAFE_INTEGER);
		// LoyaltyLion takes not even a 1 for other rewards.
		if (times !== undefined) return times === 1 ? undefined : times;
		throw unusableValue(label, value, `${label} must be a whole number from 1, e.g. 2.`);
	},
};

/** Longer than any store's variant ID. */
const MAX_CHARACTERS = 255;

const SHOPIFY_VARIANT_GID = /^gid:\/\/shopify\/ProductVariant\/(\d+)$/;

/** Which variant of a product, by its ID in the store; `undefined` where it is left empty. */
export const variantIdField: Field<string | undefined> = {
	property: {
		displayName: 'Variant ID',
		name: 'variantId',
		type: 'string',
		default: '',
		placeholder: 'e.g. 40012345678901',
		description:
			'The ID in Shopify of the product variant that is claimed. A free product that goes straight into the cart needs it.',
	},
	needsValue: true,
	read(value, label) {
		if (isEmpty(value)) return undefined;
		const isNumber = typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
		const text = isNumber ? String(value) : value;
		const id = typeof text === 'string' ? text.trim() : '';
		if (id !== '' && id.length <= MAX_CHARACTERS && !hasInvisible(id)) {
			return SHOPIFY_VARIANT_GID.exec(id)?.[1] ?? id;
		}
		throw unusableValue(
			label,
			value,
			`${label} must be the ID of a product variant in Shopify, as text, e.g. 40012345678901.`,
		);
	},
};
