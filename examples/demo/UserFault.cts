/** Something that the user can mend; it is shown in one line. */
export class UserFault extends Error {}

/**
 * Turns what goes wrong into something that the user can mend.
 *
 * @param what the matter is
 * @param action may throw anything
 * @param toDo what to do about it, a sentence or more, if that is not plain
 * @returns what the action returns
 * @throws {UserFault} when it throws
 */
export function inOneLine<Result>(what: string, action: () => Result, toDo = '') {
	try {
		return action();
	} catch (error) {
		const [reason = ''] = error instanceof Error ? error.message.split('\n') : [];
		throw new UserFault(`${what}: ${reason}${toDo && `. ${toDo}`}`);
	}
}
