import { detailSentences, needing, sentences } from '../errors/answers';
import type { ChangeWords, Client } from '../transport/Client';
import type { Answer } from '../transport/request';
import type { ActivityKey } from './Activity';

/** The states that an activity can be given (Admin API, Update Activity). */
export type ActivityState = 'approved' | 'declined' | 'void';

/** That nothing was changed, a sentence. */
export const STATE_NOT_UPDATED = "The activity's state was not changed.";

const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Gives an activity another state: `PUT /v2/activities/{name}/{merchant_id}` (LoyaltyLion Admin API, Update
 * Activity).
 *
 * @param client who sends
 * @param activity which one
 * @param state the state it is to have
 * @returns once it has it
 * @throws {ItemFailure} when it has not, or when that is not known
 */
export async function updateState(
	client: Client,
	activity: ActivityKey,
	state: ActivityState,
): Promise<void> {
	const { ruleName, activityId } = activity;
	const request = {
		method: 'PUT',
		path: `/v2/activities/${encodeURIComponent(ruleName)}/${encodeURIComponent(activityId)}`,
		body: { state },
		maxBytes: MAX_ANSWER_BYTES,
	} as const;
	await client.change(request, toWords(activity, state), readDone);
}

/** The documented answer is 204, which has no body. */
function readDone({ statusCode }: Answer): object | undefined {
	return statusCode === 204 ? {} : undefined;
}

function toWords({ ruleName, activityId }: ActivityKey, state: ActivityState): ChangeWords {
	return {
		...needing('write_customers'),
		nothingDone: STATE_NOT_UPDATED,
		forbidden: 'update activities',
		rejected: (answer) => ({
			message: `LoyaltyLion did not accept the values for activity ${activityId}`,
			description: sentences(
				detailSentences(answer),
				STATE_NOT_UPDATED,
				'Correct these values, then send the item again.',
			),
		}),
		notFound: () => ({
			code: 'activity_not_found',
			message: `LoyaltyLion has no activity ${activityId} of the rule ${ruleName}`,
			description: `${STATE_NOT_UPDATED} Check Rule Name and Activity ID: they must be written as when the activity was tracked. LoyaltyLion keeps no activity that met no rule, and may know a new one a little late.`,
		}),
		refused: () => ({
			message: `LoyaltyLion refused to make activity ${activityId} ${state}`,
			description: `${STATE_NOT_UPDATED} An activity that is pending can be approved or declined, and an approved one can be made void. Look at the activity in LoyaltyLion. When you do not know its state, choose Declined, which makes an approved one void.`,
		}),
		unclear: `Unclear whether activity ${activityId} was made ${state}`,
		whenUnclear:
			"The activity's state may have been changed. It is safe to send this item again: giving it the same state twice comes to the same.",
	};
}
