import { anotherHost } from '../harness/anotherHost.cts';
import { OtherNode } from '../harness/otherNode.cts';
import { API_KEY, shop } from '../harness/shop.cts';

const { credential, n8n, standIn } = shop();

const HERE = 'https://api.loyaltylion.com';
const THERE = 'https://example.com';

async function authenticate(
	request: Record<string, unknown>,
	baseUrl = HERE,
): Promise<Record<string, unknown>> {
	const { authenticate: add } = n8n().credentialType();
	if (typeof add !== 'function') throw new Error('The credential has no function to authenticate.');
	return (await add({ apiKey: API_KEY, baseUrl }, request as never)) as never;
}

describe('the credential is added to a request', () => {
	test.each([
		{ url: HERE },
		{ url: `${HERE}/` },
		{ url: `${HERE}/v2/customers?limit=1` },
		{ url: `${HERE}?x=1` },
		{ url: `${HERE}#x` },
		{ url: 'HTTPS://API.LoyaltyLion.COM/v2' },
		{ url: `${HERE}:443/v2` },
		{ url: `${HERE}/${THERE}` },
		{ url: `${HERE}/@example.com` },
		{ uri: `${HERE}/v2` },
		{ uri: `${HERE}/v2`, url: undefined },
		{ uri: `${HERE}/v2`, url: `${HERE}/v2` },
		{ url: '/v2/customers?limit=1', baseURL: HERE },
		{ uri: '/v2', baseURL: `${HERE}/` },
		{ url: '', baseURL: HERE },
		{ baseURL: `${HERE}/v2` },
		{ url: '/customers', baseURL: `${HERE}/v2` },
		{ url: '/v2', baseURL: 'HTTPS://API.LoyaltyLion.com' },
		{ url: `${HERE}/v2`, baseURL: HERE },
		{ url: `${HERE}/v2`, baseURL: '' },
		{ url: `${HERE}/v2`, qs: { baseURL: THERE } },
		{ url: `${HERE}/v2`, headers: { host: 'API.LoyaltyLion.com' } },
		{ url: `${HERE}/v2`, proxy: { host: 'example.com', port: 3128 } },
	])('%j', async (request) => {
		expect(await authenticate(request)).toMatchObject({
			...request,
			headers: { Authorization: `Bearer ${API_KEY}` },
		});
	});
});

