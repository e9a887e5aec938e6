import { setTimeout } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { Trigger } from '../../../../dev/engine/Trigger.cts';
import type { Fault } from '../../../../dev/stand-in/faults.cts';
import type { Hook } from '../../../../dev/stand-in/Shop.cts';
import { type Topic, TOPICS } from '../../../../dev/stand-in/topics.cts';
import * as time from '../../../../nodes/LoyaltyLion/shared/time.ts';
import {
	EARNED,
	ENROLLED,
	KEY,
	OTHER_SITE,
	SITE,
	triggers,
	UPDATED,
} from '../../../harness/trigger.cts';

const { standIn, trigger } = triggers();

const LIST = 'GET /v2/webhooks';
const MAKE = 'POST /v2/webhooks';
const WHO = 'GET /v2/identity/whoami';

beforeEach(() => {
	// Between two tries of the same request.
	jest.spyOn(time, 'pause').mockImplementation(async (ms) => await setTimeout(ms / 100));
});
afterEach(() => jest.restoreAllMocks());

/** What was asked of LoyaltyLion, in order. */
function requests() {
	return standIn.requests.map(({ method, path }) => `${method} ${path}`);
}

function hook(topic: Topic, address: string, programId = 2): Hook {
	return standIn.hook({ programId, topic, address, serviceIntegrationId: null });
}

/** The events that LoyaltyLion sends somewhere, by webhook. */
function topicsAt(address: string) {
	return standIn.hooks.filter((each) => each.address === address).map(({ topic }) => topic);
}

/** What a user reads when a trigger is not published. */
async function messageOf(publishing: Promise<unknown>) {
	return await publishing.then(
		() => 'published',
		(error: Error) => error.message,
	);
}

