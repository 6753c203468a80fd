type Child = Node | string | undefined;

interface Properties {
	readonly class?: string;
	readonly title?: string;
	readonly on?: Readonly<Record<string, (event: Event) => void>>;
	readonly [attribute: string]: unknown;
}

/** Makes an element. Texts become text nodes and nothing else, so that nothing a device said is ever markup. */
export const h = <Tag extends keyof HTMLElementTagNameMap>(
	tag: Tag,
	properties: Properties = {},
	...children: readonly (Child | readonly Child[])[]
): HTMLElementTagNameMap[Tag] => {
	const element = document.createElement(tag);
	decorate(element, properties);
	element.append(...children.flat().filter((child) => child !== undefined));
	return element;
};

/** The same for SVG. */
export const svg = (tag: string, properties: Properties = {}, ...children: readonly (Child | readonly Child[])[]): SVGElement => {
	const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
	decorate(element, properties);
	element.append(...children.flat().filter((child) => child !== undefined));
	return element;
};

const decorate = (element: Element, { on = {}, ...attributes }: Properties): void => {
	for (const [name, value] of Object.entries(attributes))
		if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
	for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener);
};
