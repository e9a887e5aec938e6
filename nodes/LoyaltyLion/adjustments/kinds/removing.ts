import { customerOf } from '../Adjustment';
import { customerNotFound } from '../words';
import { amount, pointsKind } from './points';

/**
 * Points that are removed: `POST /v2/customers/{merchant_id}/remove_points`, 204 (LoyaltyLion Admin API v2). What
 * happens when the customer has fewer is not documented: LoyaltyLion may remove no more than there are.
 */
export const REMOVING = pointsKind(
	{
		name: 'remove',
		memory: 'loyaltyLionRemovals',
		path: 'remove_points',
		statusCode: 204,
		sign: -1,
		mayShowLess: true,
	},
	{
		doing: 'remove points',
		notDone: 'no points were removed',
		notDoneFor: (customer) => `no points were removed from customer ${customer}`,
		mayBeDone: 'The points may have been removed.',
		mayEvenBeTwice: 'the points may even have been removed twice',
		pronouns: {
			found: 'the removal',
			unsure: ['a removal', 'that may be this one, or another'],
			them: 'it',
			they: 'it',
			were: 'was',
			are: 'is',
		},
		unclear: (adjustment) =>
			`Unclear whether ${amount(adjustment.points)} ${adjustment.points === 1 ? 'was' : 'were'} removed from customer ${customerOf(adjustment)}`,
		notFound: (adjustment) =>
			customerNotFound(adjustment, `LoyaltyLion removes no points from ${adjustment.email}`),
		refused: (adjustment) => ({
			message: `LoyaltyLion refused to remove ${amount(adjustment.points)} from customer ${customerOf(adjustment)}`,
			description:
				'Open the customer in LoyaltyLion and check that the customer is enrolled, is not blocked, and has so many points.',
		}),
		notRemembered: (customer) =>
			`n8n cannot look up what points were removed for from customer ${customer} before`,
		another: (adjustment) => ({
			code: 'other_points_removed',
			message: `Other points were removed from customer ${customerOf(adjustment)} for "${adjustment.onlyOncePer}" before`,
			description: `Points were removed for this value of Only Once Per before, but not ${amount(adjustment.points)}. Nothing was sent now. Look at the customer's points history in LoyaltyLion, and decide: leave it so, or remove or give back the difference by hand.`,
		}),
		anotherByEarlierRun:
			'That run was about to remove other points than these, and a changed number of points is for a person to decide.',
		unsureOfEarlierRun:
			'It can tell when Reason holds the value of Only Once Per, and LoyaltyLion has removed all the points.',
		flags: {
			mayBeDone: 'pointsMayHaveBeenRemoved',
			mayBeTwice: 'pointsMayHaveBeenRemovedTwice',
			isTwice: 'pointsWereRemovedTwice',
		},
		doneBefore: 'alreadyRemoved',
	},
);