describe('the credential is not added to a request', () => {
	test.each([
		{},
		{ url: undefined },
		{ url: '' },
		{ url: null, uri: null },
		{ url: [HERE] },
		{ url: '/v2' },
		{ url: '/v2', baseURL: '' },
		{ url: '/v2', baseUrl: HERE },
		{ url: 'v2', baseURL: HERE },
		{ url: '?x', baseURL: HERE },
		// Another host, more or less openly
		{ url: `${THERE}/v2` },
		{ url: `http://api.loyaltylion.com/v2` },
		{ url: `${HERE}:8443/v2` },
		{ url: `${HERE}.example.com/` },
		{ url: `${HERE}@example.com/` },
		{ url: `${HERE}:443@example.com/` },
		{ url: `https://user@api.loyaltylion.com/` },
		{ url: `${HERE}\\@example.com/` },
		{ url: `${HERE}\t.example.com/` },
		{ url: `${HERE}\n@example.com/` },
		{ url: `${HERE}%2eexample.com/` },
		{ url: 'https://api.loyaltylion.com\uff0fexample.com/' },
		{ url: ` ${HERE}/v2` },
		{ url: `\t${HERE}/v2` },
		{ url: `\u0000${HERE}/v2` },
		{ url: 'https:/api.loyaltylion.com/v2' },
		{ url: 'https:api.loyaltylion.com/v2' },
		{ url: 'https:\\\\api.loyaltylion.com/v2' },
		{ url: '//api.loyaltylion.com/v2' },
		{ url: '//example.com/v2', baseURL: HERE },
		{ url: '/\\example.com/v2', baseURL: HERE },
		{ url: '/\t/example.com/v2', baseURL: HERE },
		{ url: '\t//example.com/v2', baseURL: HERE },
		{ url: '\\\\example.com/v2', baseURL: HERE },
		{ url: 'https:/example.com/v2', baseURL: HERE },
		{ url: 'https:example.com/v2', baseURL: HERE },
		{ url: `${THERE}/v2`, baseURL: HERE },
		// Which of two is taken depends on the helper
		{ url: `${HERE}/v2`, uri: `${THERE}/v2` },
		{ url: `${THERE}/v2`, uri: `${HERE}/v2` },
		{ url: '', uri: `${THERE}/v2`, baseURL: HERE },
		{ url: null, uri: `${THERE}/v2` },
		// A base that is taken when the address does not look like a whole one
		{ url: '/v2', baseURL: THERE },
		{ url: '', baseURL: THERE },
		{ baseURL: THERE },
		{ uri: `${HERE}/v2`, baseURL: THERE },
		{ url: null, uri: `${HERE}/v2`, baseURL: THERE },
		{ url: ` ${HERE}/v2`, baseURL: THERE },
		{ url: `\t${HERE}/v2`, baseURL: THERE },
		{ url: 'https:/api.loyaltylion.com/v2', baseURL: THERE },
		{ url: 'https:\\\\api.loyaltylion.com/v2', baseURL: THERE },
		{ url: '/\\api.loyaltylion.com/v2', baseURL: THERE },
		{ url: '\t//api.loyaltylion.com/v2', baseURL: THERE },
		{ url: `${HERE}/v2`, baseURL: THERE },
		{ url: '/v2', baseURL: ` ${HERE}` },
		{ url: '.example.com/', baseURL: HERE },
		{ url: '@example.com/', baseURL: HERE },
		{ url: '/v2', baseURL: `${HERE}@example.com` },
		{ url: '/v2', baseURL: `${HERE}.example.com` },
		{ url: '/v2', baseURL: new URL(HERE) },
		// Another host behind the same front
		...['Host', 'host', 'HOST ', '\tHost'].map((name) => ({
			url: `${HERE}/v2`,
			headers: { [name]: 'example.com' },
		})),
		{ url: `${HERE}/v2`, headers: { Host: ['example.com'] } },
		{ url: `${HERE}/v2`, headers: { common: { Host: 'example.com' } } },
		{ url: `${HERE}/v2`, headers: { get: { Host: 'example.com' } } },
		{
			url: `${HERE}/v2`,
			proxy: { host: 'example.com', port: 3128 },
			agentOptions: { ca: 'that of example.com' },
		},
	])('%j', async (request) => {
		await expect(authenticate(request)).rejects.toThrow(
			`This credential is only sent to ${HERE}, and the request goes somewhere else.`,
		);
	});
});

describe("the agent's options", () => {
	const url = `${HERE}/v2`;

	test("are those of n8n's SSL Certificates, and certificates are checked", async () => {
		const certificates = { ca: 'a', cert: 'b', key: 'c', passphrase: 'd' };
		const others = {
			rejectUnauthorized: false,
			checkServerIdentity: () => undefined,
			servername: 'example.com',
			secureEndpoint: false,
			host: 'example.com',
			port: 1,
			socketPath: '/tmp/socket',
		};

		const request = await authenticate({ url, agentOptions: { ...certificates, ...others } });

		expect(request.agentOptions).toEqual({ ...certificates, rejectUnauthorized: true });
	});

	test('hold nothing that is undefined, which crashes TLS', async () => {
		const { agentOptions } = await authenticate({ url, agentOptions: { ca: undefined } });

		expect(Object.keys(agentOptions ?? {})).toEqual(['rejectUnauthorized']);
	});

	test('are left out where there are none', async () => {
		expect(await authenticate({ url })).not.toHaveProperty('agentOptions');
	});
});

