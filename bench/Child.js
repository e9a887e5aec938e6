const { fork } = require('node:child_process');
const { once } = require('node:events');
const { join } = require('node:path');

/** Several times as long as any answer should take. */
const LONGEST_MS = 10 * 60 * 1000;

/**
 * @typedef {object} Host the n8n to measure in
 * @property {string} modules its `node_modules` folder
 * @property {NodeJS.ProcessEnv} env with the Node that it runs on
 */

/** A process of the benchmark, which answers what it is asked. */
class Child {
	#ended = new AbortController();

	/** Aborts when the process is gone. */
	ended = this.#ended.signal;

	/**
	 * Starts it.
	 *
	 * @param {Host} host
	 * @param {string} file in this folder
	 */
	constructor({ env }, file) {
		this.process = fork(join(__dirname, file), {
			env,
			execPath: 'node',
			execArgv: ['--expose-gc'],
			serialization: 'advanced',
		});
		this.process.once('disconnect', () => this.#ended.abort(new Error(`${file} ended early.`)));
	}

	/**
	 * Has it do something.
	 *
	 * @template Answer
	 * @param {object | string} question
	 * @param {Child[]} others who have to be there meanwhile
	 * @returns {Promise<Answer>}
	 * @throws when one of them ends, or no answer comes for ten minutes
	 */
	async ask(question, ...others) {
		const signal = AbortSignal.any([
			AbortSignal.timeout(LONGEST_MS),
			...[this, ...others].map(({ ended }) => ended),
		]);
		this.process.send(question);
		const [answer] = await once(this.process, 'message', { signal }).catch((error) => {
			throw error.cause ?? error;
		});
		return answer;
	}

	/** Ends it. */
	kill() {
		this.process.kill();
	}
}

module.exports = { Child };
