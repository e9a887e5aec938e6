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
 *
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 */

const HUGE_BYTES = 64 * 1024 * 1024;

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
	echo({ status = 400, headers }, response, request) {
		const text = `You sent ${request.headers.authorization}`;
		response
			.writeHead(status, { 'Content-Type': 'application/json', ...headers })
			.end(JSON.stringify({ error: { message: text, details: { [text]: text } } }));
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

module.exports = { misbehave };
