import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ProcessedData } from '../../dev/engine/ProcessedData.cts';
import { TableInFolder } from '../../dev/engine/processedDataTable.cts';
import { ROOT } from '../../dev/root.cts';
import type { Held, StandIn } from '../../dev/stand-in/StandIn.cts';
import { LOOKS_AFTER_MS } from '../../nodes/LoyaltyLion/adjustments/checkHistory.ts';
import { isForPoints, isNth, type KillAt } from './killAt.cts';
import type { Job, Outcome } from './killableProcess.cts';

/** How a run ended; one that was killed has put nothing out. */
export type Ended = (Outcome & { wasKilled: false }) | { wasKilled: true };

/**
 * n8n's engine in processes of their own, one for each run, for the tests of one file. They share n8n's
 * database, as they do when n8n is started again, which is empty for each test.
 */
export function killable(standIn: StandIn) {
	const folder = mkdtempSync(join(tmpdir(), 'processed-data-'));
	const processedData = new ProcessedData();
	processedData.table = new TableInFolder(folder);
	const children = new Set<ChildProcess>();

	afterEach(() => {
		for (const child of children) child.kill('SIGKILL');
		processedData.reset();
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	/**
	 * Runs Add Points in a new process.
	 *
	 * @param given where it is to be killed, if it gets there, besides what is to be run
	 * @returns when the process is gone, and the stand-in is done with all that it has sent
	 * @throws when it ended otherwise
	 */
	async function run({ killAt, ...given }: Job['given'] & { killAt?: KillAt }): Promise<Ended> {
		const child = start();
		children.add(child);
		const outcomes: Outcome[] = [];
		const gone = goneOf(child);
		const said = child.stderr && text(child.stderr);
		await Promise.race([once(child, 'message'), gone]);
		child.on('message', (outcome: Outcome) => outcomes.push(outcome));
		if (killAt) {
			killAtArrival(standIn, killAt, async () => {
				child.kill('SIGKILL');
				await gone;
			});
		}
		const job: Job = { given, folder, looksAfterMs: LOOKS_AFTER_MS, ...(killAt && { killAt }) };
		if (child.connected) child.send(job);
		const { code, signal } = await gone;
		children.delete(child);
		await standIn.idle();
		const [outcome] = outcomes;
		if (outcome) return { ...outcome, wasKilled: false };
		if (killAt && signal === 'SIGKILL') return { wasKilled: true };
		throw new Error(`n8n ended with ${signal ?? code}: ${await said}`);
	}

	return {
		run,
		/** What the processes keep for nodes; calls, holds and failures of theirs it knows nothing of. */
		processedData,
	};
}

/** A process of the engine that the test runs in. */
function start() {
	const engine = [require.resolve('n8n-core'), require.resolve('n8n-workflow')];
	return fork(join(__dirname, 'killableProcess.cts'), engine, {
		cwd: ROOT,
		execArgv: ['--require', 'tsx/cjs'],
		stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
	});
}

/** How a process has ended, once it has, and all is heard that it has said. */
async function goneOf(child: ChildProcess) {
	const [exit] = await Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
	const [code, signal] = exit as [number | null, string | null];
	return { code, signal };
}

/** Kills a process when its request has arrived at the stand-in, and only then lets that be done, or not. */
function killAtArrival(standIn: StandIn, killAt: KillAt, kill: () => Promise<void>) {
	if (!('points' in killAt) || killAt.points === 'afterAnswer') return;
	const held = standIn.hold(isNth<Held>(killAt.nth, isForPoints));
	void held.arrived.then(async () => {
		await kill();
		if (killAt.points === 'beforeAdding') held.forget();
		else held.release();
	});
}
