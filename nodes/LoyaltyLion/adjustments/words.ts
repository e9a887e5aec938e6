import {
	detailSentences,
	quoted,
	sentences,
	unclearAnswer,
	type RequestWords,
} from '../errors/answers';
import type { FailureFacts } from '../errors/ItemFailure';
import { customerOf, type Adjustment } from './Adjustment';
import type { KindWords } from './Kind';

const SCOPE = 'write_customers';

/**
 * What is said of LoyaltyLion's answers to a request that makes an adjustment.
 *
 * @param words its kind's
 * @param adjustment what was sent
 * @returns the words
 */
export function requestWords<Of extends Adjustment>(
	words: KindWords<Of>,
	adjustment: Of,
): RequestWords & Required<Pick<RequestWords, 'notFound' | 'refused'>> {
	const who = customerOf(adjustment);
	const notDone = `${capital(words.notDone)}.`;
	const afterNotDone = <Said extends { description: string }>(said: Said) => ({
		...said,
		description: sentences(notDone, said.description),
	});
	return {
		nothingDone: `${capital(words.notDoneFor(who))}.`,
		forbidden: words.doing,
		missingScope:
			'The key lacks the write_customers scope. Open the key in LoyaltyLion under Manage > API keys, add write_customers, then send the item again.',
		scope: SCOPE,
		rejected: (answer) => ({
			message: `LoyaltyLion did not accept the values for customer ${who}`,
			description: sentences(
				detailSentences(answer),
				notDone,
				'Correct these values, then send the item again.',
			),
		}),
		notFound: () => afterNotDone(words.notFound(adjustment)),
		refused: () => afterNotDone(words.refused(adjustment)),
		unknown: (answer) =>
			unknownOutcome(words, adjustment, sentences(unclearAnswer(answer), quoted(answer))),
	};
}

/**
 * A customer whom LoyaltyLion does not know.
 *
 * @param adjustment whose it was to be
 * @param byEmail the headline where LoyaltyLion lists the email, and then knows no customer by the ID
 * @returns what is said of it
 */
export function customerNotFound(
	{ merchantId, email }: Adjustment,
	byEmail: string,
): Pick<FailureFacts, 'code' | 'message' | 'description'> {
	const isById = email === undefined || email === merchantId;
	return {
		code: 'customer_not_found',
		message: isById ? `LoyaltyLion has no customer with the merchant ID ${merchantId}` : byEmail,
		description: isById
			? "The merchant ID is the customer's ID in your store (on Shopify, the number at the end of the customer page's address), not LoyaltyLion's own ID. Check the value in Customer."
			: `LoyaltyLion lists this email with the merchant ID ${merchantId}, and knows no customer by that ID. Look at the customer in LoyaltyLion.`,
	};
}

/**
 * An adjustment that may or may not have been made: it was sent, and no answer that can be trusted came back.
 *
 * @param words its kind's
 * @param adjustment what was sent
 * @param why what came back instead, one sentence or more
 * @returns what is said of it
 */
export function unknownOutcome<Of extends Adjustment>(
	words: KindWords<Of>,
	adjustment: Of,
	why: string,
): FailureFacts {
	return {
		code: 'outcome_unknown',
		message: words.unclear(adjustment),
		description: sentences(why, words.mayBeDone, `${LOOK}.`),
	};
}

const LOOK = "Look at the customer's points history in LoyaltyLion before you send this item again";

/**
 * What looking for an adjustment in its customer's history has come to when it was not found.
 *
 * @param words its kind's
 * @returns a sentence for each way in which that can end, and for what keeps it from being sent again
 */
