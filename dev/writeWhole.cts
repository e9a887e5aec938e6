import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file so that it is there as a whole, or as it was before, whatever becomes of the process or the
 * machine. Only one process at a time may write the same file.
 *
 * @param file its path; what it held is gone then
 * @param text what it is to hold
 * @throws what the file system says when it cannot be written
 */
export function writeWhole(file: string, text: string) {
	const unfinished = `${file}.new`;
	try {
		writeThrough(unfinished, text);
		renameSync(unfinished, file);
	} catch (error) {
		rmSync(unfinished, { force: true });
		throw error;
	}
	syncFolder(dirname(file));
}

function writeThrough(file: string, text: string) {
	const opened = openSync(file, 'w');
	try {
		writeFileSync(opened, text);
		fsyncSync(opened);
	} finally {
		closeSync(opened);
	}
}

/** The new name is on the disk only then. Windows opens no folders. */
function syncFolder(folder: string) {
	if (process.platform === 'win32') return;
	const opened = openSync(folder, 'r');
	try {
		fsyncSync(opened);
	} finally {
		closeSync(opened);
	}
}