describe('publishing', () => {
	const cases: {
		what: string;
		/** Topics of the webhooks at the trigger's address, oldest first. */
		there: Topic[];
		sent: string[];
		/** IDs of the webhooks that are left at the address. */
		left: number[];
	}[] = [
		{ what: 'first', there: [], sent: [LIST, WHO, LIST, MAKE, MAKE, LIST], left: [5001, 5002] },
		{ what: 'again', there: [EARNED, ENROLLED], sent: [LIST], left: [5001, 5002] },
		{ what: 'in another order', there: [ENROLLED, EARNED], sent: [LIST], left: [5001, 5002] },
		{
			what: 'after LoyaltyLion has removed one',
			there: [ENROLLED],
			sent: [LIST, WHO, LIST, MAKE, LIST],
			left: [5001, 5002],
		},
		{
			what: 'with another list of events',
			there: [UPDATED, EARNED],
			sent: [LIST, WHO, LIST, MAKE, LIST, 'DELETE /v2/webhooks/5001'],
			left: [5002, 5003],
		},
		{
			what: 'with fewer events',
			there: [EARNED, UPDATED, ENROLLED],
			sent: [LIST, WHO, LIST, LIST, 'DELETE /v2/webhooks/5002'],
			left: [5001, 5003],
		},
		{
			what: 'where some are doubled',
			there: [EARNED, ENROLLED, EARNED, EARNED],
			sent: [LIST, WHO, LIST, LIST, 'DELETE /v2/webhooks/5003', 'DELETE /v2/webhooks/5004'],
			left: [5001, 5002],
		},
		{
			what: 'where as many are there, but not the right ones',
			there: [EARNED, EARNED],
			sent: [LIST, WHO, LIST, MAKE, LIST, 'DELETE /v2/webhooks/5002'],
			left: [5001, 5003],
		},
	];

	test.each(cases)('$what', async ({ there, sent, left }) => {
		const published = trigger({ events: [EARNED, ENROLLED] });
		for (const topic of there) hook(topic, published.address());
		const elsewhere = [
			hook(EARNED, published.address('test')),
			hook(EARNED, `${published.address()}/`),
			hook(EARNED, published.address().toUpperCase()),
			hook(EARNED, published.address(), 3),
		];

		await published.publish();

		expect(requests()).toEqual(sent);
		const own = standIn.hooks.filter((each) => !elsewhere.includes(each));
		expect(own.map(({ id }) => (id > 5000 + there.length ? id - 4 : id))).toEqual(left);
		expect(own.map(({ topic }) => topic).sort()).toEqual([ENROLLED, EARNED]);
		expect(own.map(({ address }) => address)).toEqual(own.map(() => published.address()));
		expect(standIn.hooks).toEqual(expect.arrayContaining(elsewhere));
		standIn.requests = [];
		await published.publish();
		expect(requests()).toEqual([LIST]);
		expect(published.log).toEqual([]);
	});

	test('a test beside it has webhooks of its own', async () => {
		const both = trigger();
		await both.publish();
		await both.publish('test');
		expect(topicsAt(both.address('test'))).toEqual([EARNED]);

		await both.unpublish('test');
		expect(standIn.hooks).toMatchObject([{ id: 5001, address: both.address() }]);
	});

	test.each(['makeAnother', 'refuse', 'giveIt'] as const)(
		'twice at the same time, where LoyaltyLion would %s',
		async (ifHooked) => {
			standIn.ifHooked = ifHooked;
			const published = trigger({ events: [EARNED, ENROLLED] });
			const hold = standIn.hold(({ method }) => method === 'POST');
			const both = Promise.all([published.publish(), published.publish()]);
			await hold.arrivals(2);
			hold.release();
			await both;

			expect(topicsAt(published.address()).sort()).toEqual([ENROLLED, EARNED]);
		},
	);

	test('twice at the same time, one ahead of the other', async () => {
		const published = trigger({ events: [EARNED, ENROLLED] });
		const hold = standIn.hold(({ method }) => method === 'POST');
		const first = published.publish();
		await hold.arrived;
		const other = new Map([[EARNED, hook(EARNED, published.address())]]);
		const all = published.publish();
		await hold.arrivals(2);
		hold.release();
		await Promise.all([first, all]);

		expect(topicsAt(published.address()).sort()).toEqual([ENROLLED, EARNED]);
		expect(standIn.hooks).toContain(other.get(EARNED));
	});

	test('at the same time as another, with a list that is late', async () => {
		const published = trigger();
		const hold = standIn.hold(({ method }) => method === 'POST');
		const publishing = published.publish();
		await hold.arrived;
		const { id, topic, address } = hook(EARNED, published.address());
		const body = JSON.stringify({ webhooks: [{ id, topic, address }] });
		standIn.misbehaveAt('listWebhooks', { kind: 'status', status: 200, body });
		hold.release();
		await publishing;

		expect(standIn.hooks).toMatchObject([{ id }]);
		expect(standIn.formerHooks).toHaveLength(1);
	});

	test('all events there are', async () => {
		const topics = Object.keys(TOPICS) as Topic[];
		const published = trigger({ events: topics });
		await published.publish();

		expect(topicsAt(published.address()).sort()).toEqual([...topics].sort());
		await published.unpublish();
		expect(standIn.hooks).toEqual([]);
	});
});

