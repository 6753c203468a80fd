import { parseXml, XmlElement, XmlText } from '@rgrove/parse-xml';

/** An element with its child elements and the text directly inside it. */
export interface XmlElementLike {
	readonly name: string;
	readonly attributes: Readonly<Record<string, string>>;
	readonly children: readonly XmlElementLike[];
	readonly text: string;
}

/** The root element of an XML 1.0 document; throws an Error that says where, for anything that is not well-formed. */
export const parseStrictXml = (xml: string): XmlElementLike => {
	const { root } = parseXml(xml);
	if (!root) throw new Error('XML: wanted one root element, got none');
	return readElement(root);
};

const readElement = (element: XmlElement): XmlElementLike => ({
	name: element.name,
	attributes: element.attributes,
	children: element.children.filter((child) => child instanceof XmlElement).map(readElement),
	text: element.children
		.filter((child) => child instanceof XmlText)
		.map((child) => child.text)
		.join(''),
});
