import type { INodePropertyOptions } from 'n8n-workflow';

/** Something that happens in a loyalty program, and of which LoyaltyLion tells whoever subscribes to it. */
export interface LoyaltyEvent {
	/** LoyaltyLion's own name for it (Admin API, Create Webhook); workflows hold it. */
	topic: string;
	/** Its name in the list of events. */
	name: string;
	/** When it comes. */
	description: string;
	scopes: Scopes;
}

/** What an API key must be allowed to read, so that LoyaltyLion tells it of an event. */
export interface Scopes {
	names: string[];
	/** Whether LoyaltyLion says so; else it is only what its other events need. */
	areDocumented: boolean;
}

const READ_CUSTOMERS: Scopes = { names: ['read_customers'], areDocumented: true };
const PROBABLY_READ_CUSTOMERS: Scopes = { names: ['read_customers'], areDocumented: false };
const READ_CUSTOMERS_AND_ORDERS: Scopes = {
	names: ['read_customers', 'read_orders'],
	areDocumented: true,
};

/** Those that start workflows which change the same customer, and so can start themselves again. */
export const LOOPING_TOPICS = ['customers/update', 'program_events/customer.points_earned'];

/** All that can be subscribed to (Admin API, Create Webhook and the pages of the events), by name. */
export const EVENTS: LoyaltyEvent[] = [
	{
		topic: 'program_events/customer.enrolled',
		name: 'Customer Enrolled',
		description: 'When a customer joins the loyalty program',
		scopes: READ_CUSTOMERS,
	},
	{
		topic: 'program_events/customer.moved_to_at_risk_segment',
		name: 'Customer Moved to At Risk Segment',
		description: 'When a customer who used to buy may not come back',
		scopes: PROBABLY_READ_CUSTOMERS,
	},
	{
		topic: 'program_events/customer.moved_to_loyal_segment',
		name: 'Customer Moved to Loyal Segment',
		description: 'When a customer comes to be counted among the loyal ones',
		scopes: PROBABLY_READ_CUSTOMERS,
	},
	{
		topic: 'program_events/customer.moved_to_defected_segment',
		name: 'Customer Moved to Win Back Segment',
		description: 'When a customer is thought to have left, and is to be won back',
		scopes: PROBABLY_READ_CUSTOMERS,
	},
	{
		topic: 'customers/update',
		name: 'Customer Updated',
		description: 'When anything about a customer changes, such as points or tier: very often',
		scopes: READ_CUSTOMERS,
	},
	{
		topic: 'loyalty_emails/unsubscribe',
		name: 'Email Unsubscribed',
		description: 'When a customer wants no more loyalty emails',
		scopes: { names: ['read_unsubscribes'], areDocumented: true },
	},
	{
		topic: 'program_events/customer.approaching_points_expiration',
		name: 'Points Approaching Expiration',
		description: 'When points of a customer are about to expire',
		scopes: PROBABLY_READ_CUSTOMERS,
	},
	{
		topic: 'program_events/customer.points_earned',
		name: 'Points Earned',
		description: 'When a customer has earned points, 5 minutes later',
		scopes: READ_CUSTOMERS,
	},
	{
		topic: 'program_events/customer.receipt_approved',
		name: 'Receipt Approved',
		description: 'When a receipt that a customer sent in is approved',
		scopes: PROBABLY_READ_CUSTOMERS,
	},
	{
		topic: 'program_events/customer.receipt_declined',
		name: 'Receipt Declined',
		description: 'When a receipt that a customer sent in is declined',
		scopes: PROBABLY_READ_CUSTOMERS,
	},
	{
		topic: 'receipts/manual_approval_required',
		name: 'Receipt Needs Approval',
		description: 'When somebody has to decide about a receipt that a customer sent in',
		scopes: READ_CUSTOMERS,
	},
	{
		topic: 'program_events/customer.recurring_reward_available_reminder',
		name: 'Recurring Reward Reminder',
		description:
			'When a customer has points enough for a reward, again and again, from a month after the workflow was first published',
		scopes: PROBABLY_READ_CUSTOMERS,
	},
	{
		topic: 'program_events/customer.referral_complete',
		name: 'Referral Completed',
		description: 'When a friend whom a customer referred has bought something',
		scopes: READ_CUSTOMERS_AND_ORDERS,
	},
	{
		topic: 'program_events/customer.approaching_reward_expiration',
		name: 'Reward Approaching Expiration',
		description: 'When a claimed reward of a customer is about to expire; Shopify only',
		scopes: PROBABLY_READ_CUSTOMERS,
	},
	{
		topic: 'program_events/customer.reward_available_notification',
		name: 'Reward Available',
		description:
			'When a customer has points enough for a reward, 5 minutes later, unless it was claimed meanwhile; at most once a week for each customer',
		scopes: PROBABLY_READ_CUSTOMERS,
	},
	{
		topic: 'program_events/customer.claimed_reward',
		name: 'Reward Claimed',
		description: 'When a customer claims a reward; vouchers and gift cards only',
		scopes: PROBABLY_READ_CUSTOMERS,
	},
	{
		topic: 'program_events/customer.rule_completed',
		name: 'Rule Completed',
		description: 'When a customer does what a rule of the program gives points for',
		scopes: READ_CUSTOMERS_AND_ORDERS,
	},
	{
		topic: 'program_events/customer.approaching_tier_upgrade',
		name: 'Tier Upgrade Approaching',
		description: 'When a customer is close to the next tier; at most once a week for each customer',
		scopes: READ_CUSTOMERS,
	},
	{
		topic: 'program_events/customer.tier_downgraded',
		name: 'Tier Downgraded',
		description: 'When a customer falls to a lower tier',
		scopes: READ_CUSTOMERS,
	},
	{
		topic: 'program_events/customer.tier_upgraded',
		name: 'Tier Upgraded',
		description: 'When a customer rises to a higher tier; not on joining the first',
		scopes: READ_CUSTOMERS,
	},
];

/** @returns the list of events as the editor shows it */
export function toEventOptions(): INodePropertyOptions[] {
	return EVENTS.map(({ topic, name, description, scopes }) => ({
		name,
		value: topic,
		description: `${description}. ${needs(scopes)}.`,
	})).sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * @param topics LoyaltyLion's names of some events
 * @returns those events
 */
export function eventsOf(topics: string[]): LoyaltyEvent[] {
	return EVENTS.filter(({ topic }) => topics.includes(topic));
}

function needs({ names, areDocumented }: Scopes): string {
	return `${areDocumented ? 'Needs' : 'Probably needs'} the ${names.join(' and ')} scope`;
}
