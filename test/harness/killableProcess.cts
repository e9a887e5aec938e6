/** A process of n8n that runs Add Points once, unless it is killed before its end. */
import './engineOfTest.cts';
import '../../dev/engine/environment.cts';
import 'reflect-metadata';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import { join } from 'node:path';
import type { ICredentialDataDecryptedObject, IDataObject as Json, IRun } from 'n8n-workflow';
import { N8n } from '../../dev/engine/N8n.cts';
import { TableInFolder } from '../../dev/engine/processedDataTable.cts';
import { ROOT } from '../../dev/root.cts';
import { type Given, runAddPoints } from './addPoints.cts';
import { isForPoints, isNth, type KillAt } from './killAt.cts';

export interface Job {
	given: Omit<Given, 'credential' | 'onStart'> & { credential: ICredentialDataDecryptedObject };
	/** Where the rows are that n8n keeps for nodes. */
	folder: string;
	killAt?: KillAt;
	/** When the node is to look at a history. */
	looksAfterMs: number[];
}

/** What became of a run that has come to its end. */
export interface Outcome {
	/** What stopped the workflow, if anything did. */
	error?: { message: string; description?: string | null };
	/** What came out of the first output. */
	succeeded: Json[];
	/** What came out of the error output. */
	failed: Json[];
	/** As n8n saves it. */
	run: Pick<IRun, 'data'>;
}

async function main() {
	const n8n = await N8n.load();
	process.send?.('ready');
	const [job] = (await once(process, 'message')) as [Job];
	n8n.processedData.table = new TableInFolder(job.folder);
	await shortenLooks(job);
	if (job.killAt) dieAt(job.killAt);
	const { error, succeeded, failed, run } = await runAddPoints(n8n, job.given);
	const outcome: Outcome = {
		succeeded,
		failed,
		run,
		...(error && { error: { message: error.message, description: error.description ?? null } }),
	};
	process.send?.(outcome, () => process.exit());
}

async function shortenLooks({ looksAfterMs }: Job) {
	const built = join(ROOT, 'dist/nodes/LoyaltyLion/adjustments/checkHistory.js');
	const { LOOKS_AFTER_MS } = (await import(built)) as { LOOKS_AFTER_MS: number[] };
	LOOKS_AFTER_MS.splice(0, Infinity, ...looksAfterMs);
}

/** The steps that this process takes itself; the others happen at the stand-in, where the test waits for them. */
function dieAt(killAt: KillAt) {
	if ('store' in killAt) {
		const { store, method, nth } = killAt;
		const isThere = isNth<{ step: string; method: string }>(
			nth,
			(reached) => reached.step === store && (method ?? reached.method) === reached.method,
		);
		N8n.processedData.onReach = (reached) => {
			if (isThere(reached)) die();
		};
	} else if (killAt.points === 'afterAnswer') {
		const isThere = isNth(killAt.nth, isForPoints);
		subscribe('http.client.response.finish', (message) => {
			const { request } = message as { request: ClientRequest };
			if (isThere(request)) die();
		});
	}
}

/** As if by somebody else's hand: nothing in this process comes after it. */
function die() {
	process.kill(process.pid, 'SIGKILL');
}

void main();
