const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Within it, a signal is the same one: a terminal and npm both send it. In ms. */
const SAME_WITHIN_MS = 1000;

/**
 * Lets Ctrl-C end the work in good order. A second one leaves at once.
 *
 * @param stop is called once, when the user wants to stop
 */
export function whenStopped(stop: () => void) {
	const leaveIfAsked = () => {
		for (const signal of SIGNALS) process.off(signal, onSignal);
	};
	let isStopped = false;
	const onSignal = () => {
		if (isStopped) return;
		isStopped = true;
		setTimeout(leaveIfAsked, SAME_WITHIN_MS).unref();
		stop();
	};
	for (const signal of SIGNALS) process.on(signal, onSignal);
}
