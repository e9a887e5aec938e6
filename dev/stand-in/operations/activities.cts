import type { Wanted } from '../Lists.cts';
import type { Activity, ActivityState, Shop, StateUpdate, Tracked } from '../Shop.cts';
import { activityRow } from './activityRow.cts';
import { customerBriefs } from './customerRow.cts';
import {
	type Call,
	during,
	NO_CURSOR,
	notFound,
	refused,
	type Handler,
	type Reply,
} from './Handler.cts';
import { siteMissing } from './sites.cts';

interface Query extends Wanted {
	since_id?: number;
	created_at_min?: string;
	created_at_max?: string;
}

export const trackActivity: Handler = { answer: track, takeEffect: track };

/** Says the same whether or not a rule was met. */
function track(shop: Shop, call: Call): Reply {
	const sent = call.body as Tracked;
	const refusal = siteMissing(shop, call);
	if (refusal) return refusal;
	if (shop.needsCustomerEmail && sent.customer_email === undefined) return EMAIL_MISSING;
	shop.tracked.push(sent);
	meetRule(shop, sent);
	return { status: 201, body: undefined };
}

/** Guests earn nothing, and whoever is not said to be none is a guest. */
function meetRule(
	shop: Shop,
	{ name, customer_id: customerId, merchant_id, guest = true }: Tracked,
) {
	const rule = Object.hasOwn(shop.rules, name) ? shop.rules[name] : undefined;
	const customer = shop.customer(customerId);
	if (!rule || !customer || customer.blocked || guest) return;
	const merchantId = merchant_id ?? null;
	const isRepeat =
		merchantId !== null && shop.activities.some((each) => isCalled(each, name, merchantId));
	if (isRepeat && shop.dropsRepeats) return;
	const { points, needsApproval } = rule;
	const state = needsApproval ? 'pending' : 'approved';
	shop.actByHand({ name, merchantId, customerId, points, state });
}

export const updateActivity: Handler = { answer: update, takeEffect: update };

function update(shop: Shop, { parameters, body }: Call): Reply {
	const { name = '', merchant_id: merchantId = '' } = parameters;
	const { state } = body as Pick<StateUpdate, 'state'>;
	const activity = shop.activities.findLast((each) => isCalled(each, name, merchantId));
	if (!activity) return notFound('Activity');
	const next = NEXT[activity.state][state];
	if (!next) return refused(`Activity is ${activity.state}, and cannot be ${state}`);
	shop.stateUpdates.push({ name, merchantId, state });
	if (next !== activity.state) shop.setState(activity, next);
	return { status: 204, body: undefined };
}

export const listActivities: Handler = {
	/** Newest first, but from a given ID on upwards. */
	answer(shop, { query }) {
		const { since_id: since, created_at_min: min, created_at_max: max } = query as Query;
		const isDuring = during({ min, max }, false);
		const page = shop.lists.page(query, () => {
			const found = shop.activities.filter(
				({ id, createdAt }) => id > (since ?? 0) && isDuring(createdAt),
			);
			return since === undefined ? found.reverse() : found;
		});
		if (!page) return NO_CURSOR;
		const briefOf = customerBriefs(shop);
		const activities = page.rows.map((activity) => activityRow(shop, activity, briefOf));
		return { status: 200, body: { activities, cursor: page.cursor } };
	},
};

/**
 * The state that an activity has after an update, by the one it has before: what waits can be approved or
 * declined, and what is approved can be made void, for which `declined` does as well.
 */
const NEXT: Record<ActivityState, Partial<Record<StateUpdate['state'], ActivityState>>> = {
	pending: { approved: 'approved', declined: 'declined' },
	approved: { approved: 'approved', declined: 'void', void: 'void' },
	declined: { declined: 'declined' },
	void: { declined: 'void', void: 'void' },
};

const EMAIL_MISSING: Reply = {
	status: 400,
	body: { error: { message: 'Invalid request', details: { customer_email: 'is required' } } },
};

function isCalled(activity: Activity, name: string, merchantId: string) {
	return activity.name === name && activity.merchantId === merchantId;
}
