/**
 * Runs form-submissions.json in n8n's engine over the rows of a CSV file, and shows what became of each:
 * against a stand-in of LoyaltyLion, or against LoyaltyLion itself when LOYALTYLION_API_KEY is set.
 */
require('../dev/engine/environment');
require('reflect-metadata');
const { readFileSync } = require('node:fs');
const { join, relative, resolve } = require('node:path');
const { createInterface } = require('node:readline/promises');
const { subscribe } = require('node:diagnostics_channel');
const { parseArgs } = require('node:util');
const { SingleBar } = require('cli-progress');
const Table = require('cli-table3');
const { parse } = require('csv-parse/sync');
const { N8n } = require('../dev/engine/N8n');
const { StandIn } = require('../dev/stand-in/StandIn');

const WORKFLOW = join(__dirname, 'form-submissions.json');
const SUBMISSIONS = join(__dirname, 'form-submissions.csv');
const COLUMNS = ['Email', 'Points', 'Reason'];

const DEMO_KEY = 'pat_demo';

/** The shop that the stand-in keeps, by merchant ID. */
const SHOP = {
	apiKeys: { [DEMO_KEY]: ['write_customers'] },
	customers: {
		6145627226296: { email: 'ann@example.com' },
		6145627226297: { email: 'joann@example.com' },
		6145627226298: { email: 'maria.lopez@example.com' },
		6145627226299: { email: 'li.wei@example.com' },
		6145627226300: { email: 'tom@example.com' },
		6145627226301: { email: 'sam@example.com', blocked: true },
		6145627226302: { email: 'kim@example.com' },
		6145627226303: { email: 'family@example.com' },
		6145627226304: { email: 'family@example.com' },
		6145627226305: { email: 'pat+quiz@example.com', enrolled: false, guest: true },
		6145627226306: { email: 'pat+quiz@example.com' },
	},
};

/** One customer whose points are added, and whose answer is then lost on the way. */
const UNLUCKY_CUSTOMER = '6145627226302';

/** Something that the user can mend; it is shown in one line. */
class UserFault extends Error {}

/** @typedef {Record<string, string>} Row */

async function main() {
	const { csv, yes = false } = readArguments();
	const file = csv ? resolve(process.env.INIT_CWD ?? '.', csv) : SUBMISSIONS;
	const rows = readRows(file);
	const apiKey = process.env.LOYALTYLION_API_KEY;
	if (apiKey) {
		await confirm(rows.length, yes);
		await show(rows, file, { apiKey });
		return;
	}
	const standIn = await new StandIn(csv ? shopOf(rows) : SHOP).start();
	standIn.misbehaveFor(UNLUCKY_CUSTOMER, { kind: 'status', status: 503, after: true });
	await show(rows, file, { apiKey: DEMO_KEY, baseUrl: standIn.url });
	console.log('\nWhat the customers have in the stand-in of LoyaltyLion now:\n');
	console.log(balanceTable(standIn.balances()));
	await standIn.stop();
}

/**
 * A shop in which all emails of a file of the user's are known.
 * @param {Row[]} rows
 */
function shopOf(rows) {
	const emails = new Set(rows.map((row) => (row.Email ?? '').trim().toLowerCase()));
	const customers = [...emails].map((email, index) => [`${1001 + index}`, { email }]);
	return { ...SHOP, customers: Object.fromEntries(customers) };
}

function readArguments() {
	const options = /** @type {const} */ ({ csv: { type: 'string' }, yes: { type: 'boolean' } });
	return inOneLine(
		'Usage: npm run demo -- [--csv FILE] [--yes]',
		() => parseArgs({ options }).values,
	);
}

/**
 * @param {string} file
 * @returns {Row[]}
 */
function readRows(file) {
	const text = inOneLine(`${file} cannot be read`, () => readFileSync(file));
	/** @type {Row[]} */
	const rows = inOneLine(`${file} is no CSV`, () =>
		parse(text, { columns: true, bom: true, skip_empty_lines: true }),
	);
	if (rows.length === 0) throw new UserFault(`${file} holds no rows.`);
	const missing = COLUMNS.filter((column) => rows[0] && !(column in rows[0]));
	if (missing.length > 0)
		throw new UserFault(
			`${file} lacks the column ${missing.join(', ')}. It needs: ${COLUMNS.join(', ')}.`,
		);
	return rows;
}

/**
 * Turns what goes wrong into something that the user can mend.
 *
 * @template Result
 * @param {string} what
 * @param {() => Result} action
 */