export function findingWords<Of extends Adjustment>({ pronouns }: KindWords<Of>) {
	const { found, unsure, them, they, were, are } = pronouns;
	const They = capital(they);
	return {
		notMade: `The node looked there and did not find ${found}, but LoyaltyLion may show ${them} late.`,
		unsure: `The node looked there and found ${unsure.join(' ')}.`,
		unproven: `The node looked there and did not find ${found}, but cannot tell for certain from what LoyaltyLion shows.`,
		timesBroken: `The node looked there and cannot tell for certain, as n8n was started anew, or its machine's clock was set, since ${they} ${were} sent.`,
		unread: 'The node could not read that history itself.',
		sentByAnother: `The node looked there and did not find ${found}, but another run has sent ${them} again by now, or the node could not make sure that none does. So ${they} ${were} not sent again.`,
		otherKey: `${They} ${were} sent with another API key or Base URL than the LoyaltyLion credential has now, so ${they} ${are} not sent again.`,
		byEarlierRunOrItem: `${They} ${were} sent by an earlier run or item, and no clear answer came.`,
	};
}

/**
 * An adjustment that an earlier run was about to make for a value of Only Once Per.
 *
 * @param words its kind's
 * @param adjustment what is done, and for what
 * @param finding what the node has found out of it
 * @returns what is said of it
 */
export function unknownOfEarlierRun<Of extends Adjustment>(
	words: KindWords<Of>,
	adjustment: Of,
	finding: keyof ReturnType<typeof earlierFindings>,
): FailureFacts {
	const { they, were } = words.pronouns;
	return unknownOutcome(
		words,
		adjustment,
		`An earlier run was about to ${words.doing} for "${adjustment.onlyOncePer}" and did not come to its end, or another run is about it just now. ${earlierFindings(words)[finding]} ${capital(they)} ${were} not sent again.`,
	);
}

function earlierFindings<Of extends Adjustment>(words: KindWords<Of>) {
	const { found, unsure, them, they, were } = words.pronouns;
	return {
		notMade: `The node looked into the history and did not find ${found} there. Choose Check History, Then Send Again in Options to have ${them} sent then.`,
		unsure: `The node found ${unsure.join(' in the history ')}. ${words.unsureOfEarlierRun}`,
		unproven: `The node looked into the history and did not find ${found}, but cannot tell for certain from what LoyaltyLion shows.`,
		unread: 'The node has not read the history.',
		sentAgain: `The node looked into the history and did not find ${found}, but ${they} ${were} sent again by another run since, or n8n could not make sure that none does.`,
		another: words.anotherByEarlierRun,
	};
}

/**
 * An adjustment that is not sent, as nobody could remember that it was.
 *
 * @param words its kind's
 * @param adjustment what is done, and for what
 * @param why what keeps n8n from remembering it
 * @returns what is said of it
 */
export function notRemembered<Of extends Adjustment>(
	words: KindWords<Of>,
	adjustment: Of,
	why: keyof typeof NOT_REMEMBERED,
): FailureFacts {
	return {
		code: 'not_remembered',
		message: words.notRemembered(customerOf(adjustment)),
		description: `${NOT_REMEMBERED[why]} Nothing was sent, so ${words.notDone}.`,
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

/**
 * A fault of this node's own: the adjustment may have been sent by then.
 *
 * @param words its kind's
 * @returns what is said of it
 */
export function unexpected<Of extends Adjustment>({ mayBeDone }: KindWords<Of>): FailureFacts {
	return {
		code: 'outcome_unknown',
		message: 'Something unexpected happened in the LoyaltyLion node',
		description: `${mayBeDone} ${LOOK}, and tell the makers of this node.`,
	};
}

/**
 * That an adjustment which was sent twice may have been made twice.
 *
 * @param words its kind's
 * @param timesSent whether both times are certain
 * @returns a sentence
 */
export function mayBeTwice<Of extends Adjustment>(
	{ pronouns: { they, were }, mayEvenBeTwice }: KindWords<Of>,
	timesSent: 'twice' | 'onceOrTwice',
): string {
	return {
		twice: `${capital(they)} ${were} sent twice, so ${mayEvenBeTwice}.`,
		onceOrTwice: `${capital(they)} ${were} sent now, and may have been sent by an earlier run, so ${mayEvenBeTwice}.`,
	}[timesSent];
}

/**
 * @param text a sentence or its beginning
 * @returns the same with a capital letter
 */
export function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
