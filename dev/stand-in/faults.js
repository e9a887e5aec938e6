/**
 * The ways in which the stand-in can misbehave. Each takes over the answer to one request.
 *
 * @typedef {object} Fault
 * @property {'status' | 'redirect' | 'reset' | 'silence' | 'drip' | 'truncate' | 'huge' | 'echo'} kind
 * @property {boolean} [after] whether the points are added before it happens
 * @property {number} [times] how often it happens before all is well again; for ever if not given
 * @property {number} [status] the HTTP status
 * @property {string} [body] the body, as it is sent
 * @property {string} [contentType]
 * @property {string} [location] where a redirect points to
 * @property {Record<string, string>} [headers] more headers of a status
 * @property {keyof typeof FORMS} [form] how an echo puts what it was sent
 *
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 */

const HUGE_BYTES = 64 * 1024 * 1024;

/** What becomes of a text on its way through logs, web pages and other programs. */
const FORMS = {
	'as it is': (/** @type {string} */ text) => text,
	'in capitals': (/** @type {string} */ text) => text.toUpperCase(),
	'in small letters': (/** @type {string} */ text) => text.toLowerCase(),
	'in base64': (/** @type {string} */ text) => base64(text),
	'in base64, one byte later': (/** @type {string} */ text) => base64(`"${text}"`),
	'in base64, two bytes later': (/** @type {string} */ text) => base64(`: ${text}`),
	'in base64 of a header': (/** @type {string} */ text) => base64(`Authorization: ${text}\r\n`),
	'in base64 without padding': (/** @type {string} */ text) => base64(text).replace(/=+$/, ''),
	'in base64 for URLs': (/** @type {string} */ text) =>
		Buffer.from(`~~~???${text}`).toString('base64url'),
	'in base64 of small letters': (/** @type {string} */ text) => base64(text.toLowerCase()),
	'in lines of base64': (/** @type {string} */ text) => base64(text).replace(/.{7}/g, '$&\r\n'),
	'percent-encoded': (/** @type {string} */ text) => percent(text),
	'percent-encoded twice': (/** @type {string} */ text) => percent(text).replaceAll('%', '%25'),
	'percent-encoded base64': (/** @type {string} */ text) => percent(base64(text)),
	'escaped as in JSON': (/** @type {string} */ text) => percent(text).replaceAll('%', '\\u00'),
	'cut by tags': (/** @type {string} */ text) => text.replace(/.{6}/g, '<b class="x">$&</b>'),
	'cut by zero-width blanks': (/** @type {string} */ text) => [...text].join('\u200b'),
	'cut by soft hyphens': (/** @type {string} */ text) => text.replace(/.{5}/g, '$&\u00ad'),
	'cut by fillers': (/** @type {string} */ text) => text.replace(/.{5}/g, '$&\u3164\ufe0f'),
	'cut by line breaks': (/** @type {string} */ text) => text.replace(/.{10}/g, '$&\r\n'),
	'cut by blanks': (/** @type {string} */ text) => text.replace(/.{4}/g, '$& '),
	'in a tag': (/** @type {string} */ text) => `<a href="${text}">`,
};

/** @type {Record<Fault['kind'], (fault: Fault, response: Response, request: Request) => void>} */
const FAULTS = {
	status({ status = 500, body = '', contentType = 'application/json', headers }, response) {
		response.writeHead(status, { 'Content-Type': contentType, ...headers }).end(body);
	},
	redirect({ status = 307, location = '' }, response) {
		response.writeHead(status, { Location: location }).end();
	},
	reset(_fault, response) {
		response.socket?.resetAndDestroy();
	},
	silence() {},
	drip({ status = 201 }, response) {
		response.writeHead(status, { 'Content-Type': 'application/json' });
		const timer = setInterval(() => response.write(' '), 100);
		response.once('close', () => clearInterval(timer));
	},
	truncate({ status = 201, body = '"' }, response) {
		response.writeHead(status, {
			'Content-Type': 'application/json',
			'Content-Length': body.length + 1,
		});
		response.write(body, () => response.destroy());
	},
	huge({ status = 500 }, response) {
		const chunk = Buffer.alloc(64 * 1024, '{"error":"a very long story"}');
		response.writeHead(status, { 'Content-Type': 'application/json' });
		let left = HUGE_BYTES / chunk.length;
		const more = () => {
			while (left-- > 0) {
				if (!response.write(chunk)) return void response.once('drain', more);
			}
			response.end();
		};
		more();
	},
	echo({ status = 400, headers, form = 'as it is' }, response, request) {
		const { authorization = '' } = request.headers;
		const [sent, held] = [authorization, insideOf(authorization)].map(
			(text) => `You sent ${FORMS[form](text)}`,
		);
		response
			.writeHead(status, { 'Content-Type': 'application/json', ...headers })
			.end(JSON.stringify({ error: { message: sent, details: { [String(sent)]: held } } }));
	},
};

/**
 * @param {Fault} fault
 * @param {Response} response
 * @param {Request} request
 */
function misbehave(fault, response, request) {
	FAULTS[fault.kind](fault, response, request);
}

/** @param {string} text */
function base64(text) {
	return Buffer.from(text).toString('base64');
}

/** @param {string} text */
function percent(text) {
	return [...text].map((character) => `%${character.charCodeAt(0).toString(16)}`).join('');
}

/**
 * What a header holds: the key, or the token and secret.
 * @param {string} authorization
 */
function insideOf(authorization) {
	const [method, text = ''] = authorization.split(' ');
	return method === 'Basic' ? Buffer.from(text, 'base64').toString() : text;
}

module.exports = { FORMS, misbehave };
