import { Lists } from './Lists.cts';
import type { Topic } from './topics.cts';

/** How a customer is kept; one by whom nothing is said is a member without email, points and birthday. */
export interface Customer {
	email?: string | null;
	name?: string;
	/** True if not said. */
	enrolled?: boolean;
	guest?: boolean;
	blocked?: boolean;
	/** Whether the list gives no merchant ID for it. */
	withoutMerchantId?: boolean;
	/** Those that could be spent when the shop opened. */
	points?: number;
	/** Those that waited for approval when the shop opened. */
	pointsPending?: number;
	/** YYYY-MM-DD */
	birthday?: string | null;
	/** ISO 8601; a minute after the one before if not said, from 2025 on. */
	createdAt?: string;
	/** ISO 8601; as it was created if not said. What happens to the customer moves it. */
	updatedAt?: string;
	/** What its row says beside that, or instead of it. */
	more?: Record<string, unknown>;
}

/** Points added, or removed when they are less than 0. */
export interface Award {
	merchantId: string;
	points: number;
	reason: string | null;
}

/** How a reward is kept. */
export interface Reward {
	id: number;
	title: string;
	pointCost: number;
	/** `voucher` if not said. */
	method?: 'voucher' | 'store_fulfilment' | 'gift_card';
	/** `flat` if not said; only `custom` takes a multiplier. */
	discountType?: 'flat' | 'percentage' | 'custom';
	discountAmount?: number;
	/** Whether it cannot be claimed without a variant. */
	needsVariant?: boolean;
	/** The site it is offered at; all sites if not said. */
	siteId?: number;
	/** The merchant IDs of those it is offered to; everybody if not said. */
	only?: string[];
	/** What its row says beside that, or instead of it. */
	more?: Record<string, unknown>;
}

/** A reward that was claimed. */
export interface Claim {
	/** The claimed reward's, not the reward's. */
	id: number;
	merchantId: string;
	rewardId: number;
	/** What it cost. */
	points: number;
	/** The voucher's; null for what has none. */
	code: string | null;
	state: 'approved' | 'void';
	/** ISO 8601, by the stand-in's clock. */
	claimedAt: string;
	multiplier?: number;
	variantId?: string;
	siteId?: number;
}

/** What a claim is made of. */
export type Claiming = Pick<
	Claim,
	'merchantId' | 'rewardId' | 'multiplier' | 'variantId' | 'siteId'
>;

/** Points given back for a claimed reward. */
export interface Refund {
	merchantId: string;
	claimedRewardId: number;
	points: number;
}

/** A rule that tracked activities meet. */
export interface Rule {
	points: number;
	title?: string;
	/** Whether what it gives has to be approved. */
	needsApproval?: boolean;
}

export type ActivityState = 'pending' | 'approved' | 'declined' | 'void';

/** An activity that met a rule. */
export interface Activity {
	id: number;
	/** The rule's. */
	name: string;
	/** The shop's own ID of the activity, if it gave one. */
	merchantId: string | null;
	/** The customer's merchant ID. */
	customerId: string;
	points: number;
	state: ActivityState;
	/** ISO 8601, by the stand-in's clock. */
	createdAt: string;
}

/** An activity as it was sent, whether or not a rule was met. */
export interface Tracked {
	name: string;
	customer_id: string;
	customer_email?: string;
	merchant_id?: string;
	properties?: Record<string, unknown>;
	ip_address?: string;
	user_agent?: string;
	date?: string;
	referral_id?: string;
	tracking_id?: string;
	guest?: boolean;
	state?: string;
}

export interface StateUpdate {
	name: string;
	/** The activity's. */
	merchantId: string;
	state: Exclude<ActivityState, 'pending'>;
}

/** What can be changed of a customer. */
export interface Changes {
	birthday?: string;
	blocked?: boolean;
}

/** A webhook that exists. */
export interface Hook {
	id: number;
	/** Of the credential that made it. */
	programId: number | undefined;
	topic: Topic;
	address: string;
	serviceIntegrationId: number | null;
	/** ISO 8601, by the stand-in's clock. */
	createdAt: string;
}

export type Transaction = Record<string, unknown> & { created_at: string; points_approved: number };

/** A row of a history, as far as it can be shown otherwise. */
export interface HistoryRow {
	points_approved: number;
	points_pending: number;
	created_at: string;
}

