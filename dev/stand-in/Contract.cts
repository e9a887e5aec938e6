import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ValidateFunction as Validate } from 'ajv';
import Ajv from 'ajv/dist/2020';
import { parse } from 'yaml';
import { HANDLERS, type OperationId } from './operations.cts';

const METHODS = ['get', 'post'] as const;
const JSON_TYPE = 'application/json';

export interface Operation {
	id: OperationId;
	/** In capitals. */
	method: string;
	/** With one group for each of its parameters. */
	path: RegExp;
	/** Their names. */
	parameters: string[];
	/** What its query parameters have to be. */
	query: Validate;
	/** The schemes that will do, each with the scopes it needs. */
	security: Record<string, string[]>[];
	/** What the request's body has to be. */
	body: Validate | undefined;
	/** What the body of an answer has to be, by HTTP status. */
	answers: Record<string, Validate>;
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
	in: string;
	schema: object;
}

/** A request body or a response, in its place or somewhere else in the document. */
type Message = Content | { $ref: string };

interface Content {
	content: Record<string, { schema: object }>;
}

/**
 * Reads the operations of openapi.yaml. The schemas in it are compiled by Ajv, which knows their dialect
 * (OpenAPI 3.1 uses JSON Schema 2020-12).
 */
export function readContract(): Operation[] {
	const document = parse(readFileSync(join(__dirname, 'openapi.yaml'), 'utf8')) as Document;
	const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, strictRequired: false });
	ajv.addVocabulary(['components']);
	const numbers = new Ajv({ coerceTypes: true });

	const compile = (message: Message) => {
		const { content } = '$ref' in message ? at<Content>(document, message.$ref) : message;
		return ajv.compile({ ...content[JSON_TYPE]?.schema, components: document.components });
	};

	return Object.entries(document.paths).flatMap(([path, item]) =>
		METHODS.flatMap((method) => {
			const operation = item[method];
			if (!operation) return [];
			const { operationId, parameters = [], requestBody, responses, security } = operation;
			const answers = Object.entries(responses).map(
				([status, response]) => [status, compile(response)] as const,
			);
			return {
				id: handled(operationId),
				method: method.toUpperCase(),
				path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`),
				parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
				query: compileQuery(numbers, parameters),
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
 * Text is all that a query holds, so numbers in it are read as such; parameters that are not known are
 * refused, though LoyaltyLion does not say that it does so.
 */
function compileQuery(ajv: Ajv, parameters: Parameter[]) {
	const inQuery = parameters.filter((parameter) => parameter.in === 'query');
	return ajv.compile({
		type: 'object',
		properties: Object.fromEntries(inQuery.map(({ name, schema }) => [name, schema])),
		additionalProperties: false,
	});
}

/** @param pointer e.g. `#/components/responses/PlainError` */
function at<Part>(document: Document, pointer: string): Part {
	const keys = pointer.slice('#/'.length).split('/');
	return keys.reduce<unknown>((part, key) => Reflect.get(Object(part), key), document) as Part;
}
