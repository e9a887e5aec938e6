import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ValidateFunction as Validate } from 'ajv';
import Ajv from 'ajv/dist/2020';
import { parse } from 'yaml';
import { HANDLERS, type OperationId } from './operations.cts';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const JSON_TYPE = 'application/json';

export interface Operation {
	id: OperationId;
	/** In capitals. */
	method: string;
	/** With one group for each of its parameters. */
	path: RegExp;
	/** Their names. */
	names: string[];
	/** What they have to be. */
	parameters: Validate;
	/** What its query parameters have to be. */
	query: Validate;
	/** The schemes that will do, each with the scopes it needs. */
	security: Record<string, string[]>[];
	/** What the request's body has to be. */
	body: Validate | undefined;
	/** What the body of an answer has to be, by HTTP status. */
	answers: Record<string, (body: unknown) => boolean>;
}

/** As much of an OpenAPI document as is read here. */
interface Document {
	paths: Record<string, Partial<Record<(typeof METHODS)[number], Documented>>>;
	components: object;
}

interface Documented {
	operationId: string;
	parameters?: Parameter[];
	requestBody?: Message;
	responses: Record<string, Message>;
	security: Operation['security'];
}

interface Parameter {
	name: string;
	in: 'query' | 'path';
	/** Of what is in a path, always. */
	required?: boolean;
	schema: object;
}

/** A request body or a response, in its place or somewhere else in the document. */
type Message = Content | { $ref: string };

interface Content {
	/** Left out where there is no body. */
	content?: Record<string, { schema: object }>;
}

/** The operations of openapi.yaml, which are read once. */
export function theContract(): readonly Operation[] {
	contract ??= readContract();
	return contract;
}

let contract: Operation[] | undefined;

/**
 * Reads the operations of openapi.yaml. The schemas in it are compiled by Ajv, which knows their dialect
 * (OpenAPI 3.1 uses JSON Schema 2020-12).
 */
function readContract(): Operation[] {
	const document = parse(readFileSync(join(__dirname, 'openapi.yaml'), 'utf8')) as Document;
	const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, strictRequired: false });
	ajv.addVocabulary(['components']);
	const numbers = new Ajv({ coerceTypes: true });
	for (const each of [ajv, numbers]) {
		each.addVocabulary(['x-inferred']);
		each.addFormat('date', isDate).addFormat('date-time', isDateTime);
	}

	const compile = (message: Message) => {
		const { content } = '$ref' in message ? at<Content>(document, message.$ref) : message;
		const schema = content?.[JSON_TYPE]?.schema;
		return schema && ajv.compile({ ...schema, components: document.components });
	};

	return Object.entries(document.paths).flatMap(([path, item]) =>
		METHODS.flatMap((method) => {
			const operation = item[method];
			if (!operation) return [];
			const { operationId, parameters = [], requestBody, responses, security } = operation;
			const answers = Object.entries(responses).map(
				([status, response]) => [status, compile(response) ?? isNothing] as const,
			);
			return {
				id: handled(operationId),
				method: method.toUpperCase(),
				path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`),
				names: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
				parameters: compileText(numbers, parameters, 'path'),
				query: compileText(numbers, parameters, 'query'),
				security,
				body: requestBody && compile(requestBody),
				answers: Object.fromEntries(answers),
			};
		}),
	);
}

/** @throws when the stand-in cannot do what it is documented to do */
function handled(operationId: string): OperationId {
	if (!Object.hasOwn(HANDLERS, operationId)) throw new Error(`Nothing handles ${operationId}.`);
	return operationId as OperationId;
}

/**
 * Text is all that an address holds, so numbers in it are read as such; parameters that are not known are
 * refused, though LoyaltyLion does not say that it does so.
 */
function compileText(ajv: Ajv, parameters: Parameter[], where: Parameter['in']) {
	const found = parameters.filter((parameter) => parameter.in === where);
	return ajv.compile({
		type: 'object',
		properties: Object.fromEntries(found.map(({ name, schema }) => [name, schema])),
		required: found.filter(({ required }) => required).map(({ name }) => name),
		additionalProperties: false,
	});
}

function isNothing(body: unknown) {
	return body === undefined;
}

/** A day that there is, e.g. 2026-02-28. */
function isDate(text: string) {
	const [, year, month, day] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []).map(Number);
	if (year === undefined || month === undefined || day === undefined) return false;
	const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
	return month >= 1 && month <= 12 && day >= 1 && day <= lastDay;
}

/** A time that there is, with its zone (RFC 3339, a form of ISO 8601). */
function isDateTime(text: string) {
	const [, date = ''] = /^(.{10})T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
	return isDate(date) && !Number.isNaN(Date.parse(text));
}

/** @param pointer e.g. `#/components/responses/PlainError` */
function at<Part>(document: Document, pointer: string): Part {
	const keys = pointer.slice('#/'.length).split('/');
	return keys.reduce<unknown>((part, key) => Reflect.get(Object(part), key), document) as Part;
}
