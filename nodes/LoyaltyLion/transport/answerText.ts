/** As much of Node's `Readable` as is needed here. */
export interface AnswerStream extends AsyncIterable<Uint8Array> {
	destroy(): void;
}

/**
 * Reads the body of an answer, never more of it than is needed and never longer than allowed.
 *
 * @param stream the body
 * @param deadline aborts when the time for the answer is up
 * @param maxBytes how much to read at the most
 * @returns the text as far as it came, and whether that was all; never throws
 */
export async function readAnswerText(
	stream: AnswerStream,
	deadline: AbortSignal,
	maxBytes: number,
): Promise<{ text: string; complete: boolean }> {
	const chunks: Uint8Array[] = [];
	const complete = await collect(stream, deadline, maxBytes, chunks);
	return { text: Buffer.concat(chunks).toString('utf8'), complete };
}

async function collect(
	stream: AnswerStream,
	deadline: AbortSignal,
	maxBytes: number,
	chunks: Uint8Array[],
): Promise<boolean> {
	const stop = () => stream.destroy();
	deadline.addEventListener('abort', stop, { once: true });
	if (deadline.aborted) stop();
	try {
		let bytes = 0;
		for await (const chunk of stream) {
			chunks.push(chunk);
			bytes += chunk.length;
			if (bytes > maxBytes) return false;
		}
		return true;
	} catch {
		return false;
	} finally {
		deadline.removeEventListener('abort', stop);
	}
}
