const CUSTOMERS = ['read_customers'];
const CUSTOMERS_AND_ORDERS = [...CUSTOMERS, 'read_orders'];

/**
 * What webhooks can be about, each with the scopes that a key needs to make one (developer docs, webhooks, and
 * the page of each event). `rewards/store_fulfilment` is not among them: LoyaltyLion makes it itself.
 */
export const TOPICS = {
	'customers/update': CUSTOMERS,
	'loyalty_emails/unsubscribe': ['read_unsubscribes'],
	'receipts/manual_approval_required': CUSTOMERS,
	'program_events/customer.enrolled': CUSTOMERS,
	'program_events/customer.points_earned': CUSTOMERS,
	'program_events/customer.rule_completed': CUSTOMERS_AND_ORDERS,
	'program_events/customer.claimed_reward': CUSTOMERS,
	'program_events/customer.reward_available_notification': CUSTOMERS,
	'program_events/customer.recurring_reward_available_reminder': CUSTOMERS,
	'program_events/customer.referral_complete': CUSTOMERS_AND_ORDERS,
	'program_events/customer.tier_upgraded': CUSTOMERS,
	'program_events/customer.tier_downgraded': CUSTOMERS,
	'program_events/customer.approaching_tier_upgrade': CUSTOMERS,
	'program_events/customer.moved_to_at_risk_segment': CUSTOMERS,
	'program_events/customer.moved_to_defected_segment': CUSTOMERS,
	'program_events/customer.moved_to_loyal_segment': CUSTOMERS,
	'program_events/customer.approaching_points_expiration': CUSTOMERS,
	'program_events/customer.approaching_reward_expiration': CUSTOMERS,
	'program_events/customer.receipt_approved': CUSTOMERS,
	'program_events/customer.receipt_declined': CUSTOMERS,
} satisfies Record<string, readonly string[]>;

export type Topic = keyof typeof TOPICS;