/** Why points came or went. */
export type Cause =
	| { resource: 'adjustment'; award: Award }
	| { resource: 'claimed_reward'; claim: Claim }
	| { resource: 'activity'; activity: Activity }
	| { resource: 'expiry' };

/** What a customer's history holds of one change. */
export interface Entry {
	/** Counted from 1 in the order in which they happened. */
	id: number;
	merchantId: string;
	/** By how much the points changed that can be spent. */
	approved: number;
	/** By how much the points changed that wait for approval. */
	pending: number;
	/** In ms since 1970, by the stand-in's clock. */
	at: number;
	cause: Cause;
}

/** What became of a customer's points since the shop opened. */
export interface Sums {
	approved: number;
	pending: number;
	spent: number;
	claimed: number;
}

/** What a shop is opened with. */
export interface Stock {
	/** By merchant ID. */
	customers?: Record<string, Customer>;
	rewards?: Reward[];
	/** By name. */
	rules?: Record<string, Rule>;
}

/**
 * The shop that a stand-in keeps: whom it knows, what it offers, how LoyaltyLion behaves where it does not
 * say, and what has truly happened.
 */
export class Shop {
	/** Every award there was, and every removal, in the order in which they happened. */
	ledger: Award[] = [];

	/** Every claimed reward, in order, with its state of now. */
	claims: Claim[] = [];

	/** Every claimed reward that was refunded, in order. */
	refunds: Refund[] = [];

	/** Every activity that was sent, as it was sent, in order. */
	tracked: Tracked[] = [];

	/** Every activity that met a rule, in order, with its state of now. */
	activities: Activity[] = [];

	/** Every update of an activity's state that was accepted, in order. */
	stateUpdates: StateUpdate[] = [];

	/** Every update of a customer, in order. */
	customerUpdates: ({ merchantId: string } & Changes)[] = [];

	/** The webhooks that exist, oldest first. */
	hooks: Hook[] = [];

	/** Every webhook that exists no more, in the order in which they went. */
	formerHooks: Hook[] = [];

	/** What can be claimed. */
	rewards: Reward[];

	/** What gives points for tracked activities, by name. */
	rules: Record<string, Rule>;

	/** The sites of the program; with several of them, rewards and activities need one. */
	siteIds: number[] = [];

	/** What becomes of a removal of more points than there are; LoyaltyLion does not say. */
	ifTooFew: 'refuse' | 'stopAtZero' | 'goBelowZero' = 'refuse';

	/** Whether a refund deletes the voucher in the store, as it does where LoyaltyLion manages vouchers. */
	deletesVouchers = true;

	/** Whether an activity is dropped that was tracked before; LoyaltyLion does not say. */
	dropsRepeats = false;

	/** Whether an activity without `customer_email` is refused, as older pages of the documentation have it. */
	needsCustomerEmail = false;

	/** Whether the filter by email minds the case; LoyaltyLion does not say. */
	filterIgnoresCase = false;

	/** What becomes of a webhook whose topic and address another one has; LoyaltyLion does not say. */
	ifHooked: 'makeAnother' | 'refuse' | 'giveIt' = 'makeAnother';

	/**
	 * Whether the event `customers/update` holds the customer under its payload, as has been seen, rather than
	 * at its top, as the documentation's example has it.
	 */
	putsCustomerUnderPayload = false;

	/** Whether it says which program a credential belongs to. */
	tellsProgram = true;

	/** How far its clock is ahead of this machine's, in ms. */
	clockAheadMs = 0;

	/** How long after it happened a history shows what happened, in ms. */
	historyLagMs = 0;

	/** For so many more looks at a history it shows nothing. */
	looksInVain = 0;

	/** What the history says of an award; LoyaltyLion does not promise anything. */
	describeAdjustment: (award: Award) => Record<string, unknown> = ({ reason }) => ({
		note: reason,
	});

	/**
	 * How a customer's transactions are shown, newest first before that; whatever else than as they are does not
	 * keep the contract.
	 */
	showTransactions: ((rows: Transaction[]) => unknown[]) | undefined = undefined;

	/** How the history shows a row; LoyaltyLion does not promise everything. */
	showRow: <Shown extends HistoryRow>(row: Shown) => Shown = (row) => row;

	/** What else the head of a history says. */
	historyHeaders: Record<string, string> = {};

	/** The lists that are being read. */
	readonly lists = new Lists();

