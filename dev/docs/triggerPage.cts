import type { LoyaltyEvent } from '../../nodes/LoyaltyLion/trigger/events.ts';
import { type Sample, samples } from './samples.cts';

/** What stands between these in the page of the trigger is made here. */
const TABLE = /(<!-- events -->\n)[^]*(\n<!-- \/events -->)/;
const SAMPLES = /(<!-- samples -->\n)[^]*(\n<!-- \/samples -->)/;

/**
 * Puts what the trigger knows of its events, and puts out for them, into its page.
 *
 * @param page in Markdown
 * @returns the same with the table of all events, and a sample of each; not formatted
 */
export function withEvents(page: string): string {
	const all = samples();
	return page
		.replace(TABLE, (_, before: string, after: string) => `${before}\n${tableOf(all)}\n${after}`)
		.replace(SAMPLES, (_, before: string, after: string) => `${before}\n${listOf(all)}\n${after}`);
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

/** Each can be opened, and copied as a whole. */
function listOf(all: Sample[]) {
	return all
		.map(({ event: { name, topic }, json }) => {
			const pasted = JSON.stringify([json], null, '\t');
			return `<details>\n<summary>${name}: <code>${topic}</code></summary>\n\n\`\`\`json\n${pasted}\n\`\`\`\n\n</details>`;
		})
		.join('\n\n');
}
