/**
 * Runs form-submissions.json in n8n's engine over the rows of a CSV file, and shows what became of each:
 * against a stand-in of LoyaltyLion, or against LoyaltyLion itself when LOYALTYLION_API_KEY is set.
 */
import '../dev/engine/environment.cts';
import 'reflect-metadata';
import { subscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { ClientRequest } from 'node:http';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import { parse } from 'csv-parse/sync';
import type { ICredentialDataDecryptedObject, IDataObject, INodeExecutionData } from 'n8n-workflow';
import { N8n, type WorkflowJson } from '../dev/engine/N8n.cts';
import { StandIn } from '../dev/stand-in/StandIn.cts';

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

type Row = Record<string, string>;

/** As much as is shown of what the node puts out for an item; the error is that of one that failed. */
interface Outcome {
	success?: boolean;
	points?: number;
	merchantId?: string;
	confirmedBy?: string;
	error?: { code: string; message: string; description: string };
}

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

/** A shop in which all emails of a file of the user's are known. */
function shopOf(rows: Row[]) {
	const emails = new Set(rows.map((row) => (row.Email ?? '').trim().toLowerCase()));
	const customers = [...emails].map((email, index) => [`${1001 + index}`, { email }] as const);
	return { ...SHOP, customers: Object.fromEntries(customers) };
}

function readArguments() {
	const options = { csv: { type: 'string' }, yes: { type: 'boolean' } } as const;
	return inOneLine(
		'Usage: npm run demo -- [--csv FILE] [--yes]',
		() => parseArgs({ options }).values,
	);
}

function readRows(file: string): Row[] {
	const text = inOneLine(`${file} cannot be read`, () => readFileSync(file));
	const rows: Row[] = inOneLine(`${file} is no CSV`, () =>
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

/** Turns what goes wrong into something that the user can mend. */
function inOneLine<Result>(what: string, action: () => Result) {
	try {
		return action();
	} catch (error) {
		const [reason = ''] = error instanceof Error ? error.message.split('\n') : [];
		throw new UserFault(`${what}: ${reason}`);
	}
}

async function confirm(count: number, saidYes: boolean) {
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

async function show(rows: Row[], file: string, credential: ICredentialDataDecryptedObject) {
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
	const { nodes, connections } = JSON.parse(readFileSync(WORKFLOW, 'utf8')) as WorkflowJson;
	for (const node of nodes.filter(({ name }) => name === 'LoyaltyLion')) {
		node.credentials = { loyaltyLionApi: { id: '1', name: 'LoyaltyLion account' } };
	}
	return { nodes, connections };
}

/**
 * Counts answers to awards, as the engine shows an operation's items only when all are done; items that
 * are refused without a request are added at the end.
 */
function showProgress(total: number) {
	const bar = new SingleBar({
		format: '{bar} {value}/{total} submissions',
		stream: process.stdout,
	});
	bar.start(total, 0);
	subscribe('http.client.response.finish', (message) => {
		const { request } = message as { request: ClientRequest };
		if (request.method === 'POST') bar.increment();
	});
	return () => {
		bar.update(total);
		bar.stop();
	};
}

/** One line for each submission, counted from 0 as n8n counts items. */
function outcomeTable(rows: Row[], outputs: (INodeExecutionData[] | null)[]) {
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

function outcome(json: IDataObject) {
	const { success, points, merchantId, confirmedBy, error } = json as Outcome;
	const found = confirmedBy === 'history' ? ' (the answer was lost; found in their history)' : '';
	if (success) return `${points} points added for customer ${merchantId}${found}`;
	const { code, message, description } = error ?? {};
	return `${code}: ${message}\n${description}`;
}

function balanceTable(balances: Record<string, number>) {
	const table = new Table({
		head: ['Merchant ID', 'Points'],
		style: { head: [], border: [] },
	});
	for (const [merchantId, points] of Object.entries(balances)) table.push([merchantId, points]);
	return table.toString();
}

main().catch((error: unknown) => {
	console.error(error instanceof UserFault ? `demo: ${error.message}` : error);
	process.exitCode = 1;
});
