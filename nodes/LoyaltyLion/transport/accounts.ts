import { createHash } from 'crypto';
import { Pacer } from './Pacer';
import { ServerClock } from './ServerClock';

/** What all executions in this process share that use the same credential. */
export interface Account {
	/** Stands for the credential and no other, without telling anything of it. */
	id: string;
	/** A part of that, to be kept. */
	mark: string;
	pacer: Pacer;
	clock: ServerClock;
	/** All that is kept for it: the pacer, and whatever others have added. */
	parts: Part[];
}

/** Something that is kept for an account. */
export interface Part {
	/** Whether it holds nothing, and is used by nobody, so that a new one would do as well. */
	readonly isIdle: boolean;
}

/**
 * Finds what is shared.
 *
 * @param connection where a credential leads, and how it identifies itself there
 * @returns the same for the same credential, as long as it is in use
 */
export function accountOf(connection: { origin: string; authorization: string }): Account {
	const key = `${connection.origin} ${connection.authorization}`;
	const known = ACCOUNTS.get(key);
	if (known) return known;
	forgetIdle();
	const id = createHash('sha256').update(key).digest('base64url');
	const mark = id.slice(0, MARK_CHARACTERS);
	const pacer = new Pacer();
	const account = { id, mark, pacer, clock: new ServerClock(), parts: [pacer] };
	ACCOUNTS.set(key, account);
	return account;
}

/**
 * Finds what is shared by those who use a credential that may not be the present one any more.
 *
 * @param mark stands for that credential
 * @returns the same as {@link accountOf}; nothing when it has not been used for a while
 */
export function accountMarked(mark: string): Account | undefined {
	return [...ACCOUNTS.values()].find((account) => account.mark === mark);
}

/** Enough to tell a few accounts apart, and far too little to find out what it was made of. */
const MARK_CHARACTERS = 6;

const ACCOUNTS = new Map<string, Account>();

function forgetIdle(): void {
	for (const [key, { parts }] of ACCOUNTS) {
		if (parts.every(({ isIdle }) => isIdle)) ACCOUNTS.delete(key);
	}
}