describe('something goes wrong', () => {
	const once = (fault: Fault): Fault => ({ times: 1, ...fault });
	const out: Fault = { kind: 'status', status: 500, body: '{}' };
	const lost: Fault = { kind: 'reset', after: true };

	type Operation = 'listWebhooks' | 'createWebhook' | 'deleteWebhook' | 'whoami';
	const [lostOnce, outOnce] = [once(lost), once(out)];
	const passing: [Operation, string, Fault[]][] = [
		['listWebhooks', 'a 500', [outOnce]],
		['listWebhooks', 'two resets', [{ kind: 'reset', times: 2 }]],
		['listWebhooks', 'an answer that is no JSON', [once({ kind: 'status', status: 200 })]],
		['whoami', 'a 500', [outOnce]],
		['deleteWebhook', 'a 500', [outOnce]],
		['deleteWebhook', 'a lost answer', [lostOnce]],
		['deleteWebhook', 'a lost answer, and a 500', [lostOnce, outOnce]],
	];
	const passingAtCreate: [string, Fault[]][] = [
		['a 500', [outOnce]],
		['a 500 after it was made', [once({ ...out, after: true })]],
		['a lost answer', [lostOnce]],
		['three lost answers', [{ ...lost, times: 3 }]],
		['an answer cut off', [once({ kind: 'truncate', after: true })]],
		['a 201 that says nothing', [once({ kind: 'status', status: 201, after: true })]],
	];

	/** What LoyaltyLion sends to a trigger that was published in spite of it. */
	async function publishedWith(operation: Operation, faults: Fault[]) {
		const published = trigger({ events: [EARNED, ENROLLED] });
		hook(UPDATED, published.address());
		standIn.misbehaveAt(operation, ...faults);
		await published.publish();
		return topicsAt(published.address()).sort();
	}

	test.each(passing)('and passes: %s, %s', async (operation, _what, faults) => {
		expect(await publishedWith(operation, faults)).toEqual([ENROLLED, EARNED]);
	});

	describe.each(['makeAnother', 'refuse', 'giveIt'] as const)(
		'and passes where LoyaltyLion would %s: createWebhook',
		(ifHooked) => {
			test.each(passingAtCreate)('%s', async (_what, faults) => {
				standIn.ifHooked = ifHooked;

				expect(await publishedWith('createWebhook', faults)).toEqual([ENROLLED, EARNED]);
			});
		},
	);

	test('and passes: a list that is late', async () => {
		const published = trigger({ events: [EARNED, ENROLLED] });
		const late: Fault = { kind: 'status', status: 200, body: '{"webhooks":[]}' };
		standIn.misbehaveAt('listWebhooks', { kind: 'none', times: 2 }, once(late));
		await published.publish();

		expect(requests()).toEqual([LIST, WHO, LIST, MAKE, MAKE, LIST]);
		expect(topicsAt(published.address())).toEqual([EARNED, ENROLLED]);
	});

	const lasting: [Operation, string, Fault, string][] = [
		['listWebhooks', '500', out, 'LoyaltyLion could not be asked which events it sends to n8n. '],
		['listWebhooks', 'reset', { kind: 'reset' }, 'LoyaltyLion could not be asked which events'],
		[
			'listWebhooks',
			'401',
			{ kind: 'status', status: 401 },
			'LoyaltyLion does not accept the API key. ',
		],
		['listWebhooks', '403', { kind: 'status', status: 403 }, 'The API key may not list webhooks. '],
		[
			'listWebhooks',
			'422',
			{ kind: 'status', status: 422 },
			'LoyaltyLion could not be asked which events',
		],
		[
			'listWebhooks',
			'{}',
			{ kind: 'status', status: 200, body: '{}' },
			'LoyaltyLion could not be asked which',
		],
		['whoami', '500', out, 'LoyaltyLion could not be asked what the API key may do. '],
		['whoami', '401', { kind: 'status', status: 401 }, 'LoyaltyLion does not accept the API key. '],
		['createWebhook', '500', out, 'Unclear whether LoyaltyLion will send Points Earned to n8n. '],
		[
			'createWebhook',
			'reset',
			{ kind: 'reset' },
			'Unclear whether LoyaltyLion will send Points Earned to n8n. ',
		],
		[
			'createWebhook',
			'401',
			{ kind: 'status', status: 401 },
			'LoyaltyLion does not accept the API key. ',
		],
		[
			'createWebhook',
			'403',
			{ kind: 'status', status: 403 },
			'The API key may not subscribe to Points Earned. ',
		],
		[
			'createWebhook',
			'422',
			{ kind: 'status', status: 422 },
			'LoyaltyLion did not accept the subscription to Points Earned. ',
		],
		[
			'createWebhook',
			'400',
			{ kind: 'status', status: 400 },
			'LoyaltyLion did not accept the subscription to Points Earned. ',
		],
		['deleteWebhook', '500', out, 'Unclear whether LoyaltyLion still sends events to n8n. '],
		[
			'deleteWebhook',
			'403',
			{ kind: 'status', status: 403 },
			'The API key may not remove webhooks. ',
		],
	];

	test.each(lasting)('and does not pass: %s, %s', async (operation, _what, fault, message) => {
		const published = trigger({ events: [EARNED, ENROLLED] });
		hook(UPDATED, published.address());
		standIn.misbehaveAt(operation, fault);

		expect(
			await messageOf(published.call('checkExists').then(() => published.call('create'))),
		).toMatch(new RegExp(`^${message}`));
		// What was there before is n8n's to remove.
		expect(topicsAt(published.address())).toEqual(
			operation === 'deleteWebhook' ? [UPDATED, EARNED, ENROLLED] : [UPDATED],
		);
		standIn.misbehaveAt(operation);
		await published.publish();
		expect(topicsAt(published.address()).sort()).toEqual([ENROLLED, EARNED]);
	});

	test('at the second event: the first one is undone', async () => {
		const published = trigger({ events: [EARNED, ENROLLED] });
		standIn.misbehaveAt('createWebhook', once({ kind: 'none' }), { kind: 'status', status: 422 });

		expect(await messageOf(published.call('create'))).toContain(
			'the subscription to Customer Enrolled',
		);
		expect(standIn.hooks).toEqual([]);
		expect(standIn.formerHooks).toMatchObject([{ topic: EARNED }]);
	});

	test('with an answer that got lost, which is undone as well', async () => {
		const published = trigger({ events: [EARNED, ENROLLED] });
		const refused: Fault = { kind: 'status', status: 422 };
		standIn.misbehaveAt('createWebhook', once(lost), once({ kind: 'none' }), refused);

		await messageOf(published.call('create'));
		expect(standIn.hooks).toEqual([]);
		expect(standIn.formerHooks).toHaveLength(2);
	});
});

