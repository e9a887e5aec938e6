import { signatureOf } from '../../../../dev/stand-in/Deliveries.cts';
import type { Trigger } from '../../../../dev/engine/Trigger.cts';
import { EARNED, ORIGIN, triggers, UPDATED } from '../../../harness/trigger.cts';

/** What somebody may send who wants to harm, or LoyaltyLion in ways that it does not rule out. */

const { standIn, server, trigger } = triggers();

const SIGNATURE = 'x-loyaltylion-hmac-sha256';

/** @param headers instead of what the delivery says by itself; undefined leaves one out */
async function deliver(to: Trigger, event: object, headers?: Record<string, string | undefined>) {
	const { status } = await standIn.deliveries.deliver({
		address: to.address(),
		topic: EARNED,
		body: JSON.stringify(event),
		...(headers && { headers }),
	});
	return status;
}

const started = () => server.started.map(({ topic }) => topic);

test('two events of one happening are two, also when they share their ID', async () => {
	const published = trigger({ events: [EARNED, UPDATED] });
	const id = '0b7c2f1e';

	for (const topic of [EARNED, UPDATED, EARNED]) await deliver(published, { id, topic });

	expect(started()).toEqual([EARNED, UPDATED]);
});

test('an event that nobody has signed leaves out none that is signed', async () => {
	const published = trigger({ options: { acceptUnsigned: true } });
	const event = { id: '1', topic: EARNED };

	await deliver(published, event, { [SIGNATURE]: undefined });
	await deliver(published, event);
	await deliver(published, event);

	expect(started()).toEqual([EARNED, EARNED]);
});

test('what has no ID is no event, whatever its header says', async () => {
	const published = trigger();

	expect(await deliver(published, { reward_id: 1, customer_merchant_id: '1001' })).toBe(400);
	expect(started()).toEqual([]);
});

test.each(['x', ' 12345 ', 'fe,d41402abc4b2a76b9719d911017c592'])(
	'nothing is signed with so little as a piece of %j',
	async (siteSecret) => {
		const [secret = ''] = siteSecret.trim().split(',');
		const event = { id: '1', topic: EARNED };
		const published = trigger({ credential: { siteSecret } });
		const signature = signatureOf(JSON.stringify(event), secret);

		expect(await deliver(published, event, { [SIGNATURE]: signature })).toBe(401);
		expect(started()).toEqual([]);
	},
);

describe('webhooks', () => {
	/** One that is there before the trigger is published, to an address that LoyaltyLion has written so. */
	const hookTo = (address: string) =>
		standIn.hook({ programId: 2, topic: EARNED, address, serviceIntegrationId: null });

	const written: [string, (path: string) => string, boolean][] = [
		['as it is', (path) => `${ORIGIN}${path}`, true],
		['with its host in capitals', (path) => `https://N8N.example${path}`, true],
		['with the port that it has anyway', (path) => `${ORIGIN}:443${path}`, true],
		['with a slash at its end', (path) => `${ORIGIN}${path}/`, false],
		['with more at its end', (path) => `${ORIGIN}${path}2`, false],
		['with a query', (path) => `${ORIGIN}${path}?to=them`, false],
		['with its path in capitals', (path) => `${ORIGIN}${path.toUpperCase()}`, false],
		['at another host', (path) => `https://other.example${path}`, false],
		['at another port', (path) => `${ORIGIN}:8443${path}`, false],
	];

	test.each(written)('whose address is written %s', async (_how, toAddress, isOurs) => {
		const published = trigger();
		const hook = hookTo(toAddress(new URL(published.address()).pathname));

		await published.publish();
		expect(standIn.hooks).toHaveLength(isOurs ? 1 : 2);
		await published.unpublish();

		expect(standIn.hooks).toEqual(isOurs ? [] : [hook]);
	});

	test('one that sends somewhere else is not removed, whatever LoyaltyLion answers', async () => {
		const published = trigger();
		const { id, topic, address } = hookTo('https://other.example/hook');
		const body = JSON.stringify({ webhook: { id, topic, address } });
		standIn.misbehaveAt('createWebhook', { kind: 'status', status: 201, body, times: 1 });

		await published.publish();
		await published.unpublish();

		expect(standIn.hooks).toMatchObject([{ id, address }]);
	});
});
