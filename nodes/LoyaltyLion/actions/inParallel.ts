import { sleep } from 'n8n-workflow';

/** So long the work may keep everything else in n8n waiting, in ms: other executions, and a cancel. */
const MAX_BUSY_MS = 20;

/**
 * Works on many things, several at a time. They are begun in order, the next one as soon as one is done.
 * Work that waits for nothing gives way to the rest of n8n now and then.
 *
 * @param count how many there are
 * @param atOnce how many are worked on at a time
 * @param work is handed the place of each, counted from 0; must not throw
 * @returns when all are done
 */
export async function inParallel(
	count: number,
	atOnce: number,
	work: (index: number) => Promise<void>,
): Promise<void> {
	let next = 0;
	let busySince = performance.now();
	let pause: Promise<void> | undefined;
	const giveWay = async () => {
		await sleep(0);
		busySince = performance.now();
		pause = undefined;
	};
	const workOn = async () => {
		while (next < count) {
			if (performance.now() - busySince > MAX_BUSY_MS) await (pause ??= giveWay());
			else await work(next++);
		}
	};
	await Promise.all(Array.from({ length: Math.min(atOnce, count) }, workOn));
}
