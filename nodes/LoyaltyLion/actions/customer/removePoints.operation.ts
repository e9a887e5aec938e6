import { REMOVING } from '../../adjustments/kinds/removing';
import { toCustomerField } from '../../fields/customer';
import { reworded } from '../../fields/Field';
import { historySizeField, onlyOncePerField } from '../../fields/onlyOncePer';
import { pointsToRemoveField } from '../../fields/points';
import { reasonField } from '../../fields/reason';
import { toRequestFields } from '../../fields/requestOptions';
import { AdjustingOperation } from '../adjusting/AdjustingOperation';
import { toCheckOnlyField } from '../adjusting/checkOnlyField';
import { toIfUnclearField } from '../adjusting/ifUnclearField';
import { checkingCustomer } from './checkCustomer';
import { includeCustomerField, includingCustomer } from './includeCustomer';

/** Remove Points: `POST /v2/customers/{merchant_id}/remove_points` (LoyaltyLion Admin API v2). */
export const removePoints = new AdjustingOperation({
	value: 'removePoints',
	name: 'Remove Points',
	action: 'Remove points from customer',
	description:
		'Take loyalty points back from a customer, e.g. for a returned order, with a reason that the shopper sees',
	kind: REMOVING,
	fields: {
		customer: toCustomerField({
			description: 'The customer who loses the points',
			listHint: 'Every item takes its points from this one customer.',
		}),
		own: {
			points: pointsToRemoveField,
			reason: reworded(reasonField, {
				placeholder: 'e.g. Order 1001 was returned',
				description:
					"Why the points are removed. The shopper sees this text, and it stands on the customer's page in LoyaltyLion.",
			}),
		},
		onlyOncePer: reworded(onlyOncePerField, {
			placeholder: 'e.g. 1001',
			description:
				'What the points are removed for. n8n remembers it for this node, so that nobody loses points again for it, whatever is run again. If n8n crashes while points are being removed, the node looks for that in LoyaltyLion, and knows it when its reason holds the value. Leave it empty to remove points each time.',
			hint: 'The same customer loses points for the same value once, e.g. for the number of a returned order. Put it into Reason as well: then even a crash needs nobody to check.',
		}),
		checkOnly: toCheckOnlyField(
			"Whether to do everything but the removal: the item's fields are checked and its customer is looked up, but no points are removed. A check does not tell whether the balance suffices, what was removed for Only Once Per before, whether the API key may remove points, or whether a customer given by merchant ID is blocked.",
		),
		ifUnclear: toIfUnclearField({
			description:
				'What to do when the request was sent, but no clear answer came back, so that the points may have been removed',
			check:
				"Look for the removal in the customer's history for 30 seconds. If it is not there, the item fails as unclear.",
			checkThenSend:
				'Look for 30 seconds, then send a removal that is not there once more, a single time for each item. Can, rarely, remove the points twice, as LoyaltyLion may show it late; the item says so then.',
		}),
		historySize: reworded(historySizeField, {
			description:
				'How many values of Only Once Per are remembered, counted over all customers. Beyond that, the oldest are forgotten, and their points would be removed again. The more there are, the longer n8n takes to look them up.',
		}),
		more: { includeCustomer: includeCustomerField },
		request: toRequestFields(
			'When none comes to the removal itself, it is unclear whether the points were removed.',
		),
	},
	words: {
		done: 'lost their points',
		reasons: {
			other_points_removed: 'other points were removed before for the same value of Only Once Per',
			not_remembered: 'n8n could not look up what was removed before',
		},
		notPayable: {
			unnamed: 'that points could be removed from',
			byMerchantId: 'LoyaltyLion removes points by merchant ID only.',
		},
		notes: {
			mayBeTwice:
				"the removal was sent a second time, as the customer's history did not show it, and the points may have been removed twice. Look at the points history in LoyaltyLion, and give back what is too much.",
			isTwice:
				"the points were removed twice: the customer's history shows both. Give one back in LoyaltyLion.",
			otherKey:
				'the points were removed in an earlier try, with another API key or Base URL than the LoyaltyLion credential has now. Nothing was sent again. If that is another store, they were not removed there.',
		},
		forgotten: 'Beyond that, the oldest are forgotten, and their points would be removed again.',
	},
	about: ({ points = null, reason = null }) => ({ subject: { points }, beside: { reason } }),
	toAdjustment: (customer, { points, reason }) => ({ ...customer, points, reason }),
	makesRow: async () => true,
	check: checkingCustomer(REMOVING, 'No points were removed, as Check Only is on.'),
	complete: includingCustomer('The points were removed all the same.'),
});
