import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';
import { anotherHost } from '../harness/anotherHost.cts';
import { API_KEY, READ_ONLY_KEY, shop, SITE } from '../harness/shop.cts';

const { standIn, n8n } = shop();

async function authenticate(
	credential: ICredentialDataDecryptedObject,
	request: IHttpRequestOptions,
) {
	const { authenticate: add } = n8n().credentialType();
	if (typeof add !== 'function') throw new Error('The credential has no function to authenticate.');
	return await add(credential, request);
}

describe('the Base URL', () => {
	const there = { url: 'https://api.loyaltylion.com/v2/identity/whoami' };

	test.each([
		undefined,
		'',
		'  ',
		'https://api.loyaltylion.com',
		' https://api.loyaltylion.com/ ',
		'HTTPS://API.LoyaltyLion.com',
		'https://api.loyaltylion.com:443',
	])('%j is LoyaltyLion itself', async (baseUrl) => {
		const request = await authenticate(
			{ apiKey: API_KEY, ...(baseUrl !== undefined && { baseUrl }) },
			there,
		);

		expect(request).toMatchObject({ ...there, headers: { Authorization: `Bearer ${API_KEY}` } });
	});

	test.each(['http://localhost:1', 'http://127.0.0.1:1', 'http://127.9.9.9:1', 'http://[::1]:1'])(
		'%s may do without https, as it is this machine',
		async (baseUrl) => {
			const request = await authenticate({ apiKey: API_KEY, baseUrl }, { url: `${baseUrl}/v2` });

			expect(request.headers).toEqual({ Authorization: `Bearer ${API_KEY}` });
		},
	);

	test.each([
		'http://api.loyaltylion.com',
		'http://localhost.example.com',
		'http://127.0.0.1.example.com',
		'http://10.0.0.1',
		'https://api.loyaltylion.com/v2',
		'https://api.loyaltylion.com?x',
		'https://api.loyaltylion.com/?x=1',
		'https://api.loyaltylion.com#x',
		'https://user@api.loyaltylion.com',
		'https://user:word@api.loyaltylion.com',
		'https://@api.loyaltylion.com',
		'https:/api.loyaltylion.com',
		'https:\\\\api.loyaltylion.com',
		'https://api.loyalty\tlion.com',
		'ftp://api.loyaltylion.com',
		'javascript:alert(1)',
		'api.loyaltylion.com',
		'https://',
		42,
	])('%j is refused', async (baseUrl) => {
		await expect(authenticate({ apiKey: API_KEY, baseUrl }, there)).rejects.toThrow(
			/^The Base URL of the LoyaltyLion credential/,
		);
	});
});

describe('the credential goes to its own host only', () => {
	test.each([
		{ url: 'https://example.com/v2' },
		{ url: 'http://api.loyaltylion.com/v2' },
		{ url: 'https://api.loyaltylion.com:8443/v2' },
		{ url: 'https://api.loyaltylion.com.example.com/' },
		{ url: '//example.com/v2', baseURL: 'https://api.loyaltylion.com' },
		{ url: '/v2', baseURL: 'https://example.com' },
		{ url: '' },
	])('not to $url of $baseURL', async (request) => {
		await expect(authenticate({ apiKey: API_KEY }, request)).rejects.toThrow(
			'This credential is only sent to https://api.loyaltylion.com',
		);
	});

	test("nor along a redirect, in either of n8n's request helpers", async () => {
		expect(
			await authenticate({ apiKey: API_KEY }, { url: 'https://api.loyaltylion.com' }),
		).toMatchObject({
			disableFollowRedirect: true,
			followRedirect: false,
			followAllRedirects: false,
		});
	});

	test('nor to a host that does not prove who it is', async () => {
		const request = { url: 'https://api.loyaltylion.com', skipSslCertificateValidation: true };

		expect(await authenticate({ apiKey: API_KEY }, request)).toMatchObject({
			skipSslCertificateValidation: false,
			rejectUnauthorized: true,
		});
	});

	test("with n8n's legacy helper, which names the address uri", async () => {
		const request = { uri: 'https://example.com' } as never;

		await expect(authenticate({ apiKey: API_KEY }, request)).rejects.toThrow('only sent to');
	});

	test('and leaves the other headers as they are', async () => {
		const request = { url: 'https://api.loyaltylion.com', headers: { Accept: 'x' } };

		expect((await authenticate({ apiKey: API_KEY }, request)).headers).toEqual({
			Accept: 'x',
			Authorization: `Bearer ${API_KEY}`,
		});
		expect(request.headers).toEqual({ Accept: 'x' });
	});
});

