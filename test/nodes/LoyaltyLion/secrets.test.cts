import { type Fault, FORMS } from '../../../dev/stand-in/faults.cts';
import { readApiWords } from '../../../nodes/LoyaltyLion/transport/apiWords.ts';
import { anotherHost } from '../../harness/anotherHost.cts';
import { impatient } from '../../harness/impatient.cts';
import { API_KEY, shop, SITE } from '../../harness/shop.cts';

const { credential, run, standIn } = shop();
impatient();

const BASIC = Buffer.from(`${SITE.siteToken}:${SITE.siteSecret}`).toString('base64');
const SECRETS = [API_KEY, SITE.siteSecret, SITE.siteToken, BASIC];

const CREDENTIALS = [
	{ method: 'an API key', fields: { apiKey: API_KEY } },
	{ method: 'a site token and secret', fields: { authentication: 'siteToken', ...SITE } },
];

/** The whole execution as n8n would save it, with everything that an error carries. */
function everything(value: unknown) {
	const seen = new Set();
	return JSON.stringify(value, (_key, part: unknown): unknown => {
		if (typeof part !== 'object' || part === null) return part;
		if (seen.has(part)) return undefined;
		seen.add(part);
		if (!(part instanceof Error)) return part;
		return Object.fromEntries(
			Object.getOwnPropertyNames(part).map((name): [string, unknown] => [
				name,
				Reflect.get(part, name),
			]),
		);
	});
}

/**
 * What somebody gets out of a text who looks for a secret: puts together what is cut, and decodes what
 * may be encoded, wherever it begins.
 */
function unveil(text: string) {
	const uncut = text.replace(/\\[nrt]|[^!-~]/g, '');
	const decoded = [uncut, uncut.replace(/<[^<>]*>/g, '')].map((each) =>
		each.replace(/(?:%(?:25)*|\\+u00)([\da-f]{2})/gi, (_escape, code: string) =>
			String.fromCharCode(parseInt(code, 16)),
		),
	);
	const bytes = decoded
		.flatMap((each) => each.match(/[\w+/-]{8,}/g) ?? [])
		.flatMap((run) => [0, 1, 2, 3].map((at) => Buffer.from(run.slice(at), 'base64')))
		.map((each) => each.toString('latin1'));
	return [text, uncut, ...decoded, ...bytes].join('\n').toLowerCase();
}

describe.each(CREDENTIALS)('$method', ({ fields }) => {
	const faults: Fault[] = [
		...[400, 401, 403, 404, 422, 429, 503].map(
			(status) => ({ kind: 'echo', status, headers: { 'Retry-After': '0' } }) as const,
		),
		{ kind: 'reset' },
		{ kind: 'silence' },
	];

	test.each(faults)('shows up nowhere after $kind $status', async (fault) => {
		standIn.misbehaveFor('1001', fault);
		const given = {
			items: [{ merchantId: '1001', points: 5 }],
			parameters: { options: { timeout: 1 } },
			credential: { ...fields, baseUrl: standIn.url },
		};

		for (const onError of [
			'stopWorkflow',
			'continueRegularOutput',
			'continueErrorOutput',
		] as const) {
			const shown = everything((await run({ ...given, onError })).run);
			expect(shown.includes('•••')).toBe(fault.kind === 'echo');
			for (const secret of SECRETS) expect(shown).not.toContain(secret);
		}
		expect(standIn.requests[0]?.headers.authorization).toBeDefined();
	});

	test.each(Object.keys(FORMS) as (keyof typeof FORMS)[])(
		'shows up nowhere when it is echoed %s',
		async (form) => {
			standIn.misbehaveFor('1001', { kind: 'echo', form });
			const given = {
				items: [{ merchantId: '1001', points: 5 }],
				credential: { ...fields, baseUrl: standIn.url },
			};

			for (const onError of [
				'stopWorkflow',
				'continueRegularOutput',
				'continueErrorOutput',
			] as const) {
				const shown = everything((await run({ ...given, onError })).run);
				expect(shown).toContain('•••');
				const unveiled = unveil(shown);
				for (const secret of SECRETS) expect(unveiled).not.toContain(secret.toLowerCase());
			}
		},
	);

	test.each([301, 302, 303, 307, 308])('follows no redirect (%i)', async (status) => {
		const { url, strayed, stop } = await anotherHost();
		standIn.misbehaveFor('1001', {
			kind: 'redirect',
			status,
			location: `${url}/v2/customers/1001/points`,
		});

		const { failed } = await run({
			items: [{ merchantId: '1001', points: 5 }],
			onError: 'continueErrorOutput',
			credential: { ...fields, baseUrl: standIn.url },
		});

		expect(failed).toMatchObject([
			{ error: { code: 'outcome_unknown', httpCode: String(status) } },
		]);
		expect(strayed).toEqual([]);
		stop();
	});
});

