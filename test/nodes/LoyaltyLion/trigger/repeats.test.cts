import { EventEmitter } from 'node:events';
import { request } from 'node:http';
import { Hold } from '../../../../dev/Hold.cts';
import type { Trigger } from '../../../../dev/engine/Trigger.cts';
import { signatureOf } from '../../../../dev/stand-in/Deliveries.cts';
import { HadEvents } from '../../../../nodes/LoyaltyLion/trigger/HadEvents.ts';
import { EARNED, SITE, triggers } from '../../../harness/trigger.cts';

const { standIn, server, trigger } = triggers();

const STARTED = 'Workflow was started';
const SEEN = 'Webhook call received';
const NOT_STARTED = 'There was a problem executing the workflow';
const UNDER_WAY = 'Another delivery of the same event is still being worked on';

/** Sends the event with an ID. */
async function deliver(to: Trigger, id: unknown) {
	const body = JSON.stringify({ id, topic: EARNED });
	const answer = await standIn.deliveries.deliver({ address: to.address(), topic: EARNED, body });
	return (JSON.parse(answer.body) as { message: string }).message;
}

/** Holds what starts an execution from now on. */
function holdStarts() {
	const hold = new Hold(() => true);
	server.begin = async () => {
		if (!(await hold.wait())) throw new Error('n8n has no database.');
	};
	return {
		arrived: hold.arrived,
		/** Lets those that wait start, or fail. */
		release: (succeeds: boolean) => {
			server.begin = async () => {};
			if (succeeds) hold.release();
			else hold.forget();
		},
	};
}

/** How many deliveries n8n has read by now. */
const taken = jest.spyOn(HadEvents.prototype, 'take');

async function takes(times: number) {
	while (taken.mock.calls.length < times) await new Promise((resolve) => setImmediate(resolve));
}

beforeEach(() => taken.mockClear());

test('an event that comes again is left out, and acknowledged', async () => {
	const published = trigger();
	standIn.deliveries.copies = 3;
	await published.publish();
	const [delivery] = await standIn.happens(EARNED);

	expect(delivery?.answers.map(({ status }) => status)).toEqual([200, 200, 200]);
	expect(server.started).toMatchObject([{ id: delivery?.id }]);
	expect(published.log).toEqual([]);
});

test('unless it is to be taken', async () => {
	const published = trigger({ options: { ignoreRepeated: false } });

	expect([await deliver(published, '1'), await deliver(published, '1')]).toEqual([
		STARTED,
		STARTED,
	]);
});

test.each([
	['a', 'b'],
	['a', 'A'],
	['1', '01'],
	[0, 1],
	// JSON cannot tell them apart.
	[9007199254740992, 9007199254740992],
	['a'.repeat(300), 'a'.repeat(300)],
	[null, null],
	[undefined, undefined],
	['', ''],
	[{ a: 1 }, { a: 1 }],
])('nothing says that %j and %j are the same event', async (one, other) => {
	const published = trigger();

	expect([await deliver(published, one), await deliver(published, other)]).toEqual([
		STARTED,
		STARTED,
	]);
});

test.each([[0], [1], ['1'], ['__proto__'], ['0b7c2f1e-5a5c-4f0e-9a53-1d2c3b4a5f60']])(
	'%j is an ID',
	async (id) => {
		const published = trigger();

		expect([await deliver(published, id), await deliver(published, id)]).toEqual([STARTED, SEEN]);
	},
);

test('each trigger has the event once', async () => {
	const one = trigger();
	const sameWorkflow = trigger({ workflowId: one.setting.workflowId });

	expect([
		await deliver(one, '1'),
		await deliver(sameWorkflow, '1'),
		await deliver(trigger(), '1'),
	]).toEqual([STARTED, STARTED, STARTED]);
});

describe('while the first is still being answered, the second waits', () => {
	test.each([
		{ succeeds: true, answers: [STARTED, SEEN, SEEN], starts: 1 },
		{ succeeds: false, answers: [NOT_STARTED, STARTED, SEEN], starts: 1 },
	])('and is answered accordingly: $answers', async ({ succeeds, answers, starts }) => {
		const published = trigger();
		const { arrived, release } = holdStarts();
		const first = deliver(published, '1');
		await arrived;
		const others = [deliver(published, '1'), deliver(published, '1')];
		await takes(3);
		release(succeeds);

		expect([await first, ...(await Promise.all(others)).sort()].sort()).toEqual(
			[...answers].sort(),
		);
		expect(await first).toBe(answers[0]);
		expect(server.started).toHaveLength(starts);
	});

	test('but not for ever', async () => {
		const published = trigger();
		const { arrived, release } = holdStarts();
		const signal = new AbortController();
		const timeout = jest
			.spyOn(AbortSignal, 'timeout')
			.mockReturnValueOnce(new AbortController().signal)
			.mockReturnValueOnce(signal.signal);
		const first = deliver(published, '1');
		await arrived;
		const second = deliver(published, '1');
		await takes(2);
		expect(timeout).toHaveBeenLastCalledWith(3000);
		signal.abort();
		const answer = await second;
		timeout.mockRestore();

		expect(answer).toBe(UNDER_WAY);
		release(true);
		expect(await first).toBe(STARTED);
		expect(await deliver(published, '1')).toBe(SEEN);
	});
});

