import { readFileSync, writeFileSync } from 'node:fs';

/** Linux keeps the highest memory that a process has had, until it is told to begin anew. */
const STATUS = '/proc/self/status';
const BEGIN_ANEW = '/proc/self/clear_refs';

/**
 * Watches how much memory this process comes to use from now on.
 *
 * @returns tells the highest so far, in bytes beyond what it uses now; NaN where the system does not say
 */
export function watchMemory(): () => number {
	global.gc?.();
	try {
		writeFileSync(BEGIN_ANEW, '5');
	} catch {
		return () => NaN;
	}
	const before = process.memoryUsage.rss();
	return () => highest() - before;
}

function highest() {
	const [, kilobytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(STATUS, 'utf8')) ?? [];
	return Number(kilobytes) * 1024;
}
