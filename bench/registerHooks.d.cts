/** Node 24 has it, and the benchmark runs there; the types in use are those of the oldest Node to develop with. */
declare module 'node:module' {
	interface ResolveContext {
		parentURL?: string | undefined;
	}

	type Resolve<Result> = (specifier: string, context: ResolveContext) => Result;

	export function registerHooks(hooks: {
		resolve<Result>(specifier: string, context: ResolveContext, next: Resolve<Result>): Result;
	}): void;
}
