import { Turns } from '../../../nodes/LoyaltyLion/shared/Turns.ts';

/** Something that takes its turn, and ends when it is told to. */
function taking(turns: Turns, signal?: AbortSignal) {
	let end = () => {};
	let begin = () => {};
	const hasBegun = new Promise<void>((resolve) => (begin = resolve));
	const isToEnd = new Promise<void>((resolve) => (end = resolve));
	const ended = turns.take('key', signal, async () => {
		begin();
		await isToEnd;
	});
	return { hasBegun, end, ended };
}

test('who is canceled while waiting does not let those behind go before those in front', async () => {
	const turns = new Turns();
	const cancel = new AbortController();
	const steps: string[] = [];
	const first = taking(turns);
	const second = taking(turns, cancel.signal);
	const third = taking(turns);
	void third.hasBegun.then(() => steps.push('third begins'));
	await first.hasBegun;

	cancel.abort();
	second.end();
	await second.ended;
	await new Promise(setImmediate);
	steps.push('first ends');
	first.end();
	await third.hasBegun;
	third.end();
	await Promise.all([first.ended, third.ended]);

	expect(steps).toEqual(['first ends', 'third begins']);
});
