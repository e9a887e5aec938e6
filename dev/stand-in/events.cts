import { activityRow } from './operations/activityRow.cts';
import { customerBriefs, customerRows } from './operations/customerRow.cts';
import { rewardRow } from './operations/rewardRow.cts';
import { isOffered } from './operations/rewards.cts';
import { transactionRows } from './operations/transactions.cts';
import type { Activity, Entry, Shop } from './Shop.cts';
import type { Topic } from './topics.cts';

/** What an event is about. */
export interface Happening {
	/** The customer's; of the shop's first customer if not said. */
	merchantId?: string;
	/** What the event says beside the customer, or instead of what it says by itself. */
	more?: Record<string, unknown>;
}

/**
 * Tells an event as LoyaltyLion does: with the field names of the pages on events, and the shop's own customers,
 * rewards, activities and transactions. Orders, tiers, vouchers, receipts and segments are made up. Nothing
 * changes in the shop with it.
 *
 * @param id the event's, in its payload
 * @returns what an envelope holds beside its ID, topic and time
 * @throws when the shop has no such customer
 */
export function eventOf(
	shop: Shop,
	topic: Topic,
	id: number | string,
	{ merchantId = Object.keys(shop.customers)[0] ?? '', more = {} }: Happening,
): Record<string, unknown> {
	if (!shop.customer(merchantId)) throw new Error(`The shop has no customer "${merchantId}".`);
	const now = shop.now();
	const scene: Scene = { shop, merchantId, customer: customerRows(shop)(merchantId), now };
	if (topic === 'customers/update') {
		const said = { customer: scene.customer, ...more };
		return shop.putsCustomerUnderPayload ? { payload: said } : said;
	}
	if (isUnderPayload(topic)) return { payload: { ...UNDER_PAYLOAD[topic](scene), ...more } };
	return {
		payload: {
			id,
			created_at: isoOf(now),
			kind: topic.slice('program_events/'.length),
			unique_until: RARE.includes(topic) ? isoOf(now + 7 * DAY_MS) : null,
			properties: { ...UNDER_PROPERTIES[topic](scene), ...more },
		},
	};
}

interface Scene {
	shop: Shop;
	merchantId: string;
	customer: ReturnType<ReturnType<typeof customerRows>>;
	/** In ms since 1970. */
	now: number;
}

type Says = (scene: Scene) => Record<string, unknown>;

/** Those that come at most once in seven days to a customer. */
const RARE: Topic[] = [
	'program_events/customer.approaching_tier_upgrade',
	'program_events/customer.reward_available_notification',
];

const DAY_MS = 24 * 60 * 60 * 1000;

/** The events whose fields stand directly under `payload`. */
const UNDER_PAYLOAD = {
	'loyalty_emails/unsubscribe': ({ customer: { id, email } }) => ({
		unsubscribe: { customer: { id, email } },
	}),
	'receipts/manual_approval_required': ({ customer }) => ({
		customer,
		receipt: receipt('awaiting_manual_review'),
	}),
	'program_events/customer.moved_to_at_risk_segment': movedTo('At Risk', 'Loyal'),
	'program_events/customer.moved_to_defected_segment': movedTo('Win Back', 'At Risk'),
	'program_events/customer.moved_to_loyal_segment': movedTo('Loyal', null),
} satisfies Partial<Record<Topic, Says>>;

function isUnderPayload(topic: Topic): topic is keyof typeof UNDER_PAYLOAD {
	return Object.hasOwn(UNDER_PAYLOAD, topic);
}

/** The events whose fields stand under `payload.properties`. */
const UNDER_PROPERTIES: Record<
	Exclude<Topic, keyof typeof UNDER_PAYLOAD | 'customers/update'>,
	Says
