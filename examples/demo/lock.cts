import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { inOneLine, UserFault } from './UserFault.cts';

/**
 * Keeps a second demo from the same files, until this process ends.
 *
 * @param file the lock's path; one that a killed process has left does not count
 * @throws {UserFault} when another process has it, or when the folder cannot be written to
 */
export function lock(file: string) {
	const holder = holderOf(file);
	if (holder !== undefined) takeAway(file, holder);
	inOneLine(
		`${file} cannot be written`,
		() => writeFileSync(file, `${process.pid}`, { flag: 'wx' }),
		'The report needs a folder that is there and that can be written to.',
	);
	process.once('exit', () => rmSync(file, { force: true }));
}

/** Another process may do the same meanwhile, and have its own lock there by now. */
function takeAway(file: string, holder: number) {
	if (isAlive(holder)) throw inUse(file, holder);
	const taken = `${file}.${process.pid}`;
	renameSync(file, taken);
	const found = holderOf(taken);
	if (found !== undefined && found !== holder) {
		linkSync(taken, file);
		rmSync(taken);
		throw inUse(file, found);
	}
	rmSync(taken);
}

function inUse(file: string, holder: number) {
	return new UserFault(
		`Another demo (process ${holder}) is at work on the same report. Wait for its end, or choose another report. If there is none, delete ${file}.`,
	);
}

function holderOf(file: string) {
	try {
		return Number(readFileSync(file, 'utf8'));
	} catch {
		return undefined;
	}
}

function isAlive(process_: number) {
	try {
		return process.kill(process_, 0);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}
