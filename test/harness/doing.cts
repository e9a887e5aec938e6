import type { IDataObject as Json } from 'n8n-workflow';
import type { Fault } from '../../dev/stand-in/faults.cts';
import type { Reward } from '../../dev/stand-in/Shop.cts';
import type { Award, StandIn } from '../../dev/stand-in/StandIn.cts';
import { IS_NEWEST_ENGINE } from './newestEngine.cts';

/** How what changes a customer's points looks from outside, for the tests of what all of that has in common. */
export interface Doing {
	operation: 'addPoints' | 'removePoints' | 'claimReward';
	/** Of the node, which takes everything else from the item. */
	parameters: Json;
	/** Under which name an item says how many points, or which reward. */
	amount: 'points' | 'rewardId';
	/** Whether its row in the history tells why. */
	hasReason: boolean;
	/** Of its request. */
	path: (merchantId: string) => string;
	/** What one point is in the ledger. */
	sign: 1 | -1;
	/** What comes in place of a fault by which Add Points is confirmed. */
	confirmation: Fault;
	/** Whether one that is confirmed is sure to have a row of its own in the history. */
	isSureToShow: boolean;
	flags: { mayBeDone: string; mayBeTwice: string; isTwice: string };
	/** As `confirmedBy` says that it was done before. */
	doneBefore: string;
	/** When other points were taken for the same value. */
	anotherCode: string;
	/** When LoyaltyLion does not know the customer. */
	notFoundCode: string;
	/** Under which n8n's store remembers it. */
	mark: string;
	/** Where an execution does. */
	memory: string;
	/** What is said of points of a customer. */
	says: {
		unclear: (merchantId: string, points: number) => RegExp;
		refused: (merchantId: string, points: number) => string;
		/** Sent twice, and maybe done twice. */
		sentTwice: RegExp;
		/** A hint on the node. */
		mayBeTwice: RegExp;
		/** A hint on the node. */
		isTwice: RegExp;
		another: string;
		notRemembered: string;
		done: string;
		notDone: string;
		mayBeDone: string;
		notFound: string;
		unsure: RegExp;
	};
}

export const ADDING: Doing = {
	operation: 'addPoints',
	path: (merchantId) => `/v2/customers/${merchantId}/points`,
	sign: 1,
	parameters: { operation: 'addPoints' },
	amount: 'points',
	hasReason: true,
	confirmation: { kind: 'status', status: 201, body: '""' },
	isSureToShow: true,
	flags: {
		mayBeDone: 'pointsMayHaveBeenAdded',
		mayBeTwice: 'pointsMayHaveBeenAddedTwice',
		isTwice: 'pointsWereAddedTwice',
	},
	doneBefore: 'alreadyAdded',
	anotherCode: 'other_points_added',
	notFoundCode: 'customer_not_found',
	mark: 'add',
	memory: 'loyaltyLionRuns',
	says: {
		unclear: (merchantId, points) =>
			new RegExp(`^Unclear whether customer ${merchantId} got ${points} points`),
		refused: (merchantId, points) =>
			`LoyaltyLion refused to add ${points} points for customer ${merchantId}`,
		sentTwice: /They were sent twice, so they may even have been added twice/,
		mayBeTwice: /sent a second time.+may have been added twice/,
		isTwice: /added twice: the customer's history shows both/,
		another: 'Customer 1 got other points for "1001" before',
		notRemembered: 'n8n cannot look up what customer 1 got points for before',
		done: 'got their points',
		notDone: 'no points were added',
		mayBeDone: 'The points may have been added.',
		notFound: 'did not find them, but LoyaltyLion may show them late.',
		unsure: /found points that may be these, or others\.$/,
	},
};

export const REMOVING: Doing = {
	operation: 'removePoints',
	path: (merchantId) => `/v2/customers/${merchantId}/remove_points`,
	sign: -1,
	parameters: { operation: 'removePoints' },
	amount: 'points',
	hasReason: true,
	confirmation: { kind: 'status', status: 204, body: '' },
	isSureToShow: false,
	flags: {
		mayBeDone: 'pointsMayHaveBeenRemoved',
		mayBeTwice: 'pointsMayHaveBeenRemovedTwice',
		isTwice: 'pointsWereRemovedTwice',
	},
	doneBefore: 'alreadyRemoved',
	anotherCode: 'other_points_removed',
	notFoundCode: 'customer_not_found',
	mark: 'remove',
	memory: 'loyaltyLionRemovals',
	says: {
		unclear: (merchantId, points) =>
			new RegExp(`^Unclear whether ${points} points were removed from customer ${merchantId}`),
		refused: (merchantId, points) =>
			`LoyaltyLion refused to remove ${points} points from customer ${merchantId}`,
		sentTwice: /It was sent twice, so the points may even have been removed twice/,
		mayBeTwice: /removal was sent a second time.+may have been removed twice/,
		isTwice: /removed twice: the customer's history shows both/,
		another: 'Other points were removed from customer 1 for "1001" before',
		notRemembered: 'n8n cannot look up what points were removed for from customer 1 before',
		done: 'lost their points',
		notDone: 'no points were removed',
		mayBeDone: 'The points may have been removed.',
		notFound: 'did not find the removal, but LoyaltyLion may show it late.',
		unsure: /found a removal that may be this one, or another\.$/,
	},
};

