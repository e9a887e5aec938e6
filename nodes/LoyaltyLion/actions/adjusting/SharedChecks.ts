import { ItemFailure } from '../../errors/ItemFailure';
import type { Account } from '../../transport/accounts';
import type { Client } from '../../transport/Client';

/** Asks LoyaltyLion whether something can be done, the same once for all items of one run of the node. */
export class SharedChecks {
	private readonly accounts = new Map<Account, Map<string, Answer>>();

	/**
	 * Asks, or waits for the answer to another item.
	 *
	 * @param client who asks
	 * @param question the same text for all who ask the same, and are to be told the same
	 * @param ask gives a reason against it, or throws LoyaltyLion's answer (400 or 404) in the words for it
	 * @returns why it cannot be done; nothing when nothing speaks against it
	 * @throws {ItemFailure} when LoyaltyLion could not be asked; that is not remembered, as it may pass
	 */
	async whyNot(client: Client, question: string, ask: () => Answer): Answer {
		const answers = this.accounts.get(client.account) ?? new Map<string, Answer>();
		this.accounts.set(client.account, answers);
		return await (answers.get(question) ?? begin(answers, question, ask));
	}
}

type Answer = Promise<ItemFailure | undefined>;

function begin(answers: Map<string, Answer>, question: string, ask: () => Answer): Answer {
	const answer = ask().catch(toReason);
	answers.set(question, answer);
	answer.catch(() => answers.delete(question));
	return answer;
}

/** LoyaltyLion does not know what is asked about, or does not take it for that: neither passes. */
function toReason(error: unknown): ItemFailure {
	if (error instanceof ItemFailure && ['400', '404'].includes(error.facts.httpCode ?? ''))
		return error;
	throw error;
}
