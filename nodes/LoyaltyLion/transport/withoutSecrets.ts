const MASK = '•••';

/** A shorter secret is also part of other words, and of much that is encoded. */
const MIN_SEARCHED_CHARACTERS = 6;

/**
 * Hides secrets in a text from elsewhere: as they are, in another case, percent-encoded or escaped as in
 * JSON, in base64 (either alphabet, anywhere in a longer text), and each of these cut by tags, blanks or
 * invisible characters. A short secret is only hidden where it stands as it is, for itself.
 *
 * @param text anything
 * @param secrets visible ASCII each; always the same list for the same connection, as what to look for is
 *   kept with it
 * @returns the text with "•••" for each secret, and blanks for its tags
 */
export function withoutSecrets(text: string, secrets: string[]): string {
	const needles = NEEDLES.get(secrets) ?? toNeedles(secrets);
	NEEDLES.set(secrets, needles);
	const untagged = text.replace(/<[^<>]*>/g, (tag) => ' '.repeat(tag.length));
	const found = [...new Set([text, untagged])].flatMap((each) => find(each, needles));
	return mask(untagged, found);
}

/** What to look for: `plain` in lower case, `encoded` as it is, `short` in the text itself. */
interface Needles {
	plain: string[];
	encoded: string[];
	short: string[];
}

/** From where to where in a text. */
type Span = [from: number, to: number];

const NEEDLES = new WeakMap<string[], Needles>();

function toNeedles(secrets: string[]): Needles {
	const isLong = ({ length }: string) => length >= MIN_SEARCHED_CHARACTERS;
	const plain = secrets.flatMap(readingsOf).flatMap((text) => [text, text.replace(/=+$/, '')]);
	const encoded = secrets
		.filter(isLong)
		.flatMap((secret) => [secret, secret.toLowerCase(), secret.toUpperCase()])
		.flatMap(base64Of)
		.map((text) => toEssence(text).text);
	return {
		plain: [...new Set(plain.filter(isLong))],
		encoded: [...new Set(encoded)],
		short: secrets.filter((secret) => !readingsOf(secret).every(isLong)),
	};
}

/** A secret may hold what looks like an escape, and no longer does once it is cut. */
function readingsOf(secret: string): string[] {
	return [secret, [...secret].join(' ')].map((text) => toEssence(text).text.toLowerCase());
}

/** Where in base64 a text begins depends on how much comes before it; its ends mix with what is around it. */
function base64Of(text: string): string[] {
	return [0, 1, 2].map((before) => {
		const bytes = before + text.length;
		const base64 = Buffer.from(text.padStart(bytes)).toString('base64');
		return base64.slice(Math.ceil((before * 8) / 6), Math.floor((bytes * 8) / 6));
	});
}

function find(text: string, { plain, encoded, short }: Needles): Span[] {
	const essence = toEssence(text);
	const lower = essence.text.toLowerCase();
	const spans = [
		...plain.flatMap((needle) => occurrences(lower, needle)),
		...encoded.flatMap((needle) => occurrences(essence.text, needle)),
	].map(([from, to]): Span => [essence.starts[from] ?? 0, essence.ends[to - 1] ?? text.length]);
	return [...spans, ...short.flatMap((secret) => wordsLike(text, secret))];
}

/**
 * The characters that a secret may consist of, each with its place in the text: without all others, with
 * escapes resolved, and with the alphabet of base64 for URLs as the usual one.
 */
function toEssence(text: string): { text: string; starts: number[]; ends: number[] } {
	const starts: number[] = [];
	const ends: number[] = [];
	let essence = '';
	for (const { 0: unit, 1: code, index } of text.matchAll(
		/(?:%(?:25)*|\\u00)([\da-f]{2})|[!-[\]-~]/gi,
	)) {
		const character = code ? String.fromCharCode(parseInt(code, 16)) : unit;
		if (!/[!-[\]-~]/.test(character)) continue;
		essence += USUAL[character] ?? character;
		starts.push(index);
		ends.push(index + unit.length);
	}
	return { text: essence, starts, ends };
}

const USUAL: Record<string, string> = { '-': '+', _: '/' };

function wordsLike(text: string, word: string): Span[] {
	return occurrences(text, word).filter(
		([from, to]) => !/\w/.test(text.charAt(from - 1) + text.charAt(to)),
	);
}

function occurrences(text: string, needle: string): Span[] {
	const spans: Span[] = [];
	for (let from = text.indexOf(needle); from >= 0; from = text.indexOf(needle, from + 1)) {
		spans.push([from, from + needle.length]);
	}
	return spans;
}

function mask(text: string, spans: Span[]): string {
	let masked = '';
	let done = 0;
	for (const [from, to] of spans.sort(([a], [b]) => a - b)) {
		if (from >= done) masked += text.slice(done, from) + MASK;
		done = Math.max(done, to);
	}
	return masked + text.slice(done);
}
