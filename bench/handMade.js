const { NodeConnectionTypes } = require('n8n-workflow');
const { Pool } = require('undici');
const { CREDENTIAL } = require('./work');

/** As many requests as the LoyaltyLion node has on their way at a time. */
const AT_ONCE = 32;

/**
 * @typedef {import('n8n-workflow').IExecuteFunctions} IExecuteFunctions
 * @typedef {import('./work').Row} Row
 * @typedef {(url: string, rows: Row[], context: IExecuteFunctions) => Promise<void>} Send does the whole work
 */

/**
 * What is written by hand in place of a node. `url` is where LoyaltyLion is.
 *
 * @type {Record<string, Send>}
 */
const HAND_MADE = {
	/** As in a Code node: one request after another. */
	async codeLoop(url, rows, { helpers }) {
		for (const { merchantId, points, reason } of rows) {
			await helpers.httpRequest(addPoints(url, merchantId, { points, reason }));
		}
	},

	/** The same for customers of whom the email is all there is: it takes the first that LoyaltyLion finds. */
	async codeLoopByEmail(url, rows, { helpers }) {
		for (const { email, points, reason } of rows) {
			const found = await helpers.httpRequest({
				url: `${url}/v2/customers?email=${encodeURIComponent(email)}`,
				headers: HEADERS,
				json: true,
			});
			const merchantId = found.customers[0].merchant_id;
			await helpers.httpRequest(addPoints(url, merchantId, { points, reason }));
		}
	},

	/** n8n's request helper and nothing else, as cheaply as it can be called: what no node can do without. */
	async helper(url, rows, { helpers }) {
		await inParallel(rows, async ({ merchantId, points, reason }) => {
			await helpers.httpRequest({
				...addPoints(url, merchantId, { points, reason }),
				disableFollowRedirect: true,
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
			});
		});
	},

	/** The fastest that Node can do: not n8n's helper, and connections that stay open. */
	async undici(url, rows) {
		await sendWithUndici(new Pool(url, { connections: AT_ONCE }), rows);
	},

	/** The same with a new connection for each request, as n8n's helper makes one. */
	async undiciNoKeepAlive(url, rows) {
		await sendWithUndici(new Pool(url, { connections: AT_ONCE, pipelining: 0 }), rows);
	},
};

/**
 * A package of nodes that do what is written by hand, for the engine to load beside others.
 *
 * @returns {import('n8n-core').PackageDirectoryLoader}
 */
function handMadePackage() {
	const names = Object.keys(HAND_MADE);
	return /** @type {never} */ ({
		packageName: 'handMade',
		known: { nodes: Object.fromEntries(names.map((name) => [name, {}])), credentials: {} },
		async loadAll() {},
		getNode: (/** @type {string} */ name) => ({ type: nodeType(name) }),
	});
}

/**
 * @param {string} name
 * @returns {import('n8n-workflow').INodeType}
 */
function nodeType(name) {
	return {
		description: {
			displayName: name,
			name,
			group: ['output'],
			version: 1,
			description: '',
			defaults: { name },
			inputs: [NodeConnectionTypes.Main],
			outputs: [NodeConnectionTypes.Main],
			properties: [{ displayName: 'URL', name: 'url', type: 'string', default: '' }],
		},
		async execute() {
			const items = this.getInputData();
			const url = this.getNodeParameter('url', 0);
			const rows = items.map(({ json }) => /** @type {Row} */ (/** @type {unknown} */ (json)));
			await HAND_MADE[name]?.(String(url), rows, this);
			return [items];
		},
	};
}

const HEADERS = { Authorization: `Bearer ${CREDENTIAL.apiKey}` };

/**
 * @param {string} url
 * @param {string} merchantId
 * @param {{ points: number, reason: string }} body
 * @returns {import('n8n-workflow').IHttpRequestOptions}
 */
function addPoints(url, merchantId, body) {
	return {
		method: 'POST',
		url: `${url}${pathOf(merchantId)}`,
		headers: HEADERS,
		body,
		json: true,
	};
}

/** @param {string} merchantId */
function pathOf(merchantId) {
	return `/v2/customers/${encodeURIComponent(merchantId)}/points`;
}

/**
 * @param {Pool} pool
 * @param {Row[]} rows
 */
async function sendWithUndici(pool, rows) {
	await inParallel(rows, async ({ merchantId, points, reason }) => {
		const { body } = await pool.request({
			method: 'POST',
			path: pathOf(merchantId),
			headers: { ...HEADERS, 'Content-Type': 'application/json' },
			body: JSON.stringify({ points, reason }),
		});
		await body.text();
	});
	await pool.close();
}

/**
 * @param {Row[]} rows
 * @param {(row: Row) => Promise<void>} send
 */
async function inParallel(rows, send) {
	const left = rows.values();
	const work = async () => {
		for (const row of left) await send(row);
	};
	await Promise.all(Array.from({ length: AT_ONCE }, work));
}

module.exports = { handMadePackage };