describe('a credential that cannot be used', () => {
	const items = [
		{ merchantId: '1001', points: 5 },
		{ merchantId: '1002', points: 6 },
	];

	test.each([
		{ what: 'has no key', fields: { apiKey: '' }, code: 'not_authenticated' },
		{ what: 'has a blank key', fields: { apiKey: '  ' }, code: 'not_authenticated' },
		{
			what: 'has a key with a line break',
			fields: { apiKey: `${API_KEY}\r\nX-Evil: 1` },
			code: 'not_authenticated',
		},
		{
			what: 'has a key with an invisible character',
			fields: { apiKey: `${API_KEY}\u200b` },
			code: 'not_authenticated',
		},
		{
			what: 'has no secret',
			fields: { authentication: 'siteToken', siteToken: SITE.siteToken },
			code: 'not_authenticated',
		},
		{
			what: 'has no site token',
			fields: { authentication: 'siteToken', siteSecret: SITE.siteSecret },
			code: 'not_authenticated',
		},
		{
			what: 'has a Base URL without https',
			fields: { baseUrl: 'http://api.loyaltylion.com' },
			code: 'invalid_input',
		},
		{
			what: 'has a Base URL with a secret in it',
			fields: { baseUrl: `https://${API_KEY}@api.loyaltylion.com` },
			code: 'invalid_input',
		},
	])('$what: each item fails, nothing is sent, nothing is shown', async ({ fields, code }) => {
		const given = { items, credential: { ...credential(), ...fields } };

		const { failed, run: execution } = await run({ ...given, onError: 'continueErrorOutput' });

		expect(failed).toMatchObject([
			{
				...items[0],
				error: { code, pointsMayHaveBeenAdded: false, merchantId: '1001', points: 5 },
			},
			{
				...items[1],
				error: { code, pointsMayHaveBeenAdded: false, merchantId: '1002', points: 6 },
			},
		]);
		for (const secret of SECRETS) expect(everything(execution)).not.toContain(secret);
		expect((await run({ ...given, onError: 'stopWorkflow' })).error).toMatchObject({
			name: 'NodeOperationError',
		});
		expect(standIn.requests).toEqual([]);
	});

	test("cannot be opened: n8n's words about it are not repeated", async () => {
		const { failed, run: execution } = await run({
			items,
			onError: 'continueErrorOutput',
			credential: new Error(`Bad decrypt of ${API_KEY}`),
		});

		expect(failed).toMatchObject([
			{ error: { code: 'not_authenticated' } },
			{ error: { code: 'not_authenticated' } },
		]);
		expect(everything(execution)).not.toContain(API_KEY);
	});
});

test('a credential with an expression is worked out for each item', async () => {
	const { succeeded, failed } = await run({
		items: [
			{ merchantId: '1001', points: 5, key: API_KEY },
			{ merchantId: '1002', points: 6, key: 'pat_wrong' },
		],
		onError: 'continueErrorOutput',
		credential: { ...credential(), apiKey: '={{ $json.key }}' },
	});

	expect(succeeded).toMatchObject([{ merchantId: '1001' }]);
	expect(failed).toMatchObject([{ error: { code: 'not_authenticated', merchantId: '1002' } }]);
});

describe('what LoyaltyLion says', () => {
	function shown(message: string, secrets: string[]) {
		return readApiWords(JSON.stringify({ error: { message } }), secrets).message;
	}

	test.each([
		['You sent <b>5</b>', [API_KEY], 'You sent 5'],
		[`You sent ${API_KEY}.`, [API_KEY], 'You sent •••.'],
		[`${API_KEY}${API_KEY} twice`, [API_KEY], '•••••• twice'],
		[`${API_KEY.slice(0, -1)} is none`, [API_KEY], `${API_KEY.slice(0, -1)} is none`],
		['abcabcabcabc', ['abcabcabc'], '•••'],
		// One secret is part of the other
		['site12 and Site1234567', ['site1234567', 'site12'], '••• and •••'],
		['site1234567', ['site12', 'site1234567'], '•••'],
		// Secrets of all that a header may hold
		['a<b>c&d%41\\e is wrong', ['a<b>c&d%41\\e'], '••• is wrong'],
		['a%3Cb%3Ec%26d%2541%5Ce is wrong', ['a<b>c&d%41\\e'], '••• is wrong'],
		['a%4\u200b1bcdef is wrong', ['a%41bcdef'], '••• is wrong'],
		['not secret< but secret<b>', ['secret<'], 'not ••• but •••'],
		['\\\\\\\\\\\\ is wrong', ['\\\\\\\\\\\\'], '••• is wrong'],
		['a===== is a key', ['a====='], '••• is a key'],
		['====== is wrong', ['======'], '••• is wrong'],
		['+a-b_c/d', ['-a+b/c_d'], '•••'],
		// Short ones
		['5 of 15 points, and 5', ['5'], '••• of 15 points, and •••'],
		['ab, AB, a b, cab, abc, ab', ['ab'], '•••, AB, a b, cab, abc, •••'],
		['(a.b) but not axb', ['a.b'], '(•••) but not axb'],
		// None of them
		['', [API_KEY], undefined],
		[API_KEY, [], API_KEY],
	])('%j without %j is %j', (message, secrets, expected) => {
		expect(shown(message, secrets)).toBe(expected);
	});

	const HOSTILE = 60_000;
	const key = `${'p'.repeat(31)}q`;

	test.each([
		['<'.repeat(HOSTILE), `${'<'.repeat(300)}…`],
		['<a'.repeat(HOSTILE / 2), `${'<a'.repeat(150)}…`],
		[`<${'a'.repeat(HOSTILE)}`, `<${'a'.repeat(299)}…`],
		['p'.repeat(HOSTILE), `${'p'.repeat(300)}…`],
		['p<'.repeat(HOSTILE / 2), `${'p<'.repeat(150)}…`],
		['%'.repeat(HOSTILE), `${'%'.repeat(300)}…`],
		[`%${'25'.repeat(HOSTILE / 2)}`, `%${'25'.repeat(149)}2…`],
		[`p${' '.repeat(HOSTILE)}`, 'p •••'],
		['\u200b'.repeat(HOSTILE), '•••'],
	])('is the same after a hostile text (%#)', (text, expected) => {
		expect(shown(text + key, [key])).toBe(expected);
	});

	test('is nothing when it is longer than any message', () => {
		expect(shown('a'.repeat(70_000), [API_KEY])).toBeUndefined();
	});
});
