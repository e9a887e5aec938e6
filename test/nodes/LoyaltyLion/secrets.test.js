const { anotherHost } = require('../../harness/anotherHost');
const { impatient } = require('../../harness/impatient');
const { API_KEY, SITE, shop } = require('../../harness/shop');

const { credential, run, standIn } = shop();
impatient();

const BASIC = Buffer.from(`${SITE.siteToken}:${SITE.siteSecret}`).toString('base64');
const SECRETS = [API_KEY, SITE.siteSecret, SITE.siteToken, BASIC];

const CREDENTIALS = [
	{ method: 'an API key', fields: { apiKey: API_KEY } },
	{ method: 'a site token and secret', fields: { authentication: 'siteToken', ...SITE } },
];

/** The whole execution as n8n would save it, with everything that an error carries. */
function everything(/** @type {unknown} */ value) {
	const seen = new Set();
	return JSON.stringify(value, (_key, part) => {
		if (typeof part !== 'object' || part === null) return part;
		if (seen.has(part)) return undefined;
		seen.add(part);
		if (!(part instanceof Error)) return part;
		return Object.fromEntries(
			Object.getOwnPropertyNames(part).map((name) => [name, Reflect.get(part, name)]),
		);
	});
}

describe.each(CREDENTIALS)('$method', ({ fields }) => {
	/** @type {import('../../stand-in/faults').Fault[]} */
	const faults = [
		...[400, 401, 403, 404, 422, 429, 503].map(
			(status) => /** @type {const} */ ({ kind: 'echo', status, headers: { 'Retry-After': '0' } }),
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

		for (const onError of /** @type {const} */ ([
			'stopWorkflow',
			'continueRegularOutput',
			'continueErrorOutput',
		])) {
			const shown = everything((await run({ ...given, onError })).run);
			expect(shown.includes('•••')).toBe(fault.kind === 'echo');
			for (const secret of SECRETS) expect(shown).not.toContain(secret);
		}
		expect(standIn.requests[0]?.headers.authorization).toBeDefined();
	});

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
