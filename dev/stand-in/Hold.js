const { EventEmitter, once } = require('node:events');

/**
 * @typedef {object} Held a request that has arrived
 * @property {string} method
 * @property {string} path with its query
 */

/** Requests of one kind that wait at the stand-in until they are let go. */
class Hold {
	#events = new EventEmitter().setMaxListeners(0);

	#isOver = false;

	#matches;

	/** Comes to pass when the first of them has arrived. */
	arrived = once(this.#events, 'arrival').then(() => {});

	/** @param {(request: Held) => boolean} matches whether a request is one of them */
	constructor(matches) {
		this.#matches = matches;
	}

	/** Lets those go that wait, to be answered, and holds no more. */
	release() {
		this.#end(true);
	}

	/** Holds no more, and says of those that wait that nobody waits for their answers. */
	forget() {
		this.#end(false);
	}

	/** @param {Held} request */
	holds(request) {
		return !this.#isOver && this.#matches(request);
	}

	/**
	 * Lets one request wait.
	 * @returns {Promise<boolean>} whether it is to be answered
	 */
	async wait() {
		this.#events.emit('arrival');
		const [isAnswered] = await once(this.#events, 'end');
		return isAnswered;
	}

	/** @param {boolean} isAnswered */
	#end(isAnswered) {
		this.#isOver = true;
		this.#events.emit('end', isAnswered);
	}
}

module.exports = { Hold };