test.each([1, 3])('a start that fails is tried again (%i times)', async (times) => {
	const published = trigger();
	await published.publish();
	let failures = 0;
	server.begin = async () => {
		if (failures++ < times) throw new Error('n8n has no database.');
	};
	await standIn.happens(EARNED);
	await standIn.deliveries.sendUntilDone(async () => {});
	await deliver(published, server.started[0]?.id);

	expect(server.started).toHaveLength(1);
	expect(failures).toBe(times + 1);
});

describe('who sends it goes away', () => {
	/** Sends the event, to go away when it is told to. */
	function leave(published: Trigger, id: string) {
		const body = JSON.stringify({ id, topic: EARNED });
		const { port } = new URL(server.url);
		const headers = {
			'content-type': 'application/json',
			'x-loyaltylion-hmac-sha256': signatureOf(body, SITE.secret),
		};
		const path = new URL(published.address()).pathname;
		const sending = request({ port, path, method: 'POST', headers }).on('error', () => {});
		sending.end(body);
		return sending;
	}

	test.each([
		{ succeeds: true, answer: SEEN, what: 'n8n starts it all the same, and not again' },
		{ succeeds: false, answer: STARTED, what: 'n8n fails, and takes it when it comes again' },
	])('before it is answered: $what', async ({ succeeds, answer }) => {
		const published = trigger();
		const { arrived, release } = holdStarts();
		const sending = leave(published, '1');
		await arrived;
		const [, response] = taken.mock.calls[0] ?? [];
		const closed = new Promise((resolve) => response?.once('close', () => resolve(undefined)));
		sending.destroy();
		await closed;
		release(succeeds);

		expect(await deliver(published, '1')).toBe(answer);
		expect(await deliver(published, '1')).toBe(SEEN);
		expect(server.started).toHaveLength(1);
	});

	test('while it waits for the first: it is not started for nobody, and taken when it comes again', async () => {
		const published = trigger();
		const { arrived, release } = holdStarts();
		const first = deliver(published, '1');
		await arrived;
		const sending = leave(published, '1');
		await takes(2);
		const [, response] = taken.mock.calls[1] ?? [];
		const closed = new Promise((resolve) => response?.once('close', () => resolve(undefined)));
		sending.destroy();
		await closed;
		release(false);

		expect(await first).toBe(NOT_STARTED);
		while (published.log.length === 0) await new Promise((resolve) => setImmediate(resolve));
		expect(await deliver(published, '1')).toBe(STARTED);
		expect(published.log).toEqual([expect.stringContaining(UNDER_WAY)]);
		expect(server.started).toHaveLength(1);
	});
});

describe('what is remembered', () => {
	/** A delivery that is answered at once. */
	async function have(events: HadEvents, id: string) {
		const answer = Object.assign(new EventEmitter(), {
			statusCode: 200,
			writableEnded: true,
			destroyed: false,
		});
		const was = await events.take(id, answer);
		answer.emit('close');
		return was;
	}

	test('are the last 10,000 events', async () => {
		const events = new HadEvents();
		for (let id = 0; id <= 10_000; id++) await have(events, `${id}`);

		expect(await have(events, '10000')).toBe('had');
		expect(await have(events, '1')).toBe('had');
		expect(await have(events, '0')).toBe('new');
	});

	test('is what came last of a delivery whose earlier one was forgotten', async () => {
		const events = new HadEvents();
		const failing = Object.assign(new EventEmitter(), {
			statusCode: 500,
			writableEnded: true,
			destroyed: false,
		});
		await events.take('first', failing);
		for (let id = 0; id < 10_000; id++) await have(events, `${id}`);
		expect(await have(events, 'first')).toBe('new');
		failing.emit('close');
		await new Promise((resolve) => setImmediate(resolve));

		expect(await have(events, 'first')).toBe('had');
	});
});