describe('unpublishing', () => {
	test('removes what is at the address, whatever it is about', async () => {
		const published = trigger({ events: [EARNED] });
		for (const topic of [EARNED, EARNED, UPDATED]) hook(topic, published.address());
		const other = hook(EARNED, published.address('test'));
		await published.unpublish();

		expect(requests()).toEqual([
			LIST,
			...[5001, 5002, 5003].map((id) => `DELETE /v2/webhooks/${id}`),
		]);
		expect(standIn.hooks).toEqual([other]);
		await published.unpublish();
		expect(requests().slice(4)).toEqual([LIST]);
		expect(published.log).toEqual([]);
	});

	test('of what is gone is done', async () => {
		const published = trigger();
		await published.publish();
		const gone = standIn.hooks[0];
		const hold = standIn.hold(({ method }) => method === 'DELETE');
		const unpublishing = published.unpublish();
		await hold.arrived;
		if (gone) standIn.unhook(gone);
		hold.release();
		await unpublishing;

		expect(published.log).toEqual([]);
	});

	const broken: [string, (published: Trigger) => void][] = [
		['the list cannot be had', () => standIn.misbehaveAt('listWebhooks', { kind: 'reset' })],
		[
			'nothing can be removed',
			() => standIn.misbehaveAt('deleteWebhook', { kind: 'status', status: 403 }),
		],
		[
			'the credential is gone',
			({ setting }) => {
				setting.credential = new Error(`No ${KEY}`);
			},
		],
		[
			'the key is empty',
			({ setting }) => {
				setting.credential = { apiKey: '' };
			},
		],
	];

	test.each(broken)('never throws: %s', async (_what, spoil) => {
		const published = trigger();
		await published.publish();
		spoil(published);
		await published.unpublish();

		expect(published.log).toEqual([
			expect.stringMatching(
				/^warn: LoyaltyLion Trigger: .* LoyaltyLion stops by itself after 30 events that it cannot deliver\.$/,
			),
		]);
		expect(published.log.join()).not.toContain(KEY);
	});

	test('needs neither events nor a Site Secret', async () => {
		const published = trigger();
		await published.publish();
		published.setting.parameters.events = [];
		Object.assign(published.setting.credential, { siteSecret: '' });
		await published.unpublish();

		expect(standIn.hooks).toEqual([]);
	});

	test('removes the others where one cannot be removed', async () => {
		const published = trigger({ events: [EARNED, ENROLLED, UPDATED] });
		await published.publish();
		standIn.misbehaveAt('deleteWebhook', { kind: 'status', status: 500, times: 3 });
		await published.unpublish();

		expect(topicsAt(published.address())).toEqual([EARNED]);
		expect(published.log).toHaveLength(1);
	});
});