> = {
	'program_events/customer.enrolled': ({ customer }) => ({
		customer,
		enrollment: { date: customer.enrolled_at, trigger: 'account_creation' },
	}),
	'program_events/customer.points_earned': (scene) => ({
		customer: scene.customer,
		transaction: transactionRows(scene.shop)(earning(scene)),
		available_rewards: affordable(scene),
	}),
	'program_events/customer.rule_completed': (scene) => ({
		customer: scene.customer,
		activity: completed(scene),
		order: order(scene.now, scene.customer),
	}),
	'program_events/customer.claimed_reward': ({ customer, shop }) => ({
		customer,
		title: shop.rewards[0]?.title ?? '5 off',
		reward_type: 'voucher',
		discount_type: 'flat',
		voucher_code: 'LL-5F3A9C',
		discount_amount: 5,
		gift_card_last_characters: null,
		currency: 'GBP',
		initial_value: null,
		balance: null,
	}),
	'program_events/customer.reward_available_notification': (scene) => ({
		customer: scene.customer,
		available_rewards: affordable(scene),
	}),
	'program_events/customer.recurring_reward_available_reminder': (scene) => ({
		customer: scene.customer,
		available_rewards: affordable(scene),
		points_approved_in_interval: 120,
		points_interval_start_date: isoOf(scene.now - 30 * DAY_MS),
	}),
	'program_events/customer.referral_complete': (scene) => {
		const referred = referredBy(scene.customer);
		return {
			referring_customer: scene.customer,
			referred_customer: referred,
			activity: completed(scene),
			order: order(scene.now, referred),
		};
	},
	'program_events/customer.tier_upgraded': ({ customer }) => ({
		customer,
		previous_tier: BRONZE,
		new_tier: SILVER,
	}),
	'program_events/customer.tier_downgraded': ({ customer }) => ({
		customer,
		previous_tier: SILVER,
		new_tier: BRONZE,
	}),
	'program_events/customer.approaching_tier_upgrade': ({ customer }) => ({
		customer,
		current_tier: BRONZE,
		next_tier: SILVER,
		points_required: 200,
		spend_required: null,
	}),
	'program_events/customer.approaching_points_expiration': ({ customer, now }) => ({
		customer,
		expire_points_at: isoOf(now + 30 * DAY_MS),
		points_to_expire: customer.points_approved,
		earned_on: isoOf(now - 335 * DAY_MS),
	}),
	'program_events/customer.approaching_reward_expiration': ({ customer, shop, now }) => ({
		customer,
		title: shop.rewards[0]?.title ?? '5 off',
		reward_type: 'voucher',
		source: 'customer_redemption',
		expires_at: isoOf(now + 7 * DAY_MS),
		discount_type: 'flat',
		discount_amount: 5,
		voucher_code: 'LL-5F3A9C',
	}),
	'program_events/customer.receipt_approved': ({ customer }) => ({
		customer,
		receipt: receipt('approved'),
		rule: RULE,
	}),
	'program_events/customer.receipt_declined': ({ customer }) => ({
		customer,
		receipt: receipt('declined'),
		rule: RULE,
		declined_reason: 'The receipt is not readable',
		upload_url: 'https://shop.example/receipts/upload',
	}),
};

const RULE = { id: 1, name: '$receipt', title: 'Upload a receipt' };

const BRONZE = tier(1, 'Bronze', '0.00', '50.00');
const SILVER = tier(2, 'Silver', '50.00', null);

/** @param lower of points, divided by 100, as LoyaltyLion gives the bounds of tiers that go by points */
function tier(position: number, name: string, lower: string, upper: string | null) {
	return {
		id: 300 + position,
		name,
		number: position,
		default: position === 1,
		hidden: false,
		lower_bound: lower,
		upper_bound: upper,
		position,
	};
}

function movedTo(segment: string, before: string | null): Says {
	return ({ customer, now }) => ({
		customer: { ...customer, insights_segment: segment },
		new_insight_segment: segment,
		previous_insight_segment: before,
		frequency: 4,
		total_spend: 18_950,
		last_order_date: isoOf(now - 90 * DAY_MS),
		average_basket_size: 4_737,
	});
}

function receipt(status: string) {
	return {
		id: 4001,
		status,
		retailer_name: 'Corner Shop',
		total_paid: 24.9,
		tax_paid: 4.15,
		currency: 'GBP',
		fraud_score: 12,
	};
}

/** Somebody who is not in the shop's list. */
function referredBy({ id, merchant_id, ...customer }: Scene['customer']) {
	return {
		...customer,
		id: id + 1_000_000,
		merchant_id: 'referred-1',
		email: 'referred@example.com',
		properties: {},
		referred_by: { id, merchant_id },
	};
}

/** @param customer who has bought something */
function order(
	now: number,
	{ id, merchant_id, email }: Record<'id' | 'merchant_id' | 'email', unknown>,
) {
	return {
		id: 6001,
		merchant_id: '5800123456789',
		merchant_number: '#1042',
		total: '49.90',
		total_tax: '8.32',
		total_shipping: '3.50',
		total_discounts: '0.00',
		total_paid: '49.90',
		total_refunded: '0.00',
		payment_status: 'paid',
		fulfillment_status: 'not_fulfilled',
		refund_status: 'not_refunded',
		cancellation_status: 'not_cancelled',
		customer: { id, merchant_id, email },
		metadata: {},
		created_at: isoOf(now),
		updated_at: isoOf(now),
	};
}

/** What the customer can afford of what is offered. */
function affordable({ shop, merchantId }: Scene) {
	const balance = shop.balanceOf(merchantId);
	return shop.rewards
		.filter((reward) => isOffered(reward, merchantId) && reward.pointCost <= balance)
		.map(rewardRow);
}

/** How the customer got points last; made up when that has never happened. */
function earning(scene: Scene): Entry {
	const { shop, merchantId, now } = scene;
	const activity = lastActivity(scene);
	return (
		shop.lastEarned(merchantId) ?? {
			id: 1,
			merchantId,
			approved: activity.points,
			pending: 0,
			at: now,
			cause: { resource: 'activity', activity },
		}
	);
}

function completed(scene: Scene) {
	return activityRow(scene.shop, lastActivity(scene), customerBriefs(scene.shop));
}

/** What the customer did last; made up when that is nothing. */
function lastActivity({ shop, merchantId, now }: Scene): Activity {
	const [name = '$signup'] = Object.keys(shop.rules);
	return (
		shop.activities.findLast(({ customerId }) => customerId === merchantId) ?? {
			id: 7001,
			name,
			merchantId: null,
			customerId: merchantId,
			points: shop.rules[name]?.points ?? 50,
			state: 'approved',
			createdAt: isoOf(now),
		}
	);
}

function isoOf(time: number) {
	return new Date(time).toISOString();
}
