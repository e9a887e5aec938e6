import type { LoyaltyEvent } from '../../nodes/LoyaltyLion/trigger/events.ts';
import { type Sample, samples } from './samples.cts';

/**
 * Puts what the trigger knows of its events, and puts out for them, into its page.
 *
 * @param page in Markdown
 * @returns the same with the table of all events, and a sample of each; not formatted
 * @throws when the page has no place for them
 */
export function withEvents(page: string): string {
	const all = samples();
	return withPart(withPart(page, 'events', tableOf(all)), 'samples', listOf(all));
}

/** @param name of the two comments between which a part of the page is made here */
function withPart(page: string, name: string, part: string) {
	const between = new RegExp(`(?<=<!-- ${name} -->\n)[^]*(?=\n<!-- /${name} -->)`);
	if (!between.test(page)) throw new Error(`The page has no place for its ${name}.`);
	return page.replace(between, () => `\n${part}\n`);
}

function tableOf(all: Sample[]) {
	const rows = all.map(({ event, json }) => [
		`**${event.name}**`,
		event.description,
		scopesOf(event),
		fieldsOf(json).join(', '),
	]);
	const heads = ['Event', 'When it comes', 'Scope of the key', 'What it tells'];
	return [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function scopesOf({ scopes: { names, areDocumented } }: LoyaltyEvent) {
	const scopes = names.map((name) => `\`${name}\``).join(', ');
	return areDocumented ? scopes : `probably ${scopes}`;
}

/** Those that not every event has. */
function fieldsOf(json: object) {
	return Object.keys(json)
		.filter((name) => !OF_ALL.includes(name))
		.map((name) => `\`${name}\``);
}

const OF_ALL = ['id', 'topic', 'created_at', 'site_domain', 'kind', 'unique_until', 'payload'];

/** Prettier puts it on one line. */
const LIST_OF_ONE = /\[\n\t+("[^"\n]*")\n\t+\]/g;

/** Each can be opened, and copied as a whole. */
function listOf(all: Sample[]) {
	return all
		.map(({ event: { name, topic }, json }) => {
			const pasted = JSON.stringify([json], null, '\t').replace(LIST_OF_ONE, '[$1]');
			return `<details>\n<summary>${name}: <code>${topic}</code></summary>\n\n\`\`\`json\n${pasted}\n\`\`\`\n\n</details>`;
		})
		.join('\n\n');
}
