import { sleep } from 'n8n-workflow';

/** So long the work may keep everything else in n8n waiting, in ms: other executions, and a cancel. */
const MAX_BUSY_MS = 20;

/** Lets work that waits for nothing give way to the rest of n8n now and then. */
export class Breaks {
	private busySince = performance.now();

	private current: Promise<void> | undefined;

	/** Whether the work has kept everything else waiting for long enough. */
	get areDue(): boolean {
		return performance.now() - this.busySince > MAX_BUSY_MS;
	}

	/** @returns when everything else has had its turn; the same for all who take it at the time */
	async take(): Promise<void> {
		await (this.current ??= this.giveWay());
	}

	private async giveWay(): Promise<void> {
		await sleep(0);
		this.busySince = performance.now();
		this.current = undefined;
	}
}
