import type { Fault } from '../../dev/stand-in/faults.cts';
import type { Award, StandIn } from '../../dev/stand-in/StandIn.cts';

/** How what changes a customer's points looks from outside, for the tests of what all of that has in common. */
export interface Doing {
	operation: 'addPoints' | 'removePoints';
	/** Of its request. */
	path: (merchantId: string) => string;
	/** What one point is in the ledger. */
	sign: 1 | -1;
	/** The answer that confirms it. */
	confirmation: { status: number; body: string };
	/** Whether one that is confirmed is sure to have a row of its own in the history. */
	isSureToShow: boolean;
	flags: { mayBeDone: string; mayBeTwice: string; isTwice: string };
	/** As `confirmedBy` says that it was done before. */
	doneBefore: string;
	/** When other points were taken for the same value. */
	anotherCode: string;
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
		mayBeDone: string;
		notFound: string;
		unsure: RegExp;
	};
}

export const ADDING: Doing = {
	operation: 'addPoints',
	path: (merchantId) => `/v2/customers/${merchantId}/points`,
	sign: 1,
	confirmation: { status: 201, body: '""' },
	isSureToShow: true,
	flags: {
		mayBeDone: 'pointsMayHaveBeenAdded',
		mayBeTwice: 'pointsMayHaveBeenAddedTwice',
		isTwice: 'pointsWereAddedTwice',
	},
	doneBefore: 'alreadyAdded',
	anotherCode: 'other_points_added',
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
		mayBeDone: 'The points may have been added.',
		notFound: 'did not find them, but LoyaltyLion may show them late.',
		unsure: /found points that may be these, or others\.$/,
	},
};

export const REMOVING: Doing = {
	operation: 'removePoints',
	path: (merchantId) => `/v2/customers/${merchantId}/remove_points`,
	sign: -1,
	confirmation: { status: 204, body: '' },
	isSureToShow: false,
	flags: {
		mayBeDone: 'pointsMayHaveBeenRemoved',
		mayBeTwice: 'pointsMayHaveBeenRemovedTwice',
		isTwice: 'pointsWereRemovedTwice',
	},
	doneBefore: 'alreadyRemoved',
	anotherCode: 'other_points_removed',
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
		mayBeDone: 'The points may have been removed.',
		notFound: 'did not find the removal, but LoyaltyLion may show it late.',
		unsure: /found a removal that may be this one, or another\.$/,
	},
};

/** All of them. */
export const DOINGS = [ADDING, REMOVING];

/** So many points that none of these tests removes all of them. */
const PLENTY = 1_000_000;

/** What happens at a stand-in by one kind of request, with points that are removed counted from 1 upwards, too. */
export function counting(standIn: StandIn, { operation, sign, confirmation }: Doing) {
	const counted = ({ points, ...award }: Award) => ({ ...award, points: sign * points });
	return {
		/** What was done, in order. */
		ledger: () => standIn.ledger.map(counted),
		/** How much was done for each customer. */
		sums: () => {
			const sums: Record<string, number> = {};
			for (const { merchantId, points } of standIn.ledger.map(counted)) {
				sums[merchantId] = (sums[merchantId] ?? 0) + points;
			}
			return sums;
		},
		/** Does the same as somebody does who uses LoyaltyLion itself. */
		doByHand: (award: Award, msAgo?: number) => standIn.addByHand(counted(award), msAgo),
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
