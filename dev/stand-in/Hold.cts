import { EventEmitter, once } from 'node:events';

/** A request that has arrived. */
export interface Held {
	method: string;
	/** With its query. */
	path: string;
}

/** Requests of one kind that wait at the stand-in until they are let go. */
export class Hold {
	#events = new EventEmitter().setMaxListeners(0);

	#isOver = false;

	#matches;

	/** Comes to pass when the first of them has arrived. */
	arrived = once(this.#events, 'arrival').then(() => {});

	/** @param matches whether a request is one of them */
	constructor(matches: (request: Held) => boolean) {
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

	holds(request: Held) {
		return !this.#isOver && this.#matches(request);
	}

	/**
	 * Lets one request wait.
	 *
	 * @returns whether it is to be answered
	 */
	async wait(): Promise<boolean> {
		this.#events.emit('arrival');
		const [isAnswered] = (await once(this.#events, 'end')) as [boolean];
		return isAnswered;
	}

	#end(isAnswered: boolean) {
		this.#isOver = true;
		this.#events.emit('end', isAnswered);
	}
}