	/** By merchant ID. */
	readonly customers: Record<string, Customer>;

	readonly #stock: Stock;

	#entries: Entry[] = [];

	#sums = new Map<string, Sums>();

	/** Of those to whom something has happened, in ms since 1970. */
	#updatedAt = new Map<string, number>();

	#changes = new Map<string, Changes>();

	/** How many entries balances show. */
	#hiddenSince = Infinity;

	constructor(stock: Stock) {
		const { customers = {}, rewards = [], rules = {} } = stock;
		this.#stock = stock;
		this.customers = customers;
		this.rewards = rewards;
		this.rules = rules;
	}

	/** Forgets all that has happened, and behaves as at first. The customers remain. */
	reset() {
		const { customers, ...atFirst } = new Shop(this.#stock);
		Object.assign(this, atFirst);
		this.#entries = [];
		this.#sums.clear();
		this.#updatedAt.clear();
		this.#changes.clear();
		this.#hiddenSince = Infinity;
	}

	/** In ms since 1970. */
	now() {
		return Date.now() + this.clockAheadMs;
	}

	/** Lets balances lag behind: what happens from now on does not show in them. */
	showNoNewPoints() {
		this.#hiddenSince = this.#entries.length;
	}

	/** The customer with a merchant ID, with what was changed since the shop opened. */
	customer(merchantId: string): Customer | undefined {
		if (!Object.hasOwn(this.customers, merchantId)) return undefined;
		return { ...this.customers[merchantId], ...this.#changes.get(merchantId) };
	}

	/** When something happened to a customer, in ms since 1970; undefined if nothing has. */
	updatedAt(merchantId: string) {
		return this.#updatedAt.get(merchantId);
	}

	/** What balances show of what happened to customers, by merchant ID. */
	shownSums(): ReadonlyMap<string, Sums> {
		if (this.#hiddenSince >= this.#entries.length) return this.#sums;
		const sums = new Map<string, Sums>();
		for (const entry of this.#entries.slice(0, this.#hiddenSince)) addTo(sums, entry);
		return sums;
	}

	/** What a customer can truly spend. */
	balanceOf(merchantId: string) {
		return (this.customer(merchantId)?.points ?? 0) + (this.#sums.get(merchantId)?.approved ?? 0);
	}

	/** What each customer has, for those who have anything or had. */
	balances(): Record<string, number> {
		const rich = Object.keys(this.customers).filter((id) => this.customers[id]?.points);
		const ids = new Set([...rich, ...this.#sums.keys()]);
		return Object.fromEntries([...ids].map((id) => [id, this.balanceOf(id)]));
	}

	/** When each award of the ledger happened, in ms since 1970 by the stand-in's clock. */
	awardTimes() {
		return this.#entries.filter(({ cause }) => cause.resource === 'adjustment').map(({ at }) => at);
	}

	/** The last time that a customer got points, if there was one. */
	lastEarned(merchantId: string) {
		return this.#entries.findLast((each) => each.merchantId === merchantId && each.approved > 0);
	}

	/** How often an activity was tracked. */
	timesTracked(name: string, merchantId: string) {
		return this.tracked.filter((sent) => sent.name === name && sent.merchant_id === merchantId)
			.length;
	}

	/**
	 * Takes note that a history is looked at; looks in vain see nothing.
	 *
	 * @returns every entry that a history can show by now, in the order in which they happened
	 */
	look(): readonly Entry[] {
		const visibleUntil = this.now() - this.historyLagMs;
		if (this.looksInVain === 0) return this.#entries.filter(({ at }) => at <= visibleUntil);
		this.looksInVain--;
		return [];
	}

	/** Adds points as somebody does who uses LoyaltyLion itself; removes them when they are less than 0. */
	addByHand(award: Award, msAgo = 0) {
		this.ledger.push(award);
		const { merchantId, points } = award;
		this.#record({ merchantId, approved: points }, { resource: 'adjustment', award }, msAgo);
	}

	/** Lets points expire. */
	expireByHand(merchantId: string, points: number, msAgo = 0) {
		this.#record({ merchantId, approved: -points }, { resource: 'expiry' }, msAgo);
	}

	/**
	 * Claims a reward as a shopper does, whether or not there are points for it.
	 *
	 * @throws when there is no such reward
	 */
	claimByHand(claiming: Claiming, msAgo = 0): Claim {
		const { merchantId, rewardId, multiplier = 1 } = claiming;
		const { pointCost, method = 'voucher' } = this.reward(rewardId);
		const id = FIRST_CLAIM + this.claims.length;
		const claim: Claim = {
			id,
			...claiming,
			points: pointCost * multiplier,
			code: method === 'voucher' ? `LL-${id}` : null,
			state: 'approved',
			claimedAt: this.#ago(msAgo),
		};
		this.claims.push(claim);
		this.#record(
			{ merchantId, approved: -claim.points },
			{ resource: 'claimed_reward', claim },
			msAgo,
		);
		return claim;
	}

	/** Gives back the points of a claimed reward, which must not have been refunded. */
	refundByHand(claim: Claim, msAgo = 0) {
		const { id, merchantId, points } = claim;
		claim.state = 'void';
		this.refunds.push({ merchantId, claimedRewardId: id, points });
		this.#record({ merchantId, approved: points }, { resource: 'claimed_reward', claim }, msAgo);
	}

	/** Adds an activity with its points, in any state. */
	actByHand(acting: Omit<Activity, 'id' | 'createdAt'>, msAgo = 0): Activity {
		const id = FIRST_ACTIVITY + this.activities.length;
		const activity = { id, ...acting, createdAt: this.#ago(msAgo) };
		this.activities.push(activity);
		const { customerId: merchantId, points, state } = activity;
		const change = { merchantId, ...pointsIn(state, points) };
		this.#record(change, { resource: 'activity', activity }, msAgo);
		return activity;
	}

	/** Changes the state of an activity, and the points with it. */
	setState(activity: Activity, state: ActivityState) {
		const { customerId: merchantId, points } = activity;
		const [before, after] = [pointsIn(activity.state, points), pointsIn(state, points)];
		activity.state = state;
		const approved = after.approved - before.approved;
		const pending = after.pending - before.pending;
		this.#record({ merchantId, approved, pending }, { resource: 'activity', activity }, 0);
	}

	/** Changes a customer. */
	change(merchantId: string, changes: Changes) {
		this.customerUpdates.push({ merchantId, ...changes });
		this.#changes.set(merchantId, { ...this.#changes.get(merchantId), ...changes });
		this.#updatedAt.set(merchantId, this.now());
	}

	/** Makes a webhook. */
	hook(making: Omit<Hook, 'id' | 'createdAt'>): Hook {
		const id = FIRST_HOOK + this.hooks.length + this.formerHooks.length;
		const hook = { id, ...making, createdAt: this.#ago(0) };
		this.hooks.push(hook);
		return hook;
	}

	/** Takes a webhook away. */
	unhook(hook: Hook) {
		this.hooks = this.hooks.filter((each) => each !== hook);
		this.formerHooks.push(hook);
	}

	/** @throws when there is none with that ID */
	reward(id: number): Reward {
		const reward = this.rewards.find((each) => each.id === id);
		if (!reward) throw new Error(`The shop has no reward ${id}.`);
		return reward;
	}

	#record(
		{
			merchantId,
			approved,
			pending = 0,
		}: { merchantId: string; approved: number; pending?: number },
		cause: Cause,
		msAgo: number,
	) {
		const at = this.now() - msAgo;
		const entry = { id: this.#entries.length + 1, merchantId, approved, pending, at, cause };
		this.#entries.push(entry);
		addTo(this.#sums, entry);
		this.#updatedAt.set(merchantId, at);
	}

	#ago(ms: number) {
		return new Date(this.now() - ms).toISOString();
	}
}

const FIRST_CLAIM = 9001;
const FIRST_ACTIVITY = 7001;
const FIRST_HOOK = 5001;

/** What an activity in some state gives. */
function pointsIn(state: ActivityState, points: number) {
	return {
		approved: state === 'approved' ? points : 0,
		pending: state === 'pending' ? points : 0,
	};
}

function addTo(all: Map<string, Sums>, { merchantId, approved, pending, cause }: Entry) {
	const sums = all.get(merchantId) ?? { approved: 0, pending: 0, spent: 0, claimed: 0 };
	const isOfReward = cause.resource === 'claimed_reward';
	all.set(merchantId, {
		approved: sums.approved + approved,
		pending: sums.pending + pending,
		spent: sums.spent - (isOfReward ? approved : 0),
		claimed: sums.claimed + (isOfReward && approved < 0 ? 1 : 0),
	});
}
