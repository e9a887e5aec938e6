import { customerOf } from '../Adjustment';
import { customerNotFound } from '../words';
import { amount, pointsKind } from './points';

/** Points that are added: `POST /v2/customers/{merchant_id}/points`, 201 (LoyaltyLion Admin API v2). */
export const ADDING = pointsKind(
	{
		name: 'add',
		memory: 'loyaltyLionRuns',
		path: 'points',
		statusCode: 201,
		sign: 1,
		mayShowLess: false,
	},
	{
		doing: 'add points',
		notDone: 'no points were added',
		notDoneFor: (customer) => `no points were added for customer ${customer}`,
		mayBeDone: 'The points may have been added.',
		mayEvenBeTwice: 'they may even have been added twice',
		pronouns: {
			found: 'them',
			unsure: ['points', 'that may be these, or others'],
			them: 'them',
			they: 'they',
			were: 'were',
			are: 'are',
		},
		unclear: (adjustment) =>
			`Unclear whether customer ${customerOf(adjustment)} got ${amount(adjustment.points)}`,
		notFound: (adjustment) =>
			customerNotFound(adjustment, `LoyaltyLion adds no points to ${adjustment.email}`),
		refused: (adjustment) => ({
			message: `LoyaltyLion refused to add ${amount(adjustment.points)} for customer ${customerOf(adjustment)}`,
			description:
				'Open the customer in LoyaltyLion and check that the customer is enrolled and not blocked.',
		}),
		notRemembered: (customer) =>
			`n8n cannot look up what customer ${customer} got points for before`,
		another: (adjustment) => ({
			code: 'other_points_added',
			message: `Customer ${customerOf(adjustment)} got other points for "${adjustment.onlyOncePer}" before`,
			description: `Points were added for this value of Only Once Per before, but not ${amount(adjustment.points)}. Nothing was sent now. Look at the customer's points history in LoyaltyLion, and decide: leave it so, or add or take back the difference by hand.`,
		}),
		anotherByEarlierRun:
			'That run was about to add other points than these, and a changed number of points is for a person to decide.',
		unsureOfEarlierRun: 'It can tell when Reason holds the value of Only Once Per.',
		flags: {
			mayBeDone: 'pointsMayHaveBeenAdded',
			mayBeTwice: 'pointsMayHaveBeenAddedTwice',
			isTwice: 'pointsWereAddedTwice',
		},
		doneBefore: 'alreadyAdded',
	},
);
