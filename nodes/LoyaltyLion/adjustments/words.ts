import {
	detailSentences,
	quoted,
	sentences,
	type ReadAnswer,
	type RequestWords,
} from '../errors/answers';
import type { FailureFacts } from '../errors/ItemFailure';
import type { ReadWords } from '../transport/Client';
import { customerOf, type Adjustment } from './Adjustment';

const SCOPE = 'write_customers';

/**
 * What is said of LoyaltyLion's answers to Add Points.
 *
 * @param adjustment whose points, and how many
 * @returns the words
 */
export function addingWords(adjustment: Adjustment): RequestWords {
	const { merchantId, points } = adjustment;
	const who = customerOf(adjustment);
	const isById = who === merchantId;
	return {
		nothingDone: `No points were added for customer ${who}.`,
		forbidden: 'add points',
		missingScope:
			'The key lacks the write_customers scope. Open the key in LoyaltyLion under Manage > API keys, add write_customers, then send the item again.',
		scope: SCOPE,
		rejected: (answer) => ({
			message: `LoyaltyLion did not accept the values for customer ${who}`,
			description: sentences(
				detailSentences(answer),
				'No points were added. Correct these values, then send the item again.',
			),
		}),
		notFound: () => ({
			code: 'customer_not_found',
			message: isById
				? `LoyaltyLion has no customer with the merchant ID ${merchantId}`
				: `LoyaltyLion adds no points to ${who}`,
			description: isById
				? "No points were added. The merchant ID is the customer's ID in your store (on Shopify, the number at the end of the customer page's address), not LoyaltyLion's own ID. Check the value in Customer."
				: `No points were added. LoyaltyLion lists this email with the merchant ID ${merchantId}, and knows no customer by that ID. Look at the customer in LoyaltyLion.`,
		}),
		refused: () => ({
			message: `LoyaltyLion refused to add ${amount(points)} for customer ${who}`,
			description:
				'No points were added. Open the customer in LoyaltyLion and check that the customer is enrolled and not blocked.',
		}),
		unknown: (answer) =>
			unknownOutcome(adjustment, sentences(unclearAnswer(answer), quoted(answer))),
	};
}

/**
 * Points that may or may not have been added: they were sent, and no answer that can be trusted came back.
 *
 * @param adjustment whose points, and how many
 * @param why what came back instead, one sentence or more
 * @returns what is said of it
 */
export function unknownOutcome(adjustment: Adjustment, why: string): FailureFacts {
	return {
		code: 'outcome_unknown',
		message: `Unclear whether customer ${customerOf(adjustment)} got ${amount(adjustment.points)}`,
		description: `${why} ${MAY_BE_THERE}`,
	};
}

const MAY_BE_THERE =
	"The points may have been added. Look at the customer's points history in LoyaltyLion before you send this item again.";

/**
 * Points that an earlier run was about to add for a value of Only Once Per.
 *
 * @param adjustment whose points, how many, and for what
 * @param finding what the node has found out of them
 * @returns what is said of it
 */
export function unknownOfEarlierRun(
	adjustment: Adjustment,
	finding: keyof typeof EARLIER_FINDINGS,
): FailureFacts {
	const { onlyOncePer } = adjustment;
	return unknownOutcome(
		adjustment,
		`An earlier run was about to add points for "${onlyOncePer}" and did not come to its end, or another run is about it just now. ${EARLIER_FINDINGS[finding]} They were not sent again.`,
	);
}

const EARLIER_FINDINGS = {
	notAdded:
		'The node looked into the history and did not find them there. Choose Check History, Then Send Again in Options to have them sent then.',
	unsure:
		'The node found points in the history that may be these, or others. It can tell when Reason holds the value of Only Once Per.',
	unproven:
		'The node looked into the history and did not find them, but cannot tell for certain from what LoyaltyLion shows.',
	unread: 'The node has not read the history.',
	sentAgain:
		'The node looked into the history and did not find them, but they were sent again by another run since, or n8n could not make sure that none does.',
	otherPoints:
		'That run was about to add other points than these, and a changed number of points is for a person to decide.',
};

/**
 * Points that were added before for the same value of Only Once Per, in another number.
 *
 * @param adjustment whose points, how many, and for what
 * @returns what is said of it
 */
export function otherPointsAdded(adjustment: Adjustment): FailureFacts {
	const { points, onlyOncePer } = adjustment;
	return {
		code: 'other_points_added',
		message: `Customer ${customerOf(adjustment)} got other points for "${onlyOncePer}" before`,
		description: `Points were added for this value of Only Once Per before, but not ${amount(points)}. Nothing was sent now. Look at the customer's points history in LoyaltyLion, and decide: leave it so, or add or take back the difference by hand.`,
	};
}

/**
 * Points that are not sent, as nobody could remember that they were.
 *
 * @param adjustment whose points, how many, and for what
 * @param why what keeps n8n from remembering it
 * @returns what is said of it
 */
export function notRemembered(
	adjustment: Adjustment,
	why: keyof typeof NOT_REMEMBERED,
): FailureFacts {
	return {
		code: 'not_remembered',
		message: `n8n cannot look up what customer ${customerOf(adjustment)} got points for before`,
		description: `${NOT_REMEMBERED[why]} Nothing was sent, so no points were added.`,
	};
}

const NOT_REMEMBERED = {
	unsaved: 'Only Once Per works in saved workflows only. Save the workflow, then run it again.',
	unanswered:
		"Only Once Per is remembered in n8n's database, which did not answer. Send the item again a little later; if it stays so, ask whoever looks after n8n.",
	tooSmall:
		'There are more items than History Size, in Options, lets n8n remember, so that the first would be forgotten before the last is sent. Raise History Size.',
	noProgram:
		'LoyaltyLion does not tell which program the credential belongs to, and n8n knows no saved credential. Save the LoyaltyLion credential, choose it in the node, and send the item again.',
};

/** A fault of this node's own: the points may have been sent by then. */
export const UNEXPECTED: FailureFacts = {
	code: 'outcome_unknown',
	message: 'Something unexpected happened in the LoyaltyLion node',
	description:
		"The points may have been added. Look at the customer's points history in LoyaltyLion before you send this item again, and tell the makers of this node.",
};

/** What a customer's history is asked for in; that it cannot be read is told in other words. */
export const HISTORY_WORDS: ReadWords = {
	unanswered: "LoyaltyLion could not be asked for the customer's points history",
	wanted: 'list of transactions',
	forbidden: "read a customer's points history",
	missingScope:
		'It needs the write_customers scope; if it has that, add read_customers too. Open it in LoyaltyLion under Manage > API keys, then try again.',
	scope: SCOPE,
	rejected: () => ({
		message: "LoyaltyLion did not accept the request for the customer's points history",
		description: 'Check the value in Customer.',
	}),
};

function unclearAnswer({ statusCode, complete }: ReadAnswer): string {
	if (statusCode >= 500) {
		return `LoyaltyLion, or something on the way to it, answered that it is out of order (HTTP ${statusCode}).`;
	}
	if (statusCode >= 300 && statusCode < 400) {
		return `The answer pointed to another address (HTTP ${statusCode}), which is never followed. Check the Base URL of the LoyaltyLion credential.`;
	}
	if (!complete) return `The answer broke off, or did not end in time (HTTP ${statusCode}).`;
	return `The answer is not one that LoyaltyLion is known to give (HTTP ${statusCode}).`;
}

function amount(points: number): string {
	return points === 1 ? '1 point' : `${points} points`;
}
