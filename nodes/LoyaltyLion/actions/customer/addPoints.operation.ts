import { ADDING } from '../../adjustments/kinds/adding';
import { toCustomerField } from '../../fields/customer';
import { historySizeField, onlyOncePerField } from '../../fields/onlyOncePer';
import { pointsField } from '../../fields/points';
import { reasonField } from '../../fields/reason';
import { toRequestFields } from '../../fields/requestOptions';
import { AdjustingOperation } from '../adjusting/AdjustingOperation';
import { toCheckOnlyField } from '../adjusting/checkOnlyField';
import { toIfUnclearField } from '../adjusting/ifUnclearField';
import { checkingCustomer } from './checkCustomer';
import { includeCustomerField, includingCustomer } from './includeCustomer';

/** Add Points: `POST /v2/customers/{merchant_id}/points` (LoyaltyLion Admin API v2). */
export const addPoints = new AdjustingOperation({
	value: 'addPoints',
	name: 'Add Points',
	action: 'Add points to customer',
	description: 'Give a customer loyalty points to spend, with a reason that the shopper sees',
	kind: ADDING,
	fields: {
		customer: toCustomerField({
			description: 'The customer who gets the points',
			listHint: 'Every item gives its points to this one customer.',
		}),
		own: { points: pointsField, reason: reasonField },
		onlyOncePer: onlyOncePerField,
		checkOnly: toCheckOnlyField(
			"Whether to do everything but the payment: the item's fields are checked and its customer is looked up, but no points are added. A check does not tell what was paid for Only Once Per before, whether the API key may add points, or whether a customer given by merchant ID is blocked.",
		),
		ifUnclear: toIfUnclearField({
			description:
				'What to do when the points were sent, but no clear answer came back, so that they may have been added',
			check:
				"Look for the points in the customer's history for 30 seconds. If they are not there, the item fails as unclear.",
			checkThenSend:
				'Look for 30 seconds, then send points that are not there once more, a single time for each item. Can, rarely, add them twice, as LoyaltyLion may show them late; the item says so then.',
		}),
		historySize: historySizeField,
		more: { includeCustomer: includeCustomerField },
		request: toRequestFields(
			'When none comes to the points themselves, it is unclear whether they were added.',
		),
	},
	words: {
		done: 'got their points',
		reasons: {
			other_points_added: 'other points were added before for the same value of Only Once Per',
			not_remembered: 'n8n could not look up what was added before',
		},
		notPayable: {
			unnamed: 'that points could be added to',
			byMerchantId: 'LoyaltyLion adds points by merchant ID only.',
		},
		notes: {
			mayBeTwice:
				"the points were sent a second time, as the customer's history did not show them, and may have been added twice. Look at the points history in LoyaltyLion, and take back what is too much.",
			isTwice:
				"the points were added twice: the customer's history shows both. Take one back in LoyaltyLion.",
			otherKey:
				'the points were added in an earlier try, with another API key or Base URL than the LoyaltyLion credential has now. They were not sent again. If that is another store, they are not there.',
		},
		forgotten: 'Beyond that, the oldest are forgotten, and their points would be added again.',
	},
	about: ({ points = null, reason = null }) => ({ subject: { points }, beside: { reason } }),
	toAdjustment: (customer, { points, reason }) => ({ ...customer, points, reason }),
	makesRow: async () => true,
	check: checkingCustomer(ADDING, 'No points were added, as Check Only is on.'),
	complete: includingCustomer('The points were added all the same.'),
});
