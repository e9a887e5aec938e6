/**
 * Runs form-submissions.json in n8n's engine over the rows of a CSV file, and shows what became of each:
 * against a stand-in of LoyaltyLion, or against LoyaltyLion itself when LOYALTYLION_API_KEY is set. With --report
 * it pays each row once, whatever is run again, and writes what became of it into a file.
 */
import '../dev/engine/environment.cts';
import 'reflect-metadata';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';
import { N8n } from '../dev/engine/N8n.cts';
import { StandIn } from '../dev/stand-in/StandIn.cts';
import { awardOnce, openCampaign } from './demo/awardOnce.cts';
import { type Csv, readCsv, type Row } from './demo/readCsv.cts';
import { runExample, WORKFLOW } from './demo/runExample.cts';
import { inOneLine, UserFault } from './demo/UserFault.cts';

const SUBMISSIONS = join(__dirname, 'form-submissions.csv');

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

const USAGE =
	'npm run demo -- [--csv FILE] [--yes] [--report OUT.csv [--campaign NAME] [--check] [--requests-per-second N]]';

/** As much as is shown of what the node puts out for an item; the error is that of one that failed. */
interface Outcome {
	success?: boolean;
	points?: number;
	merchantId?: string;
	confirmedBy?: string;
	error?: { code: string; message: string; description: string };
}

type Arguments = ReturnType<typeof readArguments>;

async function main() {
	const given = readArguments();
	const csv = readCsv(given.csv === undefined ? SUBMISSIONS : toPath(given.csv));
	if (given.report === undefined) await showEach(csv, given);
	else await payOnce(csv, given.report, given);
}

async function showEach(csv: Csv, { csv: ownFile, yes }: Arguments) {
	const apiKey = process.env.LOYALTYLION_API_KEY;
	if (apiKey) {
		await confirm(`Send ${csv.rows.length} submissions`, yes);
		await show(csv, toCredential(apiKey));
		return;
	}
	const standIn = await startStandIn(csv, ownFile);
	await show(csv, { apiKey: DEMO_KEY, baseUrl: standIn.url });
	console.log('\nWhat the customers have in the stand-in of LoyaltyLion now:\n');
	console.log(balanceTable(standIn.balances()));
	await standIn.stop();
}

async function payOnce(csv: Csv, report: string, given: Arguments) {
	const { check: checkOnly = false, 'requests-per-second': requestsPerSecond } = given;
	const campaign = openCampaign(csv, toPath(report), given.campaign);
	const how = { checkOnly, requestsPerSecond };
	const apiKey = process.env.LOYALTYLION_API_KEY;
	if (apiKey) {
		const rows = `Send ${csv.rows.length} rows of the campaign "${campaign.name}"`;
		if (!checkOnly) await confirm(rows, given.yes);
		const shop = { credential: toCredential(apiKey), shop: 'LoyaltyLion' };
		endedEarlyUnless(await awardOnce(campaign, { ...how, ...shop }));
		return;
	}
	const standIn = await startStandIn(csv, given.csv);
	const credential = { apiKey: DEMO_KEY, baseUrl: standIn.url };
	try {
		endedEarlyUnless(await awardOnce(campaign, { ...how, credential, shop: 'stand-in' }));
	} finally {
		await standIn.stop();
	}
}

/** As a shell says it of what Ctrl-C has ended. */
function endedEarlyUnless(isDone: boolean) {
	if (!isDone) process.exitCode = 130;
}

/** Paths are those of the folder in which npm was started. */
function toPath(given: string) {
	return resolve(process.env.INIT_CWD ?? '.', given);
}

/** LoyaltyLion itself, unless there is another address to try it at, such as a stand-in's. */
function toCredential(apiKey: string): ICredentialDataDecryptedObject {
	const baseUrl = process.env.LOYALTYLION_BASE_URL;
	return { apiKey, ...(baseUrl && { baseUrl }) };
}

async function startStandIn({ rows }: Csv, ownFile: string | undefined) {
	const standIn = await new StandIn(ownFile === undefined ? SHOP : shopOf(rows)).start();
	standIn.misbehaveFor(UNLUCKY_CUSTOMER, { kind: 'status', status: 503, after: true });
	return standIn;
}

/** A shop in which all emails of a file of the user's are known. */
function shopOf(rows: Row[]) {
	const emails = new Set(rows.map(({ values }) => (values.Email ?? '').trim().toLowerCase()));
	const customers = [...emails].map((email, index) => [`${1001 + index}`, { email }] as const);
	return { ...SHOP, customers: Object.fromEntries(customers) };
}

function readArguments() {
	const options = {
		csv: { type: 'string' },
		yes: { type: 'boolean' },
		report: { type: 'string' },
		campaign: { type: 'string' },
		check: { type: 'boolean' },
		'requests-per-second': { type: 'string' },
	} as const;
	const usage = `Usage: ${USAGE}`;
	const { values } = inOneLine(usage, () => parseArgs({ options }));
	const { report, campaign, check, 'requests-per-second': pace } = values;
	if (report === undefined && (campaign ?? check ?? pace) !== undefined)
		throw new UserFault(`${usage}: --campaign, --check and --requests-per-second need --report`);
	return values;
}

async function confirm(what: string, saidYes = false) {
	if (saidYes) return;
	if (!process.stdin.isTTY)
		throw new UserFault(
			'This would add real points. Say so with --yes, or unset LOYALTYLION_API_KEY.',
		);
	const prompt = createInterface({ input: process.stdin, output: process.stdout });
	const answer = await prompt.question(
		`${what} to LoyaltyLion itself and add real points? Type yes: `,
	);
	prompt.close();
	if (answer.trim().toLowerCase() !== 'yes') throw new UserFault('Nothing was sent.');
}

async function show({ rows, file }: Csv, credential: ICredentialDataDecryptedObject) {
	const values = rows.map((row) => row.values);
	const { outputs, hints } = await runExample(await N8n.load(), values, { credential });
	console.log(`\n${relative(process.cwd(), WORKFLOW)} over ${relative(process.cwd(), file)}:\n`);
	console.log(outcomeTable(rows, outputs));
	for (const message of hints) console.log(`\n${message}`);
}

/** One line for each submission, counted from 0 as n8n counts items. */
function outcomeTable(rows: Row[], outputs: (IDataObject | undefined)[]) {
	const table = new Table({
		head: ['Item', 'Email', 'Points', 'Outcome'],
		colWidths: [6, 27, 9, 76],
		wordWrap: true,
		style: { head: [], border: [] },
	});
	for (const [index, { values }] of rows.entries()) {
		const { Email = '', Points = '' } = values;
		table.push([index, Email, Points, outcome(outputs[index] ?? {})]);
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