describe("n8n's test of the credential", () => {
	test.each([
		{ fields: { apiKey: API_KEY } },
		{ fields: { apiKey: READ_ONLY_KEY } },
		{ fields: { apiKey: `Bearer ${API_KEY} ` } },
		{ fields: { authentication: 'siteToken', ...SITE } },
	])('passes with %j', async ({ fields }) => {
		expect(await n8n().testCredential({ ...fields, baseUrl: `${standIn.url}/ ` })).toMatchObject({
			identity: { kind: expect.any(String) },
		});
		expect(standIn.requests).toMatchObject([{ method: 'GET', path: '/v2/identity/whoami' }]);
	});

	test('has a sentence for each answer that a wrong credential gives', () => {
		const rules = n8n().credentialType().test?.rules ?? [];

		expect(rules.map(({ properties }) => Reflect.get(properties, 'value') as unknown)).toEqual([
			401, 301, 302, 303, 307, 308, 404,
		]);
		for (const { properties } of rules)
			expect(Reflect.get(properties, 'message')).toMatch(/LoyaltyLion.*\.$/);
	});

	test('fails with a wrong key', async () => {
		await expect(
			n8n().testCredential({ apiKey: 'pat_wrong', baseUrl: standIn.url }),
		).rejects.toMatchObject({ httpCode: '401' });
	});

	test('says what is wrong with the fields', async () => {
		await expect(n8n().testCredential({ apiKey: ' ', baseUrl: standIn.url })).rejects.toThrow(
			'API Key is empty in the LoyaltyLion credential. Fill it in.',
		);
		await expect(
			n8n().testCredential({ apiKey: API_KEY, baseUrl: `${standIn.url}/v2` }),
		).rejects.toThrow('It must be https:// and a host, nothing after it');
		expect(standIn.requests).toEqual([]);
	});

	test('follows no redirect with the key', async () => {
		const { url, strayed, stop } = await anotherHost();
		const here = createServer((_request, response) => {
			response.writeHead(302, { Location: url }).end();
		}).listen(0, '127.0.0.1');
		await once(here, 'listening');

		await expect(
			n8n().testCredential({ apiKey: API_KEY, baseUrl: `http://127.0.0.1:${portOf(here)}` }),
		).rejects.toMatchObject({ httpCode: '302' });

		expect(strayed).toEqual([]);
		stop();
		here.close();
	});
});

describe('its fields', () => {
	test('mask what is secret', () => {
		const masked = n8n()
			.credentialType()
			.properties.filter(({ typeOptions }) => typeOptions?.password)
			.map(({ name }) => name);

		expect(masked).toEqual(['apiKey', 'siteSecret', 'siteToken', 'siteSecret']);
	});

	test('warn of the end of the old method, only where it is chosen', () => {
		const notice = n8n()
			.credentialType()
			.properties.find(({ type }) => type === 'notice');

		expect(notice).toMatchObject({
			displayName: expect.stringContaining('10 January 2027'),
			displayOptions: { show: { authentication: ['siteToken'] } },
		});
	});
});

function portOf(server: Server) {
	const address = server.address();
	return typeof address === 'object' && address ? address.port : 0;
}
