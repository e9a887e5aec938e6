import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { isRecord } from '../shared/json';
import { isTool } from '../shared/tools';
import { Calendar } from './Calendar';

/**
 * Resolves the node's parameters, item by item, and leaves out what n8n need not be asked again.
 *
 * For each single expression n8n builds anew all that an expression can refer to, and by default takes it
 * into a virtual machine and back (n8n-workflow, `expression.ts`): for the three fields of an item that is
 * more work than the request that follows. What most fields hold is a field dragged from the input, and
 * that can be read from the item itself, once n8n has come to the same for an item before.
 */
export class Parameters {
	private readonly resolvers = new Map<string, Resolver>();

	/** What was resolved before its item's turn, by name and item. */
	private readonly ahead = new Map<string, Map<number, unknown>>();

	private readonly filled = new Map<string, boolean>();

	private readonly items: INodeExecutionData[];

	/** @param context the running node */
	constructor(private readonly context: IExecuteFunctions) {
		// What an agent gives a tool is not the item that expressions refer to.
		this.items = isTool(context) ? [] : context.getInputData();
	}

	/**
	 * Resolves one parameter.
	 *
	 * @param name its name; for an option, with that of the collection and a dot before it
	 * @param itemIndex the input item, counted from 0
	 * @returns what it comes to; '' when it is not there
	 * @throws what n8n throws when its expression does not work
	 */
	resolve(name: string, itemIndex: number): unknown {
		const ahead = this.ahead.get(name);
		if (ahead?.has(itemIndex)) {
			const value = ahead.get(itemIndex);
			ahead.delete(itemIndex);
			return value;
		}
		const resolver = this.resolvers.get(name);
		return resolver ? resolver(itemIndex) : this.learn(name, itemIndex);
	}

	/**
	 * Resolves one parameter before its item's turn, when n8n is not asked for it again.
	 *
	 * @param name its name
	 * @param itemIndex the input item, counted from 0
	 * @returns and throws what {@link resolve} does; what is thrown is thrown again then
	 */
	resolveAhead(name: string, itemIndex: number): unknown {
		const value = this.resolve(name, itemIndex);
		const ahead = this.ahead.get(name) ?? new Map<number, unknown>();
		this.ahead.set(name, ahead.set(itemIndex, value));
		return value;
	}

	/**
	 * Tells whether the user has filled a parameter in.
	 *
	 * @param name its name
	 * @param itemIndex any input item, counted from 0
	 * @returns whether anything stands in it, be it an expression that comes to nothing
	 */
	isFilled(name: string, itemIndex: number): boolean {
		const known = this.filled.get(name);
		if (known !== undefined) return known;
		const raw = this.raw(name, itemIndex);
		// The editor leaves the equals sign of an expression that was taken out.
		const isFilled = typeof raw === 'string' && raw.replace(/^=/, '').trim() !== '';
		this.filled.set(name, isFilled);
		return isFilled;
	}

	/**
	 * @param itemIndex the input item, counted from 0
	 * @returns reads dates as the workflow's time zone has them
	 */
	calendar(itemIndex: number): Calendar {
		return new Calendar(this.context, itemIndex);
	}

	private raw(name: string, itemIndex: number): unknown {
		return this.context.getNodeParameter(name, itemIndex, NOTHING, { rawExpressions: true });
	}

	private learn(name: string, itemIndex: number): unknown {
		const ask = (index: number) => this.context.getNodeParameter(name, index, NOTHING);
		const value: unknown = ask(itemIndex);
		const raw = this.raw(name, itemIndex);
		const field = inputFieldOf(raw);
		if (!holdsExpression(raw)) {
			this.resolvers.set(name, () => value);
		} else if (!field) {
			this.resolvers.set(name, ask);
		} else if (isSame(this.read(field, itemIndex), value)) {
			this.resolvers.set(name, (index) => this.read(field, index) ?? ask(index));
		}
		return value;
	}

	/** Nothing, unless the item holds plain text, a number or the like there. */
	private read({ path, toParameter }: InputField, itemIndex: number): unknown {
		const value = path.reduce<unknown>(valueIn, this.items[itemIndex]?.json);
		return ['string', 'number', 'boolean'].includes(typeof value) ? toParameter(value) : undefined;
	}
}

/** What a parameter comes to that is not there. */
const NOTHING = '';

type Resolver = (itemIndex: number) => unknown;

/** A field of the input item that makes up a parameter. */
interface InputField {
	/** The names that lead to it from the item's `json`. */
	path: string[];
	/** What the parameter comes to when the field holds a value. */
	toParameter: (value: unknown) => unknown;
}

function inputFieldOf(raw: unknown): InputField | undefined {
	if (!isRecord(raw)) return inputField(raw, (value) => value);
	// A resource locator.
	const { value: text, ...others } = raw;
	return holdsExpression(others) ? undefined : inputField(text, (value) => ({ ...raw, value }));
}

function inputField(
	text: unknown,
	toParameter: (value: unknown) => unknown,
): InputField | undefined {
	const [, names] = DRAGGED.exec(String(text)) ?? [];
	if (names === undefined) return undefined;
	const path = [...names.matchAll(NAME)].map(
		([, plain, quoted]) => plain ?? quoted?.slice(1, -1) ?? '',
	);
	return { path, toParameter };
}

/** What n8n writes when a field is dragged: `={{ $json.Email }}`, `={{ $json['Your email'] }}`. */
const NAME = /\.([A-Za-z_]\w*)|\[('[^'\\{}\n\r]*'|"[^"\\{}\n\r]*")\]/g;
const DRAGGED = new RegExp(`^=\\{\\{\\s*\\$json((?:${NAME.source})+)\\s*\\}\\}$`);

/** n8n keeps expressions from names that every object has. */
function valueIn(holder: unknown, name: string): unknown {
	return isRecord(holder) && Object.hasOwn(holder, name) && !(name in {})
		? holder[name]
		: undefined;
}

/** n8n takes every text for an expression that begins with an equals sign. */
function holdsExpression(raw: unknown): boolean {
	return JSON.stringify(raw).includes('"=');
}

function isSame(one: unknown, other: unknown): boolean {
	return one !== undefined && JSON.stringify(one) === JSON.stringify(other);
}