function inOneLine(what, action) {
	try {
		return action();
	} catch (error) {
		const [reason = ''] = error instanceof Error ? error.message.split('\n') : [];
		throw new UserFault(`${what}: ${reason}`);
	}
}

/**
 * @param {number} count
 * @param {boolean} saidYes
 */
async function confirm(count, saidYes) {
	if (saidYes) return;
	if (!process.stdin.isTTY)
		throw new UserFault(
			'This would add real points. Say so with --yes, or unset LOYALTYLION_API_KEY.',
		);
	const prompt = createInterface({ input: process.stdin, output: process.stdout });
	const answer = await prompt.question(
		`Send ${count} submissions to LoyaltyLion itself and add real points? Type yes: `,
	);
	prompt.close();
	if (answer.trim().toLowerCase() !== 'yes') throw new UserFault('Nothing was sent.');
}

/**
 * @param {Row[]} rows
 * @param {string} file
 * @param {import('n8n-workflow').ICredentialDataDecryptedObject} credential
 */
async function show(rows, file, credential) {
	const n8n = await N8n.load();
	const finish = showProgress(rows.length);
	const run = await n8n.run(workflow(), {
		pinData: { 'Award Form': rows.map((json) => ({ json })) },
		credential,
	});
	finish();
	const { error, runData } = run.data.resultData;
	if (error) throw error;
	console.log(`\n${relative(process.cwd(), WORKFLOW)} over ${relative(process.cwd(), file)}:\n`);
	console.log(outcomeTable(rows, runData.LoyaltyLion?.[0]?.data?.main ?? []));
	for (const { message } of runData.LoyaltyLion?.[0]?.hints ?? []) console.log(`\n${message}`);
}

/** The credential is chosen by whoever imports the workflow; here it is the only one there is. */
function workflow() {
	const { nodes, connections } = JSON.parse(readFileSync(WORKFLOW, 'utf8'));
	for (const node of nodes.filter(
		(/** @type {{ name: string }} */ { name }) => name === 'LoyaltyLion',
	)) {
		node.credentials = { loyaltyLionApi: { id: '1', name: 'LoyaltyLion account' } };
	}
	return { nodes, connections };
}

/**
 * Counts answers to awards, as the engine shows an operation's items only when all are done; items that
 * are refused without a request are added at the end.
 *
 * @param {number} total
 */
function showProgress(total) {
	const bar = new SingleBar({
		format: '{bar} {value}/{total} submissions',
		stream: process.stdout,
	});
	bar.start(total, 0);
	subscribe('http.client.response.finish', (message) => {
		if (Reflect.get(Object(message), 'request').method === 'POST') bar.increment();
	});
	return () => {
		bar.update(total);
		bar.stop();
	};
}

/**
 * One line for each submission, counted from 0 as n8n counts items.
 *
 * @param {Row[]} rows
 * @param {(import('n8n-workflow').INodeExecutionData[] | null)[]} outputs
 */
function outcomeTable(rows, outputs) {
	const table = new Table({
		head: ['Item', 'Email', 'Points', 'Outcome'],
		colWidths: [6, 27, 9, 76],
		wordWrap: true,
		style: { head: [], border: [] },
	});
	const items = outputs.flatMap((output) => output ?? []);
	for (const [index, row] of rows.entries()) {
		const item = items.find(
			({ pairedItem }) =>
				typeof pairedItem === 'object' && 'item' in pairedItem && pairedItem.item === index,
		);
		table.push([index, row.Email ?? '', row.Points ?? '', outcome(item?.json ?? {})]);
	}
	return table.toString();
}

/** @param {import('n8n-workflow').IDataObject} json */
function outcome({ success, points, merchantId, confirmedBy, error }) {
	const found = confirmedBy === 'history' ? ' (the answer was lost; found in their history)' : '';
	if (success) return `${points} points added for customer ${merchantId}${found}`;
	const { code, message, description } = /** @type {Record<string, string>} */ (error);
	return `${code}: ${message}\n${description}`;
}

/** @param {Record<string, number>} balances */
function balanceTable(balances) {
	const table = new Table({
		head: ['Merchant ID', 'Points'],
		style: { head: [], border: [] },
	});
	for (const [merchantId, points] of Object.entries(balances)) table.push([merchantId, points]);
	return table.toString();
}

main().catch((error) => {
	console.error(error instanceof UserFault ? `demo: ${error.message}` : error);
	process.exitCode = 1;
});
