import type { IExecuteFunctions } from 'n8n-workflow';
import { ItemFailure } from '../errors/ItemFailure';
import type { Client } from '../transport/Client';
import { programOf } from '../transport/program';
import type { Adjustment } from './Adjustment';
import type { OnceAdjustment } from './adjustOnce';
import type { Kind } from './Kind';
import { ledgerOf, maxMarks, type OnceEntry, type OnceLedger } from './OnceLedger';
import { notRemembered } from './words';

/**
 * Finds where it is remembered what an adjustment is made for once.
 *
 * @param kind the adjustment's
 * @param context the running node
 * @param client who asks LoyaltyLion for its program
 * @param adjustment whose, and for what
 * @param historySize how many values are remembered
 * @returns the node's ledger, and the entry in it: the same for each API key of a program
 * @throws {ItemFailure} `not_remembered` when it cannot be remembered; and what {@link programOf} throws
 */
export async function openEntry<Of extends Adjustment>(
	kind: Kind<Of>,
	context: IExecuteFunctions,
	client: Client,
	adjustment: OnceAdjustment<Of>,
	historySize: number,
): Promise<{ ledger: OnceLedger; entry: OnceEntry }> {
	const ledger = ledgerOf(context);
	if (!ledger) throw new ItemFailure(notRemembered(kind.words, adjustment, 'unsaved'));
	if (context.getInputData().length > historySize) {
		throw new ItemFailure(notRemembered(kind.words, adjustment, 'tooSmall'));
	}
	const { merchantId, onlyOncePer } = adjustment;
	const program = await programOf(client);
	const owner = program === undefined ? ['credential', client.credentialId] : ['program', program];
	if (owner.includes('')) throw new ItemFailure(notRemembered(kind.words, adjustment, 'noProgram'));
	const hasResult = kind.resultId !== undefined;
	const entry = {
		// Points that are added and those that are removed for one order are two things.
		key: JSON.stringify([kind.name, ...owner, merchantId, onlyOncePer.normalize('NFC')]),
		what: kind.what(adjustment),
		isNamed: kind.isNamed(adjustment, onlyOncePer),
		hasResult,
		access: { helpers: context.helpers, maxMarks: maxMarks(historySize, hasResult) },
	};
	return { ledger, entry };
}
