/** The same object with some members replaced; everything else, private state too, is the original's. */
export const overriding = <Target extends object>(target: Target, members: Partial<Target>): Target =>
	new Proxy(target, {
		get: (original, key) => {
			const value: unknown = key in members ? Reflect.get(members, key) : Reflect.get(original, key, original);
			return typeof value === 'function' && !(key in members) ? value.bind(original) : value;
		},
	});