/** Of rewards that have the number of points that they cost for an ID. */
export const CLAIMING: Doing = {
	operation: 'claimReward',
	parameters: {
		resource: 'reward',
		operation: 'claim',
		reward: { __rl: true, mode: 'id', value: '={{ $json.points ?? $json.rewardId }}' },
	},
	amount: 'rewardId',
	hasReason: false,
	path: (merchantId) => `/v2/customers/${merchantId}/claimed_rewards`,
	sign: -1,
	confirmation: { kind: 'none' },
	isSureToShow: true,
	flags: {
		mayBeDone: 'rewardMayHaveBeenClaimed',
		mayBeTwice: 'rewardMayHaveBeenClaimedTwice',
		isTwice: 'rewardWasClaimedTwice',
	},
	doneBefore: 'alreadyClaimed',
	anotherCode: 'other_reward_claimed',
	notFoundCode: 'reward_not_found',
	mark: 'claim',
	memory: 'loyaltyLionClaims',
	says: {
		unclear: (merchantId, points) =>
			new RegExp(`^Unclear whether reward ${points} was claimed for customer ${merchantId}`),
		refused: (merchantId, points) =>
			`LoyaltyLion refused to let customer ${merchantId} claim reward ${points}`,
		sentTwice: /It was sent twice, so the reward may even have been claimed twice/,
		mayBeTwice: /claim was sent a second time.+may have been claimed twice/,
		isTwice: /claimed twice: the customer's history shows both/,
		another: 'Customer 1 claimed another reward for "1001" before',
		notRemembered: 'n8n cannot look up what customer 1 claimed rewards for before',
		done: 'got their reward',
		notDone: 'no reward was claimed',
		mayBeDone: 'The reward may have been claimed.',
		notFound: 'did not find the claim, but LoyaltyLion may show it late.',
		unsure: /found a claim that may be this one, or another\.$/,
	},
};

/** All of them; in the oldest engine the first alone, as the others ask nothing else of n8n, and take their time. */
export const DOINGS = [ADDING, REMOVING, CLAIMING].slice(0, IS_NEWEST_ENGINE ? 3 : 1);

/** Those that only change points. */
export const POINTS_DOINGS = DOINGS.filter(({ hasReason }) => hasReason);

/** As many as any test claims. */
export const REWARDS: Reward[] = Array.from({ length: 1000 }, (_, index) => ({
	id: index + 1,
	title: `Reward ${index + 1}`,
	pointCost: index + 1,
}));

/** So many points that none of these tests removes all of them. */
const PLENTY = 1_000_000;

/** What happens at a stand-in by one kind of request, with points that are removed counted from 1 upwards, too. */
export function counting(standIn: StandIn, doing: Doing) {
	const { operation, confirmation } = doing;
	const ledger = () => ledgerOf(standIn, doing);
	return {
		/** What was done, in order. */
		ledger,
		/** How much was done for each customer. */
		sums: () => {
			const sums: Record<string, number> = {};
			for (const { merchantId, points } of ledger()) {
				sums[merchantId] = (sums[merchantId] ?? 0) + points;
			}
			return sums;
		},
		/** Does the same as somebody does who uses LoyaltyLion itself. */
		doByHand: (award: Award, msAgo?: number) => doByHand(standIn, doing, award, msAgo),
		/** Makes it go wrong for one customer from now on; an answer that confirms Add Points confirms it. */
		misbehaveFor: (merchantId: string, ...faults: Fault[]) =>
			standIn.misbehaveOn(
				operation,
				merchantId,
				...faults.map((fault) => (isConfirmation(fault) ? { ...fault, ...confirmation } : fault)),
			),
	};
}

/** Gives all customers as many points as can be taken from them. */
export function withPlenty<Some extends Record<string, object>>(customers: Some, { sign }: Doing) {
	if (sign === 1) return customers;
	return Object.fromEntries(
		Object.entries(customers).map(([id, each]) => [id, { points: PLENTY, ...each }]),
	);
}

function isConfirmation({ status, body = '' }: Fault) {
	return status === ADDING.confirmation.status && ['', ADDING.confirmation.body].includes(body);
}

/** What was done by one kind of request, with points that are removed counted from 1 upwards, too. */
export function ledgerOf(standIn: StandIn, { operation, sign }: Doing): Award[] {
	if (operation === 'claimReward') {
		return standIn.claims.map(({ merchantId, rewardId }) => ({
			merchantId,
			points: rewardId,
			reason: null,
		}));
	}
	return standIn.ledger.map((award) => ({ ...award, points: sign * award.points }));
}

/** Does something as somebody does who uses LoyaltyLion itself. */
export function doByHand(
	standIn: StandIn,
	{ operation, sign }: Doing,
	{ points, ...award }: Award,
	msAgo?: number,
) {
	if (operation !== 'claimReward') {
		standIn.addByHand({ ...award, points: sign * points }, msAgo);
	} else {
		standIn.claimByHand({ merchantId: award.merchantId, rewardId: points }, msAgo);
	}
}

/** The path of any of these requests. */
export const ANY_PATH = /\/(points|remove_points|claimed_rewards)$/;
