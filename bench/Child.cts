import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Several times as long as any answer should take. */
const LONGEST_MS = 10 * 60 * 1000;

/** The n8n to measure in. */
export interface Host {
	/** Its `node_modules` folder. */
	modules: string;
	/** With the Node that it runs on. */
	env: NodeJS.ProcessEnv;
	/** The folder of the compiled processes. */
	processes: string;
}

/** A process of the benchmark, which answers what it is asked. */
export class Child {
	#ended = new AbortController();

	/** Aborts when the process is gone. */
	ended = this.#ended.signal;

	readonly process: ChildProcess;

	/**
	 * Starts it.
	 *
	 * @param name of its file in this folder, without ending
	 */
	constructor({ env, processes }: Host, name: string) {
		this.process = fork(join(processes, `${name}.cjs`), {
			env,
			execPath: 'node',
			execArgv: ['--expose-gc'],
			serialization: 'advanced',
		});
		this.process.once('disconnect', () => this.#ended.abort(new Error(`${name} ended early.`)));
	}

	/**
	 * Has it do something.
	 *
	 * @param others who have to be there meanwhile
	 * @throws when one of them ends, or no answer comes for ten minutes
	 */
	async ask<Answer>(question: object | string, ...others: Child[]): Promise<Answer> {
		const signal = AbortSignal.any([
			AbortSignal.timeout(LONGEST_MS),
			...[this, ...others].map(({ ended }) => ended),
		]);
		this.process.send(question);
		const answered = once(this.process, 'message', { signal }).catch((error: unknown) => {
			throw error instanceof Error && error.cause !== undefined ? error.cause : error;
		});
		const [answer] = (await answered) as [Answer];
		return answer;
	}

	/** Ends it. */
	kill() {
		this.process.kill();
	}
}
