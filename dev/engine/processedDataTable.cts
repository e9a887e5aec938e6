import {
	existsSync,
	linkSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../writeWhole.cts';

/** The key of a row. */
export interface Place {
	workflowId: string;
	/** `n:` and the node's ID; empty for the scope `workflow`. */
	context: string;
}

/**
 * The table `processed_data` of n8n's database. Each statement happens at once, as a whole, and is there
 * afterwards, whatever becomes of the process.
 */
export interface ProcessedDataTable {
	/** @returns the row's value, if there is such a row */
	select(place: Place): string | undefined;

	/** @throws when there is such a row already */
	insert(place: Place, value: string): void;

	/** Does nothing when there is no such row. */
	update(place: Place, value: string): void;

	/** Does nothing when there is no such row. */
	delete(place: Place): void;

	/** Every row's value. */
	values(): string[];

	/** Deletes every row. */
	clear(): void;
}

/** A table that lives as long as the process. */
export class TableInMemory implements ProcessedDataTable {
	#rows = new Map<string, string>();

	select(place: Place) {
		return this.#rows.get(keyOf(place));
	}

	insert(place: Place, value: string) {
		if (this.#rows.has(keyOf(place))) throw new UniqueConstraintFailed();
		this.#rows.set(keyOf(place), value);
	}

	update(place: Place, value: string) {
		if (this.#rows.has(keyOf(place))) this.#rows.set(keyOf(place), value);
	}

	delete(place: Place) {
		this.#rows.delete(keyOf(place));
	}

	values() {
		return [...this.#rows.values()];
	}

	clear() {
		this.#rows.clear();
	}
}

/** A table that outlives the process, and that several processes share: a folder with a file for each row. */
export class TableInFolder implements ProcessedDataTable {
	readonly folder: string;

	/** @param folder is made if it is not there */
	constructor(folder: string) {
		this.folder = folder;
		mkdirSync(folder, { recursive: true });
	}

	select(place: Place) {
		return unlessMissing(() => readFileSync(this.#fileOf(place), 'utf8'));
	}

	insert(place: Place, value: string) {
		const written = this.#write(value);
		try {
			linkSync(written, this.#fileOf(place));
		} catch (error) {
			throw codeOf(error) === 'EEXIST' ? new UniqueConstraintFailed() : error;
		} finally {
			rmSync(written);
		}
	}

	update(place: Place, value: string) {
		if (existsSync(this.#fileOf(place))) renameSync(this.#write(value), this.#fileOf(place));
	}

	delete(place: Place) {
		rmSync(this.#fileOf(place), { force: true });
	}

	values() {
		return this.#files().flatMap((file) => unlessMissing(() => readFileSync(file, 'utf8')) ?? []);
	}

	clear() {
		for (const file of this.#files()) rmSync(file, { force: true });
	}

	/** A half-written file is never a row, as it takes its name when it is whole. */
	#write(value: string) {
		const file = join(this.folder, `${process.pid}.new`);
		writeFileSync(file, value);
		return file;
	}

	#files() {
		return readdirSync(this.folder)
			.filter((name) => name.endsWith(ROW))
			.map((name) => join(this.folder, name));
	}

	#fileOf(place: Place) {
		return join(this.folder, `${encodeURIComponent(keyOf(place))}${ROW}`);
	}
}

/** A table that outlives the process, in one file, which one process at a time may use. */
export class TableInFile implements ProcessedDataTable {
	readonly file: string;

	#rows: Map<string, string>;

	/**
	 * @param file its path; there is none before the first change
	 * @throws when there is one that cannot be read, or holds anything else
	 */
	constructor(file: string) {
		this.file = file;
		const text = unlessMissing(() => readFileSync(file, 'utf8'));
		this.#rows = new Map(text === undefined ? [] : rowsIn(text));
	}

	select(place: Place) {
		return this.#rows.get(keyOf(place));
	}

	insert(place: Place, value: string) {
		if (this.#rows.has(keyOf(place))) throw new UniqueConstraintFailed();
		this.#change((rows) => rows.set(keyOf(place), value));
	}

	update(place: Place, value: string) {
		if (this.#rows.has(keyOf(place))) this.#change((rows) => rows.set(keyOf(place), value));
	}

	delete(place: Place) {
		this.#change((rows) => rows.delete(keyOf(place)));
	}

	values() {
		return [...this.#rows.values()];
	}

	clear() {
		this.#change((rows) => rows.clear());
	}

	/** What cannot be written has not happened. */
	#change(change: (rows: Map<string, string>) => void) {
		const rows = new Map(this.#rows);
		change(rows);
		writeWhole(this.file, JSON.stringify([...rows]));
		this.#rows = rows;
	}
}

/** The rows of a table that is one file, each with its key. */
function rowsIn(text: string) {
	const rows = JSON.parse(text) as [string, string][];
	const isRow = (row: unknown) =>
		Array.isArray(row) && row.length === 2 && row.every((part) => typeof part === 'string');
	if (!Array.isArray(rows) || !rows.every(isRow)) throw new Error('It holds no table');
	for (const [, value] of rows) JSON.parse(value);
	return rows;
}

/** How the name of a row's file ends. */
const ROW = '.json';

/** What n8n's database says then. */
class UniqueConstraintFailed extends Error {
	override name = 'QueryFailedError';

	constructor() {
		super(
			'SQLITE_CONSTRAINT: UNIQUE constraint failed: processed_data.context, processed_data.workflowId',
		);
	}
}

function keyOf({ workflowId, context }: Place) {
	return JSON.stringify([workflowId, context]);
}

function unlessMissing(read: () => string) {
	try {
		return read();
	} catch (error) {
		if (codeOf(error) === 'ENOENT') return undefined;
		throw error;
	}
}

function codeOf(error: unknown) {
	return (error as NodeJS.ErrnoException).code;
}
