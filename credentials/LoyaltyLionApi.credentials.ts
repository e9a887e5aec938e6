import type {
	Icon,
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';
import { DEFAULT_BASE_URL, readConnection } from './connection';
import { keepToOwnHost } from './ownHost';

export class LoyaltyLionApi implements ICredentialType {
	name = 'loyaltyLionApi';

	displayName = 'LoyaltyLion API';

	icon: Icon = {
		light: 'file:../nodes/LoyaltyLion/loyaltyLion.svg',
		dark: 'file:../nodes/LoyaltyLion/loyaltyLion.dark.svg',
	};

	documentationUrl = 'https://help.loyaltylion.com/en/articles/11581435-api-keys';

	properties: INodeProperties[] = [
		{
			displayName: 'Authentication',
			name: 'authentication',
			type: 'options',
			options: [
				{ name: 'API Key', value: 'apiKey' },
				{ name: 'Site Token and Secret (Ends January 2027)', value: 'siteToken' },
			],
			default: 'apiKey',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. pat_…',
			description: 'LoyaltyLion shows a new key only once, so copy it at once',
			hint: 'Create it in LoyaltyLion under Manage > API keys, with the <code>write_customers</code> scope, which Add Points needs.',
			displayOptions: { show: { authentication: ['apiKey'] } },
		},
		{
			displayName: 'Site Secret',
			name: 'siteSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Only for the LoyaltyLion Trigger: it checks with it that events come from LoyaltyLion. It is never sent. For a program with several sites, put in the secret of each, separated by commas.',
			hint: 'For the LoyaltyLion Trigger only. Copy it in LoyaltyLion from Manage > Settings, where it stands beside the site token.',
			displayOptions: { show: { authentication: ['apiKey'] } },
		},
		{
			displayName:
				'LoyaltyLion ends this method on 10 January 2027. To move, create an API key with the <code>write_customers</code> scope in LoyaltyLion under Manage > API keys, choose API Key above, and paste it.',
			name: 'notice',
			type: 'notice',
			default: '',
			displayOptions: { show: { authentication: ['siteToken'] } },
		},
		{
			displayName: 'Site Token',
			name: 'siteToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'Shown in LoyaltyLion under Manage > Settings',
			displayOptions: { show: { authentication: ['siteToken'] } },
		},
		{
			displayName: 'Site Secret',
			name: 'siteSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'Shown beside the site token',
			displayOptions: { show: { authentication: ['siteToken'] } },
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: DEFAULT_BASE_URL,
			description:
				'Leave as it is, unless your company sends LoyaltyLion requests through its own host. Must be https:// and a host, nothing after it.',
		},
	];

	/**
	 * Adds the credential to a request, whichever node makes it.
	 *
	 * @param credentials the decrypted fields
	 * @param requestOptions the request that n8n is about to send
	 * @returns the same request with its `Authorization` header, following no redirect and checking certificates
	 * @throws {CredentialFault} when a field cannot be used, or the request may go to another host
	 */
	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		const { origin, authorization } = readConnection(credentials);
		return {
			...keepToOwnHost(requestOptions, origin),
			headers: { ...requestOptions.headers, Authorization: authorization },
		};
	}

	test: ICredentialTestRequest = {
		request: {
			baseURL: `={{ ($credentials.baseUrl || "").trim() || "${DEFAULT_BASE_URL}" }}`,
			url: '/v2/identity/whoami',
		},
		rules: [
			{
				type: 'responseCode',
				properties: {
					value: 401,
					message:
						'LoyaltyLion does not accept this credential. The key may be mistyped, disabled or deleted: look for it in LoyaltyLion under Manage > API keys.',
				},
			},
			...[301, 302, 303, 307, 308, 404].map((value) => ({
				type: 'responseCode' as const,
				properties: {
					value,
					message: `The Base URL does not lead to LoyaltyLion. Set it back to ${DEFAULT_BASE_URL}, or ask who runs that host.`,
				},
			})),
		],
	};
}
