import type { IncomingMessage as Request, ServerResponse as Response } from 'node:http';

/** The ways in which the stand-in can misbehave. Each takes over the answer to one request. */
export interface Fault {
	/** `none` when all is well this time. */
	kind:
		| 'none'
		| 'status'
		| 'redirect'
		| 'reset'
		| 'silence'
		| 'drip'
		| 'truncate'
		| 'huge'
		| 'echo';
	/** Whether the points are added before it happens. */
	after?: boolean;
	/** How often it happens before all is well again; for ever if not given. */
	times?: number;
	/** The HTTP status. */
	status?: number;
	/** The body, as it is sent. */
	body?: string;
	contentType?: string;
	/** Where a redirect points to. */
	location?: string;
	/** More headers of a status. */
	headers?: Record<string, string>;
	/** How an echo puts what it was sent. */
	form?: keyof typeof FORMS;
}

const HUGE_BYTES = 64 * 1024 * 1024;

/** What becomes of a text on its way through logs, web pages and other programs. */
export const FORMS = {
	'as it is': (text: string) => text,
	'in capitals': (text: string) => text.toUpperCase(),
	'in small letters': (text: string) => text.toLowerCase(),
	'in base64': (text: string) => base64(text),
	'in base64, one byte later': (text: string) => base64(`"${text}"`),
	'in base64, two bytes later': (text: string) => base64(`: ${text}`),
	'in base64 of a header': (text: string) => base64(`Authorization: ${text}\r\n`),
	'in base64 without padding': (text: string) => base64(text).replace(/=+$/, ''),
	'in base64 for URLs': (text: string) => Buffer.from(`~~~???${text}`).toString('base64url'),
	'in base64 of small letters': (text: string) => base64(text.toLowerCase()),
	'in lines of base64': (text: string) => base64(text).replace(/.{7}/g, '$&\r\n'),
	'percent-encoded': (text: string) => percent(text),
	'percent-encoded twice': (text: string) => percent(text).replaceAll('%', '%25'),
	'percent-encoded base64': (text: string) => percent(base64(text)),
	'escaped as in JSON': (text: string) => percent(text).replaceAll('%', '\\u00'),
	'cut by tags': (text: string) => text.replace(/.{6}/g, '<b class="x">$&</b>'),
	'cut by zero-width blanks': (text: string) => [...text].join('\u200b'),
	'cut by soft hyphens': (text: string) => text.replace(/.{5}/g, '$&\u00ad'),
	'cut by fillers': (text: string) => text.replace(/.{5}/g, '$&\u3164\ufe0f'),
	'cut by line breaks': (text: string) => text.replace(/.{10}/g, '$&\r\n'),
	'cut by blanks': (text: string) => text.replace(/.{4}/g, '$& '),
	'in a tag': (text: string) => `<a href="${text}">`,
};

const FAULTS: Record<Fault['kind'], (fault: Fault, response: Response, request: Request) => void> =
	{
		none() {},
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

export function misbehave(fault: Fault, response: Response, request: Request) {
	FAULTS[fault.kind](fault, response, request);
}

function base64(text: string) {
	return Buffer.from(text).toString('base64');
}

function percent(text: string) {
	return [...text].map((character) => `%${character.charCodeAt(0).toString(16)}`).join('');
}

/** What a header holds: the key, or the token and secret. */
function insideOf(authorization: string) {
	const [method, text = ''] = authorization.split(' ');
	return method === 'Basic' ? Buffer.from(text, 'base64').toString() : text;
}
