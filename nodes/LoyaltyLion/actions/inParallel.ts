/**
 * Works on many things, several at a time. They are begun in order, the next one as soon as one is done.
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
	const workOn = async () => {
		while (next < count) await work(next++);
	};
	await Promise.all(Array.from({ length: Math.min(atOnce, count) }, workOn));
}