describe.each(['httpRequestWithAuthentication', 'requestWithAuthentication'] as const)(
	'in the hands of another node, with %s',
	(helper) => {
		let node: OtherNode;
		let there: Awaited<ReturnType<typeof anotherHost>>;

		beforeAll(async () => {
			node = await OtherNode.load();
			there = await anotherHost();
		});
		afterAll(() => there.stop());
		afterEach(() => there.strayed.splice(0));

		const PATH = '/v2/customers';
		const addressName = helper === 'requestWithAuthentication' ? 'uri' : 'url';

		test.each([
			request('a whole address', (here) => ({ url: here + PATH })),
			request('with a query', (here) => ({ [addressName]: `${here}${PATH}?limit=1` })),
			request('with a query apart', (here) => ({ [addressName]: here + PATH, qs: { limit: 1 } })),
			request('with a base', (here) => ({
				[addressName]: PATH,
				baseURL: `${here.replace('http', 'HTTP')}/`,
			})),
			request('with options of a certificate', (here) => ({
				[addressName]: here + PATH,
				agentOptions: { passphrase: 'x' },
			})),
		])('it is sent to its own host: $what', async ({ make }) => {
			expect(await node.send(helper, make(standIn.url, there.url), credential())).toBeUndefined();

			expect(standIn.requests).toMatchObject([
				{ path: expect.stringContaining(PATH), headers: { authorization: `Bearer ${API_KEY}` } },
			]);
		});

		test.each(
			['url', 'uri'].flatMap((name) => [
				...[' ', '\t', '\u0000', '\n'].map((blank) =>
					request(`${JSON.stringify(blank)} before a ${name}`, (here, baseURL) => ({
						[name]: blank + here + PATH,
						baseURL,
					})),
				),
				...['/', '', '\\\\', '/\\'].map((slashes) =>
					request(`${JSON.stringify(slashes)} in a ${name}`, (here, baseURL) => ({
						[name]: here.replace('//', slashes) + PATH,
						baseURL,
					})),
				),
				...['//', '/\\', '\\\\', '\t//', '/\t/'].map((slashes) =>
					request(`a ${name} with ${JSON.stringify(slashes)} for a scheme`, (here, baseURL) => ({
						[name]: here.replace('http://', slashes) + PATH,
						baseURL,
					})),
				),
				request(`an empty ${name}`, (_here, baseURL) => ({ [name]: '', baseURL })),
				request(`no ${name}`, (_here, baseURL) => ({ [name]: undefined, baseURL })),
				request(`a whole ${name}`, (here, baseURL) => ({ [name]: here + PATH, baseURL })),
				request(`a ${name} that is null beside another`, (here, baseURL) => ({
					url: here + PATH,
					uri: here + PATH,
					[name]: null,
					baseURL,
				})),
			]),
		)('it never strays to a base: $what', async ({ make }) => {
			await node.send(helper, make(standIn.url, there.url), credential());

			expect(there.strayed).toEqual([]);
		});

		test.each([
			request('a url beside its uri', (here, url) => ({ url, uri: here + PATH })),
			request('a uri beside its url', (here, uri) => ({ url: here + PATH, uri })),
			request('a user name like its host', (here, url) => ({ url: withUser(url, here) })),
			request('a user name in the base', (here, baseURL) => ({
				url: '/',
				baseURL: withUser(baseURL, here),
			})),
			request("the agent's host", (here, url) => ({
				url: here + PATH,
				agentOptions: { host: new URL(url).hostname, port: new URL(url).port },
			})),
			request('a proxy', (here, url) => ({
				url: here + PATH,
				proxy: { protocol: 'http', host: new URL(url).hostname, port: Number(new URL(url).port) },
			})),
		])('it never strays to $what', async ({ make }) => {
			await node.send(helper, make(standIn.url, there.url), credential());

			expect(there.strayed).toEqual([]);
		});

		test.each([{ Host: 'example.com' }, { common: { 'host ': 'example.com' } }])(
			'it is not sent with another name of its host: %j',
			async (headers) => {
				const error = await node.send(
					helper,
					{ [addressName]: standIn.url + PATH, headers },
					credential(),
				);

				expect(JSON.stringify(error)).toContain('only sent to');
				expect(standIn.requests).toEqual([]);
			},
		);
	},
);

/** @param make of the credential's own host and another */
function request(what: string, make: (here: string, there: string) => Record<string, unknown>) {
	return { what, make };
}

/** @param origin whose host is to be the user name */
function withUser(url: string, origin: string) {
	return url.replace('//', `//${new URL(origin).host}@`);
}
