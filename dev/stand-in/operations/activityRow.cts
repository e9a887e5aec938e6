import type { Activity, Shop } from '../Shop.cts';
import type { customerBriefs } from './customerRow.cts';

/** An activity with its state of now. */
export function activityRow(
	{ rules }: Shop,
	{ id, name, merchantId, customerId, points, state, createdAt }: Activity,
	briefOf: ReturnType<typeof customerBriefs>,
) {
	const rule = Object.hasOwn(rules, name)
		? { id: RULE_ID, name, title: rules[name]?.title ?? name }
		: NO_RULE;
	return {
		id,
		merchant_id: merchantId,
		value: points,
		state,
		customer: briefOf(customerId),
		created_at: createdAt,
		rule,
		flow: null,
		resource: null,
	};
}

const RULE_ID = 1;

/** Of an activity that does not come from a rule. */
const NO_RULE = { id: null, name: null, title: null };
