import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, parse } from 'node:path';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { N8n } from '../../dev/engine/N8n.cts';
import { TableInFile } from '../../dev/engine/processedDataTable.cts';
import { writeWhole } from '../../dev/writeWhole.cts';
import { lock } from './lock.cts';
import { toOutcome } from './outcome.cts';
import type { Csv } from './readCsv.cts';
import { countOutcomes, toReport } from './report.cts';
import { runExample } from './runExample.cts';
import { whenStopped } from './stop.cts';
import { type Award, toAwards } from './toAwards.cts';
import { inOneLine, UserFault } from './UserFault.cts';

/** The most that History Size can be, and so how many rows a list can have. */
const HISTORY_SIZE = 100_000;

/** A list that is paid once. */
export interface Campaign {
	csv: Csv;
	awards: Award[];
	/** Its name. */
	name: string;
	/** Where the report is to be. */
	report: string;
}

/**
 * Gets a list ready to be paid once, and keeps other demos from it.
 *
 * @param csv the list
 * @param report where the report is to be
 * @param name of the campaign; that of the list's file, if none is given
 * @throws {UserFault} when the list or the report is not fit for it; says what to do
 */
export function openCampaign(csv: Csv, report: string, name = parse(csv.file).name): Campaign {
	if (name.trim() === '')
		throw new UserFault('The campaign needs a name: --campaign "spring quiz".');
	if (csv.rows.length > HISTORY_SIZE)
		throw new UserFault(
			`${csv.file} holds ${csv.rows.length} rows, and n8n remembers ${HISTORY_SIZE} at the most. Split the file.`,
		);
	if (existsSync(report) && statSync(report).isDirectory())
		throw new UserFault(`${report} is a folder. Name a file for the report, e.g. report.csv.`);
	if (existsSync(report) && realpathSync(report) === realpathSync(csv.file))
		throw new UserFault('The report would take the place of the list. Name another file.');
	const awards = toAwards(csv, name);
	lock(`${report}.lock`);
	return { csv, awards, name, report };
}

/**
 * Pays what has not been paid of a list, and writes a report. What n8n remembers is kept beside the report, so that
 * it can be stopped at any moment and run again.
 *
 * @param campaign the list
 * @returns whether it has come to its end; if not, it was stopped by the user
 * @throws {UserFault} when what was remembered cannot be read, or the report cannot be written
 */
export async function awardOnce(
	{ csv, awards, name, report }: Campaign,
	{
		credential,
		shop,
		checkOnly,
		requestsPerSecond,
	}: {
		credential: ICredentialDataDecryptedObject;
		/** Whose customers they are: each has a memory of its own. */
		shop: string;
		checkOnly: boolean;
		/** How many requests any second may hold; 0 for as many as there are. */
		requestsPerSecond?: string | undefined;
	},
): Promise<boolean> {
	const remembered = `${report}.remembered.json`;
	N8n.processedData.table = inOneLine(
		`${remembered} cannot be read`,
		() => new TableInFile(remembered),
		'It says who was paid, so nobody is paid without it. Put it back as the demo has written it.',
	);
	const stopping = new Stopping();
	const { outputs } = await runExample(await N8n.load(), awards, {
		credential,
		workflowId: shop,
		parameters: {
			onlyOncePer: '={{ $json.onlyOncePer }}',
			options: {
				checkOnly,
				historySize: HISTORY_SIZE,
				ifUnclear: 'checkThenSend',
				...(requestsPerSecond !== undefined && { requestsPerSecond }),
			},
		},
		onStart: (stop) => stopping.onceAsked(stop),
	});
	const outcomes = outputs.map(toOutcome);
	inOneLine(
		`${report} cannot be written`,
		() => writeWhole(report, toReport(csv, outcomes)),
		'If it is open in another program, close it there. Then run the same command again: nobody is paid twice.',
	);
	console.log(`\nCampaign "${name}": ${countOutcomes(outcomes)}.`);
	console.log(`What became of each row: ${report}`);
	if (!checkOnly)
		console.log(`Keep ${basename(remembered)} beside it: by it, nobody is paid twice.`);
	return !stopping.isAsked;
}

/** The user's wish to stop, which may come before there is anything to be stopped. */
class Stopping {
	isAsked = false;

	#stop = () => {};

	constructor() {
		whenStopped(() => {
			this.isAsked = true;
			this.#stop();
			console.error(
				'\nStopping: no further row is begun, and those on their way come to their end. Press Ctrl-C again to leave at once.',
			);
		});
	}

	onceAsked(stop: () => void) {
		this.#stop = stop;
		if (this.isAsked) stop();
	}
}