describe('what keeps a trigger from being published, in the words that its user reads', () => {
	const NO_SECRET =
		"Site Secret is empty in the LoyaltyLion credential. The trigger checks with it that events come from LoyaltyLion: without it, anybody who learns the trigger's address could start the workflow. Copy it in LoyaltyLion from Manage > Settings, where it stands beside the site token, into the LoyaltyLion credential. If nothing can be lost by it, turn on Accept Unsigned Events in the trigger's options instead.";
	const ODD_SECRET =
		'Site Secret in the LoyaltyLion credential holds a blank, a character that cannot be in one, or too few of them. Copy it again from LoyaltyLion, under Manage > Settings. Separate several by commas.';
	const HTTP = (origin: string) =>
		`LoyaltyLion sends events only to addresses that begin with https://, and this n8n calls itself ${origin}. Ask whoever runs n8n to set the environment variable N8N_WEBHOOK_URL (WEBHOOK_URL before n8n 2) to the address under which n8n is reached from the internet, e.g. https://n8n.example.com/, and to restart n8n. Then try again.`;

	const cases: { what: string; given: Parameters<typeof trigger>[0]; message: string }[] = [
		{ what: 'no Site Secret', given: { credential: { siteSecret: '' } }, message: NO_SECRET },
		{ what: 'only commas', given: { credential: { siteSecret: ' , ,' } }, message: NO_SECRET },
		{
			what: 'a blank in the second Site Secret',
			given: { credential: { siteSecret: `${SITE.secret}, a b` } },
			message: ODD_SECRET,
		},
		{
			what: 'a Site Secret of one character',
			given: { credential: { siteSecret: 'x' } },
			message: ODD_SECRET,
		},
		{
			what: 'an invisible character in the Site Secret, though unsigned events are taken',
			given: {
				credential: { siteSecret: `${SITE.secret}\u200b` },
				options: { acceptUnsigned: true },
			},
			message: ODD_SECRET,
		},
		{
			what: 'n8n on this machine only',
			given: { origin: 'http://localhost:5678', webhookId: 'w' },
			message: HTTP('http://localhost:5678'),
		},
		{
			what: 'no event',
			given: { events: [] },
			message:
				'No event is chosen. Open the LoyaltyLion Trigger, and choose at least one in Events.',
		},
		{
			what: 'a credential that cannot be opened',
			given: { credential: new Error(`Bad decrypt of ${KEY}`) },
			message:
				'The LoyaltyLion credential could not be opened. Nothing was sent to LoyaltyLion. Open the node, choose a LoyaltyLion credential, and save that credential again.',
		},
		{
			what: 'no API key',
			given: { credential: { apiKey: '' } },
			message:
				'The LoyaltyLion credential is not complete. API Key is empty in the LoyaltyLion credential. Fill it in. Nothing was sent to LoyaltyLion.',
		},
	];

	test.each(cases)('$what', async ({ given, message }) => {
		const published = trigger(given);

		expect(await messageOf(published.call('checkExists'))).toBe(message);
		expect(await messageOf(published.call('create'))).toBe(message);
		expect(standIn.requests).toEqual([]);
	});

	test('an event that there is not', async () => {
		const published = trigger({ events: ['rewards/store_fulfilment' as Topic] });

		expect(await messageOf(published.publish())).toMatch(/^Events .*must be one of /s);
	});

	test.each([{ acceptUnsigned: true }, { acceptUnsigned: 'true' }])(
		'no Site Secret keeps nobody who takes unsigned events: %j',
		async (options) => {
			const published = trigger({ credential: { siteSecret: '' }, options });

			expect(await messageOf(published.publish())).toBe('published');
		},
	);

	test.each([
		[['read_customers', 'read_orders'], [EARNED, 'program_events/customer.rule_completed'], []],
		[['write_customers'], [EARNED], []],
		[
			['read_customers'],
			[
				EARNED,
				'program_events/customer.rule_completed',
				'program_events/customer.referral_complete',
			],
			'The API key lacks the read_orders scope, which Referral Completed and Rule Completed need. Open the key in LoyaltyLion under Manage > API keys, add read_orders, then try again. Nothing was subscribed to.',
		],
		[
			['read_orders'],
			['program_events/customer.rule_completed'],
			'The API key lacks the read_customers scope, which Rule Completed needs. Open the key in LoyaltyLion under Manage > API keys, add read_customers, then try again. Nothing was subscribed to.',
		],
		[
			[],
			['loyalty_emails/unsubscribe', EARNED],
			'The API key lacks the read_unsubscribes and read_customers scopes, which Email Unsubscribed and Points Earned need. Open the key in LoyaltyLion under Manage > API keys, add read_unsubscribes and read_customers, then try again. Nothing was subscribed to.',
		],
	] as [string[], Topic[], string | []][])(
		'the scopes %j for %j',
		async (scopes, events, message) => {
			standIn.accounts.apiKeys.pat_scopes = scopes;
			const published = trigger({ events, credential: { apiKey: 'pat_scopes' } });

			expect(await messageOf(published.publish())).toBe(
				message.length === 0 ? 'published' : message,
			);
			expect(requests().filter((each) => each === MAKE)).toHaveLength(
				message.length === 0 ? events.length : 0,
			);
			expect(published.log).toEqual([]);
		},
	);

	test('a scope that an event only probably needs is missed in the log', async () => {
		standIn.accounts.apiKeys.pat_scopes = ['read_orders'];
		const event = 'program_events/customer.claimed_reward';
		const published = trigger({ events: [event], credential: { apiKey: 'pat_scopes' } });

		// LoyaltyLion, as the stand-in has it, does need it.
		expect(await messageOf(published.publish())).toContain(
			'The API key may not subscribe to Reward Claimed.',
		);
		expect(published.log[0]).toBe(
			'warn: LoyaltyLion Trigger: The API key lacks the read_customers scope, which Reward Claimed probably needs. If LoyaltyLion sends no such events, add it in LoyaltyLion under Manage > API keys.',
		);
		expect(requests()).toContain(MAKE);
	});

	test('a LoyaltyLion that does not say what a key may do keeps nobody', async () => {
		standIn.misbehaveAt('whoami', { kind: 'status', status: 200, body: '{"identity":{}}' });
		expect(await messageOf(trigger().publish())).toBe('published');
	});

	test('a site token needs no scopes', async () => {
		const credential = {
			authentication: 'siteToken',
			siteToken: OTHER_SITE.token,
			siteSecret: OTHER_SITE.secret,
		};
		const published = trigger({ credential });
		await published.publish();

		expect(requests()).not.toContain(WHO);
		expect(topicsAt(published.address())).toEqual([EARNED]);
	});
});

test.each([400, 401, 403, 422, 500])(
	'no secret is shown, also when LoyaltyLion says it (%i)',
	async (status) => {
		const apiKey = `${KEY}-that-is-said`;
		standIn.accounts.apiKeys[apiKey] = ['read_customers'];
		const published = trigger({ credential: { apiKey } });
		const said = `Bad ${SITE.secret} of ${apiKey}`;
		const body = JSON.stringify({ error: { message: said, details: { [said]: said } } });
		standIn.misbehaveAt('createWebhook', { kind: 'status', status, body });
		const error: unknown = await published.publish().catch((thrown: unknown) => thrown);
		standIn.misbehaveAt('deleteWebhook', { kind: 'status', status, body });
		hook(EARNED, published.address());
		await published.unpublish();

		const shown = inspect(error, { depth: null, showHidden: true }) + published.log.join();
		expect(shown).toContain('•••');
		expect(shown).not.toContain(SITE.secret);
		expect(shown).not.toContain(apiKey);
		expect(JSON.stringify(standIn.requests)).not.toContain(SITE.secret);
	},
);
