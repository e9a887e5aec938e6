import { randomBytes } from 'crypto';

/** By how much the two clocks of a process may drift apart. */
const STEP_MS = 1000;

/** A moment, from which it is known later whether times that were taken then can be compared with those of now. */
export interface ClockMark {
	/** The process it was taken in. */
	process: string;
	/** This machine's clock less the time since the process began, in ms. */
	offset: number;
}

const PROCESS = randomBytes(6).toString('base64url');

/** @returns the mark of this moment */
export function clockMark(): ClockMark {
	return { process: PROCESS, offset: Math.round(Date.now() - performance.now()) };
}

/**
 * @param mark an earlier moment, if it was kept
 * @returns whether it was another process that took it, or one of which nothing is known
 */
export function isOfAnotherProcess(mark: ClockMark | undefined): boolean {
	return mark?.process !== PROCESS;
}

/**
 * @param mark an earlier moment, if it was kept
 * @returns whether it is known that this machine's clock was set since, or that the machine has slept;
 *   of a moment of another process that is never known
 */
export function wasClockSet(mark: ClockMark | undefined): boolean {
	if (!mark || isOfAnotherProcess(mark)) return false;
	return Math.abs(clockMark().offset - mark.offset) > STEP_MS;
}

/**
 * Tells the time.
 *
 * @returns ms since 1970 by this machine's clock, with fractions that make it another each time
 */
export function uniqueNow(): number {
	const now = Date.now() + FRACTION_MS;
	const wasSetBack = now < last - 1000;
	last = now > last || wasSetBack ? now : last + 0.001;
	return last;
}

/**
 * What this process adds to each time, so that what another process has sent in the same millisecond, and is
 * looked for in this one, is hardly ever taken for one of its own.
 */
const FRACTION_MS = Math.random();

let last = 0;
