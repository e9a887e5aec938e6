const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { default: Ajv } = require('ajv/dist/2020');
const { parse } = require('yaml');

const METHODS = ['get', 'post'];
const JSON_TYPE = 'application/json';

/**
 * @typedef {import('ajv').ValidateFunction} Validate
 *
 * @typedef {object} Operation
 * @property {string} id
 * @property {string} method in capitals
 * @property {RegExp} path with one group for each of its parameters
 * @property {string[]} parameters their names
 * @property {Validate} query what its query parameters have to be
 * @property {Record<string, string[]>[]} security the schemes that will do, each with the scopes it needs
 * @property {Validate | undefined} body what the request's body has to be
 * @property {Record<string, Validate>} answers what the body of an answer has to be, by HTTP status
 */

/**
 * Reads the operations of openapi.yaml. The schemas in it are compiled by Ajv, which knows their dialect
 * (OpenAPI 3.1 uses JSON Schema 2020-12).
 *
 * @returns {Operation[]}
 */
function readContract() {
	const document = parse(readFileSync(join(__dirname, 'openapi.yaml'), 'utf8'));
	const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, strictRequired: false });
	ajv.addVocabulary(['components']);
	const numbers = new Ajv({ coerceTypes: true });

	/** @param {any} message a request body or a response of the document */
	const compile = ({ $ref, content }) => {
		const { schema } = ($ref ? at(document, $ref) : { content }).content[JSON_TYPE];
		return ajv.compile({ ...schema, components: document.components });
	};

	return Object.entries(document.paths).flatMap(([path, item]) =>
		METHODS.filter((method) => method in item).map((method) => {
			const operation = item[method];
			const answers = Object.entries(operation.responses).map(([status, response]) => [
				status,
				compile(response),
			]);
			return {
				id: operation.operationId,
				method: method.toUpperCase(),
				path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`),
				parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
				query: compileQuery(numbers, operation.parameters ?? []),
				security: operation.security,
				body: operation.requestBody && compile(operation.requestBody),
				answers: Object.fromEntries(answers),
			};
		}),
	);
}

/**
 * Text is all that a query holds, so numbers in it are read as such; parameters that are not known are
 * refused, though LoyaltyLion does not say that it does so.
 *
 * @param {import('ajv').default} ajv
 * @param {any[]} parameters
 */
function compileQuery(ajv, parameters) {
	const inQuery = parameters.filter((parameter) => parameter.in === 'query');
	return ajv.compile({
		type: 'object',
		properties: Object.fromEntries(inQuery.map(({ name, schema }) => [name, schema])),
		additionalProperties: false,
	});
}

/**
 * @param {any} document
 * @param {string} pointer e.g. `#/components/responses/PlainError`
 */
function at(document, pointer) {
	return pointer
		.slice('#/'.length)
		.split('/')
		.reduce((part, key) => part[key], document);
}

module.exports = { readContract };
