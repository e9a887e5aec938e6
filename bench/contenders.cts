import type {
	ICredentialDataDecryptedObject,
	INode,
	INodeParameters as Parameters,
} from 'n8n-workflow';
import { CREDENTIAL } from './work.cts';

/** One way to do the work. */
export interface Contender {
	label: string;
	/** What stands behind the trigger, given where LoyaltyLion is. */
	nodes: (url: string) => Partial<INode>[];
	/** What they use. */
	credential: (url: string) => ICredentialDataDecryptedObject;
}

export const CONTENDERS: Record<string, Contender> = {
	loyaltyLion: loyaltyLion(
		'LoyaltyLion node',
		{ mode: 'merchantId', value: '={{ $json.merchantId }}' },
		{},
	),
	loyaltyLionById: loyaltyLion(
		'LoyaltyLion node, by merchant ID',
		{ mode: 'merchantId', value: '={{ $json.merchantId }}' },
		{},
	),
	loyaltyLionByEmail: loyaltyLion(
		'LoyaltyLion node',
		{ mode: 'email', value: '={{ $json.email }}' },
		{},
	),
	loyaltyLionUnpaced: loyaltyLion(
		'LoyaltyLion node',
		{ mode: 'merchantId', value: '={{ $json.merchantId }}' },
		{ requestsPerSecond: 0 },
	),
	httpRequest: httpRequest('HTTP Request node, as preset', {}),
	httpRequest20: httpRequest('HTTP Request node, 20 per 1,000 ms', batches(20, 1000)),
	httpRequest1: httpRequest('HTTP Request node, 1 per 50 ms', batches(1, 50)),
	httpRequestByEmail: httpRequestByEmail('HTTP Request node, as preset', {}),
	httpRequest20ByEmail: httpRequestByEmail('HTTP Request node, 20 per 1,000 ms', batches(20, 1000)),
	httpRequest1ByEmail: httpRequestByEmail('HTTP Request node, 1 per 50 ms', batches(1, 50)),
	codeLoop: handMade('Loop in code, one after another', 'codeLoop'),
	codeLoopByEmail: handMade('Loop in code, one after another', 'codeLoopByEmail'),
	helper: handMade("n8n's request helper alone", 'helper'),
	undici: handMade('undici', 'undici'),
	undiciUnpaced: handMade('undici, unpaced', 'undici'),
	undiciNoKeepAlive: handMade('undici, a connection per request', 'undiciNoKeepAlive'),
};

function loyaltyLion(label: string, customer: Parameters, options: Parameters): Contender {
	return {
		label,
		nodes: () => [
			{
				type: 'n8n-nodes-loyaltylion.loyaltyLion',
				parameters: {
					resource: 'customer',
					operation: 'addPoints',
					customer: { __rl: true, ...customer },
					points: '={{ $json.points }}',
					reason: '={{ $json.reason }}',
					options,
				},
				credentials: { loyaltyLionApi: { id: '1', name: 'LoyaltyLion account' } },
			},
		],
		credential: (url) => ({ ...CREDENTIAL, baseUrl: url }),
	};
}

function httpRequest(label: string, options: Parameters): Contender {
	return {
		label,
		nodes: (url) => [addPointsByHttp(url, '{{ $json.merchantId }}', '$json', options)],
		credential: headerCredential,
	};
}

/** Takes the first customer that LoyaltyLion finds. */
function httpRequestByEmail(label: string, options: Parameters): Contender {
	return {
		label,
		nodes: (url) => [
			httpNode({
				url: `=${url}/v2/customers`,
				sendQuery: true,
				queryParameters: { parameters: [{ name: 'email', value: '={{ $json.email }}' }] },
				options,
			}),
			addPointsByHttp(url, '{{ $json.customers[0].merchant_id }}', "$('Start').item.json", options),
		],
		credential: headerCredential,
	};
}

function addPointsByHttp(url: string, merchantId: string, row: string, options: Parameters) {
	return httpNode({
		method: 'POST',
		url: `=${url}/v2/customers/${merchantId}/points`,
		sendBody: true,
		bodyParameters: {
			parameters: [
				{ name: 'points', value: `={{ ${row}.points }}` },
				{ name: 'reason', value: `={{ ${row}.reason }}` },
			],
		},
		options,
	});
}

function httpNode(parameters: Parameters): Partial<INode> {
	return {
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.5,
		parameters: {
			authentication: 'genericCredentialType',
			genericAuthType: 'httpHeaderAuth',
			...parameters,
		},
		credentials: { httpHeaderAuth: { id: '1', name: 'Header Auth account' } },
	};
}

function headerCredential() {
	return { name: 'Authorization', value: `Bearer ${CREDENTIAL.apiKey}` };
}

/** @param batchInterval in ms */
function batches(batchSize: number, batchInterval: number) {
	return { batching: { batch: { batchSize, batchInterval } } };
}

function handMade(label: string, name: string): Contender {
	return {
		label,
		nodes: (url) => [{ type: `handMade.${name}`, parameters: { url } }],
		credential: () => ({}),
	};
}
