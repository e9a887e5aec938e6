/** Why a delivery is not taken. */
export class Refusal extends Error {
	/**
	 * @param status the HTTP status that it is answered with
	 * @param message what is the matter
	 * @param advice what to do about it, a sentence or more
	 */
	constructor(
		readonly status: number,
		message: string,
		readonly advice: string,
	) {
		super(message);
	}
}

export const TOO_LARGE = new Refusal(
	413,
	'What was sent to this address is larger than any event of LoyaltyLion',
	'It does not come from LoyaltyLion, and the workflow was not started.',
);

export const UNSIGNED = new Refusal(
	401,
	'What was sent to this address carries no signature of LoyaltyLion that can be checked',
	'The workflow was not started. If you sent it yourself to try the workflow, turn on Accept Unsigned Events for that time, or pin a sample of the event instead.',
);

export const WRONGLY_SIGNED = new Refusal(
	401,
	'The signature does not fit the Site Secret of the LoyaltyLion credential',
	'The workflow was not started. Copy the secret in LoyaltyLion from Manage > Settings, where it stands beside the site token, into Site Secret in the LoyaltyLion credential. If the program has several sites, put in the secret of each, separated by commas. If it is right, somebody else sends to this address.',
);

export const NO_EVENT = new Refusal(
	400,
	'What was sent to this address is no event of LoyaltyLion',
	'The workflow was not started.',
);

export const NO_FULFILMENT = new Refusal(
	400,
	'A custom reward sends its claims to this address, and the LoyaltyLion Trigger does not take them',
	'The workflow was not started, so that the claim stays open in LoyaltyLion. Use a Webhook node for the fulfilment of the reward, or the event Reward Claimed.',
);

export const UNDER_WAY = new Refusal(
	503,
	'Another delivery of the same event is still being worked on',
	'LoyaltyLion will deliver it again.',
);
