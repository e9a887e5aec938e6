const { CREDENTIAL } = require('./work');

/**
 * @typedef {import('n8n-workflow').INode} INode
 * @typedef {import('n8n-workflow').INodeParameters} Parameters
 *
 * @typedef {object} Contender one way to do the work
 * @property {string} label
 * @property {(url: string) => Partial<INode>[]} nodes what stands behind the trigger, given where LoyaltyLion is
 * @property {(url: string) => import('n8n-workflow').ICredentialDataDecryptedObject} credential what they use
 */

/** @type {Record<string, Contender>} */
const CONTENDERS = {
	loyaltyLion: loyaltyLion(
		'LoyaltyLion node',
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

/**
 * @param {string} label
 * @param {Parameters} customer
 * @param {Parameters} options
 * @returns {Contender}
 */
function loyaltyLion(label, customer, options) {
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

/**
 * @param {string} label
 * @param {Parameters} options
 * @returns {Contender}
 */
function httpRequest(label, options) {
	return {
		label,
		nodes: (url) => [addPointsByHttp(url, '{{ $json.merchantId }}', '$json', options)],
		credential: headerCredential,
	};
}

/**
 * Takes the first customer that LoyaltyLion finds.
 *
 * @param {string} label
 * @param {Parameters} options
 * @returns {Contender}
 */
function httpRequestByEmail(label, options) {
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

/**
 * @param {string} url
 * @param {string} merchantId
 * @param {string} row
 * @param {Parameters} options
 */
function addPointsByHttp(url, merchantId, row, options) {
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

/**
 * @param {Parameters} parameters
 * @returns {Partial<INode>}
 */
function httpNode(parameters) {
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

/**
 * @param {number} batchSize
 * @param {number} batchInterval in ms
 */
function batches(batchSize, batchInterval) {
	return { batching: { batch: { batchSize, batchInterval } } };
}

/**
 * @param {string} label
 * @param {string} name
 * @returns {Contender}
 */
function handMade(label, name) {
	return {
		label,
		nodes: (url) => [{ type: `handMade.${name}`, parameters: { url } }],
		credential: () => ({}),
	};
}

module.exports = { CONTENDERS };
