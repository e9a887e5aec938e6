import { EventEmitter, once } from 'node:events';

/** Requests or calls of one kind that wait until they are let go. */
export class Hold<What> {
	#events = new EventEmitter().setMaxListeners(0);

	#isOver = false;

	#count = 0;

	#matches;

	/** Comes to pass when the first of them has arrived. */
	arrived = this.arrivals(1);

	/** @param matches whether something is one of them */
	constructor(matches: (what: What) => boolean) {
		this.#matches = matches;
	}

	/** Comes to pass when so many of them have arrived. */
	async arrivals(times: number) {
		while (this.#count < times) await once(this.#events, 'arrival');
	}

	/** Lets those go that wait, to be done, and holds no more. */
	release() {
		this.#end(true);
	}

	/** Holds no more, and says of those that wait that nobody waits for what they give. */
	forget() {
		this.#end(false);
	}

	holds(what: What) {
		return !this.#isOver && this.#matches(what);
	}

	/**
	 * Lets one of them wait.
	 *
	 * @returns whether it is to be done
	 */
	async wait(): Promise<boolean> {
		this.#count++;
		this.#events.emit('arrival');
		const [isAwaited] = (await once(this.#events, 'end')) as [boolean];
		return isAwaited;
	}

	#end(isAwaited: boolean) {
		this.#isOver = true;
		this.#events.emit('end', isAwaited);
	}
}
